import {
  CreateLoginProfileCommand,
  DeactivateMFADeviceCommand,
  DeleteLoginProfileCommand,
  GenerateCredentialReportCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { addPerson, failing, type UserSpec } from "../support/iam-account.ts";
import { storeKinds, useStores } from "../support/stores.ts";
import type { DeploymentOptions } from "../support/wired/deployment.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

/** Ten to IAM and STS, three that look at the trails; of the one Region that is watched, its analyzers and what they found. */
const quietCalls = 15;

const hourMs = 3_600_000;

const people: readonly UserSpec[] = [
  { name: "no-mfa", password: { age: 10, usedAgo: 1 } },
  { name: "forgotten", password: { age: 300, usedAgo: 200 }, mfa: "hardware" },
  { name: "old-key", keys: [{ age: 200, usedAgo: 1 }] },
  {
    name: "many-keys",
    keys: [
      { age: 200, usedAgo: 1 },
      { age: 100, usedAgo: 90 },
    ],
  },
  {
    name: "all",
    password: { age: 300, usedAgo: 200 },
    keys: [
      { age: 200, usedAgo: 100 },
      { age: 201, usedAgo: 100 },
    ],
  },
  // More suspicions than three reads verify: how one key was used stays unknown.
  {
    name: "half",
    password: { age: 300, usedAgo: 200 },
    keys: [
      { age: 200, usedAgo: 100 },
      { age: 201, usedAgo: 100 },
    ],
  },
  { name: "guilty", password: { age: 10, usedAgo: 1 } },
];

/** An account of which somebody had IAM make a report an hour ago, all of whose people but `guilty` and `half` were repaired since. */
const repairedSinceReport = async (
  store: FindingStore = createMemoryStore(),
  options: Partial<DeploymentOptions> = {},
) => {
  const organization = wiredOrganization({ store, ...options });
  const { sandbox, data, functions, aws } = organization;
  for (const person of people) addPerson(sandbox, data, person);
  const report = () => organization.iam(data).send(new GenerateCredentialReportCommand({}));
  while ((await report()).State !== "COMPLETE") sandbox.clock.advance(1_000);
  sandbox.clock.advance(hourMs);
  const user = (name: string) => {
    const found = data.users.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  user("no-mfa").mfaDevices.push({ serial: "GAHT-no-mfa", enabledAt: sandbox.clock.now() });
  for (const name of ["forgotten", "all"]) delete user(name).loginProfile;
  for (const name of ["old-key", "all"]) for (const key of user(name).accessKeys) key.status = "Inactive";
  user("many-keys").accessKeys.length = 0;
  addPerson(sandbox, data, { name: "newcomer", age: 0, password: { age: 0 }, mfa: "hardware" });
  sandbox.clock.advance(60_000);

  await functions.listAccounts({}); // It reads the organization.
  let runs = 0;
  /** Sweeps the account: what it came to, and for how many calls. */
  const sweep = async () => {
    const total = () => Object.values(aws.calls()[data.id] ?? {}).reduce((sum, count) => sum + count, 0);
    const before = total();
    runs += 1;
    const runId = `run-${runs}`;
    let answer = await functions.sweepAccount({ runId, account: { id: data.id } });
    while (!answer.done) answer = await functions.sweepAccount(answer);
    const [swept] = await store.listSweeps(runId);
    const { verdicts, unknownCauses } = swept ?? {};
    return { verdicts, unknownCauses, calls: total() - before };
  };
  /** What is open about users, as `control name`. */
  const open = async () =>
    (await store.listOpen(data.id))
      .filter(({ subject }) => subject.kind === "user" || subject.kind === "accessKey")
      .map(({ control, subject }) => `${control} ${subject.name}`)
      .sort();
  return { ...organization, store, user, sweep, open };
};

const guilty = "console-user-without-mfa guilty";

describe.each(storeKinds)("a second sweep on one stale report, findings in %s", (kind) => {
  const newStore = useStores(kind);

  it("comes to the same for at most 15 calls, and opens and resolves nothing", async () => {
    const { sandbox, sweep, open, store, data } = await repairedSinceReport(await newStore());
    const first = await sweep();
    expect(first.calls).toBeGreaterThan(quietCalls);
    expect(await open()).toEqual([
      guilty,
      "console-user-without-mfa half",
      "stale-access-key half",
      "stale-access-key half",
      "two-active-access-keys half",
      "unused-access-key half",
      "unused-console-password half",
    ]);
    expect(first.unknownCauses).toEqual([{ cause: "the credential report is stale", count: 1 }]);
    const found = await store.listAll(data.id);
    for (const laterMs of [60_000, hourMs]) {
      sandbox.clock.advance(laterMs);
      const again = await sweep();
      expect(again.calls).toBeLessThanOrEqual(quietCalls);
      expect(again).toEqual({ ...first, calls: again.calls });
      expect(await store.listAll(data.id)).toEqual(found);
    }
  });
});

describe("whom a sweep verified against a stale report", () => {
  it("is judged anew by the next report, which hides nothing", async () => {
    const { sandbox, sweep, open, user } = await repairedSinceReport();
    await sweep();
    expect(await open()).not.toContain("console-user-without-mfa no-mfa");
    user("no-mfa").mfaDevices.length = 0; // Nobody heard of it.
    await sweep();
    expect(await open()).not.toContain("console-user-without-mfa no-mfa");
    sandbox.clock.advance(4 * hourMs);
    await sweep();
    expect(await open()).toContain("console-user-without-mfa no-mfa");
  });

  it("is convicted at once by an event, and stays so in later sweeps on that report", async () => {
    const { sandbox, sweep, open, iam, data, wiring, user, store } = await repairedSinceReport();
    await sweep();
    sandbox.clock.advance(60_000);
    await iam(data).send(new CreateLoginProfileCommand({ UserName: "forgotten", Password: "correct-Horse-9" }));
    await iam(data).send(new DeactivateMFADeviceCommand({ UserName: "no-mfa", SerialNumber: "GAHT-no-mfa" }));
    await wiring.settle();
    expect(await open()).toContain("console-user-without-mfa no-mfa");
    for (let count = 0; count < 2; count++) {
      sandbox.clock.advance(60_000);
      const { verdicts } = await sweep();
      expect(await open()).toContain("console-user-without-mfa no-mfa");
      expect(verdicts?.violation).toBe((await store.listOpen(data.id)).length);
    }
    user("no-mfa").mfaDevices.push({ serial: "GAHT-new", enabledAt: sandbox.clock.now() });
    sandbox.clock.advance(4 * hourMs);
    await sweep();
    expect(await open()).not.toContain("console-user-without-mfa no-mfa");
  });

  it("is read again where that would accuse anew: what an event resolved stays resolved", async () => {
    const { sandbox, sweep, open, iam, data, wiring, aws } = await repairedSinceReport();
    await sweep();
    expect(await open()).toContain(guilty);
    sandbox.clock.advance(60_000);
    await iam(data).send(new DeleteLoginProfileCommand({ UserName: "guilty" }));
    await wiring.settle();
    expect(await open()).not.toContain(guilty);
    sandbox.clock.advance(60_000);
    const before = aws.calls()[data.id]?.["iam:GetLoginProfile"] ?? 0;
    const { verdicts } = await sweep();
    expect(aws.calls()[data.id]?.["iam:GetLoginProfile"]).toBe(before + 1);
    expect(await open()).not.toContain(guilty);
    const again = await sweep();
    expect(again).toMatchObject({ verdicts });
    expect(again.calls).toBeLessThanOrEqual(quietCalls);
  });

  it("is remembered of users made after a report that is still fresh", async () => {
    const { sandbox, sweep, open, data } = await repairedSinceReport();
    sandbox.clock.advance(4 * hourMs);
    await sweep();
    for (const name of ["x", "y", "z"])
      addPerson(sandbox, data, { name, age: 0, password: { age: 0 }, mfa: "hardware" });
    addPerson(sandbox, data, { name: "late", age: 0, password: { age: 0 } });
    const before = await open();
    expect((await sweep()).calls).toBeGreaterThan(quietCalls);
    sandbox.clock.advance(hourMs);
    expect((await sweep()).calls).toBeLessThanOrEqual(quietCalls);
    expect(await open()).toEqual([...before, "console-user-without-mfa late"].sort());
  });

  it("a deleted user's successor of the same name is another", async () => {
    const { sandbox, sweep, open, data } = await repairedSinceReport();
    await sweep();
    data.users.delete("newcomer");
    addPerson(sandbox, data, { name: "newcomer", age: 0, password: { age: 0 } });
    await sweep();
    expect(await open()).toContain("console-user-without-mfa newcomer");
  });

  it("is forgotten where the sweep died before it was stored, and read again", async () => {
    const memory = createMemoryStore();
    let dies = true;
    const store: FindingStore = {
      ...memory,
      putVerifications: async (made) => {
        if (dies) throw new Error("the invocation died");
        await memory.putVerifications(made);
      },
    };
    const { sweep, open } = await repairedSinceReport(store);
    await expect(sweep()).rejects.toThrow("the invocation died");
    const before = await open();
    dies = false;
    expect((await sweep()).calls).toBeGreaterThan(quietCalls);
    // What was convicted costs no reads any more: those left settle how the second key was used.
    expect(await open()).toEqual([...before, "unused-access-key half"].sort());
    expect((await sweep()).calls).toBeLessThanOrEqual(quietCalls);
  });

  it("is read again where a read was denied, and where what is stored cannot be read", async () => {
    const memory = createMemoryStore();
    let isBroken = false;
    const store: FindingStore = {
      ...memory,
      verifications: async (accountId) => {
        if (isBroken) throw new MalformedInputError("The stored verifications cannot be read");
        return memory.verifications(accountId);
      },
    };
    const { sandbox, sweep, open, telemetry } = await repairedSinceReport(store);
    const allow = failing(sandbox, "ListMFADevices");
    const denied = await sweep();
    expect(denied.unknownCauses).toContainEqual({ cause: "iam:ListMFADevices was denied", count: expect.any(Number) });
    expect(await open()).not.toContain(guilty);
    allow();
    await sweep();
    expect(await open()).toContain(guilty);
    expect((await sweep()).calls).toBeLessThanOrEqual(quietCalls);
    isBroken = true;
    expect((await sweep()).calls).toBeGreaterThan(quietCalls);
    expect(telemetry.lines).toContainEqual(expect.objectContaining({ level: "warn" }));
  });

  it("is the same when every invocation has time for one subject only", async () => {
    const hasty = await repairedSinceReport(createMemoryStore(), { remainingMs: () => 0 });
    const leisurely = await repairedSinceReport();
    const { verdicts, unknownCauses } = await leisurely.sweep();
    expect(await hasty.sweep()).toMatchObject({ verdicts, unknownCauses });
    expect(await hasty.open()).toEqual(await leisurely.open());
  });
});
