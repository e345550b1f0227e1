import { DeleteAccessKeyCommand } from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import { addUser } from "../../sandbox/iam/state.ts";
import type { AccountState } from "../../sandbox/state.ts";
import { settingsOf } from "../support/settings.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// What the deployed table forgets, by the settings that the deployed functions have.

const dayMs = 24 * 3_600_000;

const settings = settingsOf(`version: 1
controls:
  stale-access-key:
    mode: remediate
    ladder: [{ after: 0d, do: remediate }, { after: 2d, do: finish }]
  unused-access-key: { mode: off }
breaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }
history: { keepResolvedDays: 45 }
`);

const addKey = ({ sandbox }: SmallOrganization, account: AccountState, name: string) => {
  const createdAt = new Date(sandbox.clock.now().getTime() - 200 * dayMs);
  const user = addUser(account, sandbox.ids, { name, createdAt });
  user.accessKeys.push({ id: `AKIA${name.toUpperCase().padEnd(16, "0")}`, secret: "x", status: "Active", createdAt });
  return user;
};

/** A day: the clock, the sweep, the hourly run, and what is on the queues. */
const pass = async ({ sandbox, wiring, functions }: SmallOrganization, days = 1): Promise<void> => {
  for (let day = 0; day < days; day++) {
    sandbox.clock.advance(dayMs);
    await wiring.sweep();
    await functions.escalate();
    await wiring.settle();
  }
};

/** The sort keys of what is stored under such a key, and not forgotten. */
const stored = ({ sandbox: { state, clock } }: SmallOrganization, kind: string): string[] =>
  [...state.tables.values()].flatMap(({ items, expiryAttribute = "" }) =>
    [...items.values()]
      .flatMap((partition) => [...partition.values()])
      .filter((item) => {
        const at = item[expiryAttribute];
        return !(at && "N" in at && Number(at.N) * 1000 <= clock.now().getTime());
      })
      .map(({ PK, SK }) => `${PK && "S" in PK ? PK.S : ""} ${SK && "S" in SK ? SK.S : ""}`)
      .filter((key) => key.includes(kind)),
  );

it("forgets what was resolved and what was finished for good, and keeps what can still be undone", {
  timeout: 120_000,
}, async () => {
  const organization = smallOrganization({ settings });
  const { data, web, iam, store, remediations, repairs, sandbox, wiring } = organization;
  const find = (account: AccountState) => organization.finding(account, "stale-access-key");
  addKey(organization, organization.hub, "owned");
  addKey(organization, data, "standing");
  addKey(organization, web, "finished");
  await wiring.sweep();
  const owned = await find(organization.hub);
  expect(owned.status).toBe("open");
  // Its owner is faster than the hourly run, which asks for the repairs.
  const [key] = organization.hub.users.get("owned")?.accessKeys ?? [];
  await iam(organization.hub).send(new DeleteAccessKeyCommand({ UserName: "owned", AccessKeyId: key?.id }));
  await pass(organization, 3);

  const waiting = await find(web);
  expect(waiting.repair).toMatchObject({ state: "held", interlock: "approved", stage: "final" });
  const { digest = "" } = waiting.repair ?? {};
  const at = sandbox.clock.now().toISOString();
  const approval = { ...{ by: "alice", at, why: "Nobody missed it.", digest }, stage: "final" } as const;
  await store.put({ ...waiting, approval, version: waiting.version + 1 });
  await repairs.send({ kind: "repair", accountId: web.id, findingId: waiting.id, stage: "final" });
  await wiring.settle();
  const finished = await find(web);
  const standing = await find(data);
  expect([(await find(organization.hub)).status, standing.status, finished.status]).toEqual(
    Array.from({ length: 3 }, () => "resolved"),
  );
  expect(finished).toMatchObject({ repair: { state: "repaired", stage: "final" }, outbox: [] });
  const records = await remediations.ofFinding(web.id, finished.id);
  expect(records.map(({ overAt }) => overAt)).toEqual([expect.any(String), expect.any(String)]);
  expect((await remediations.ofFinding(data.id, standing.id)).map(({ overAt }) => overAt)).toEqual([undefined]);

  await pass(organization, 40);
  for (const { account, id } of [owned, standing, finished]) expect(await store.get(account.id, id)).toBeDefined();
  expect(await remediations.ofFinding(web.id, finished.id)).toHaveLength(2);
  const [runs, breakers] = [stored(organization, "RUN#"), stored(organization, "BREAKER#")];
  expect(runs.length).toBeGreaterThan(100);
  expect(breakers.length).toBeGreaterThan(2);

  await pass(organization, 10);
  expect(await store.get(organization.hub.id, owned.id)).toBeUndefined();
  expect(await store.get(web.id, finished.id)).toBeUndefined();
  expect(await remediations.ofFinding(web.id, finished.id)).toEqual([]);
  expect(await store.get(data.id, standing.id)).toMatchObject({ status: "resolved", repair: { state: "held" } });
  const [record] = await remediations.ofFinding(data.id, standing.id);
  expect(record).toMatchObject({ state: "verified" });

  // What stands is undone by its record, months later.
  sandbox.clock.advance(60 * dayMs);
  const { id: remediationId = "" } = record ?? {};
  await repairs.send({
    ...{ kind: "undo", accountId: data.id, remediationId, by: "alice" },
    ...{ why: "It is needed.", force: false },
  });
  await wiring.settle();
  expect(data.users.get("standing")?.accessKeys).toMatchObject([{ status: "Active" }]);
  expect(await store.get(data.id, standing.id)).toMatchObject({ status: "open", repair: { state: "undone" } });

  const left = new Set([...stored(organization, "RUN#"), ...stored(organization, "BREAKER#")]);
  for (const gone of [...runs.slice(0, 8), ...breakers]) expect(left).not.toContain(gone);
  expect(wiring.functionErrors).toEqual([]);
});
