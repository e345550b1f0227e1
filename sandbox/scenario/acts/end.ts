import { demand, demandEqual } from "../demand.ts";
import { demandHealth } from "../health.ts";
import type { Stage } from "../stage.ts";
import { approve } from "./care.ts";
import { troublesOf } from "./outages.ts";

/** The next day: last steps that people approve, another sweep, and a doctor who finds nothing wrong. */
export const end = async (stage: Stage): Promise<void> => {
  const { data, management, ask, wiring, told } = stage;
  for (const account of [data, management]) {
    await approve(stage, account, "stale-access-key", "final", "robot");
    demandEqual(account.users.get("robot")?.accessKeys, [], `a stale key of ${account.name} is deleted at last`);
  }
  await mendedMeanwhile(stage);
  const digests = () => told("news@example.com").filter((kind) => kind === "digest").length;
  const before = digests();
  await stage.hours(28, 14);
  demand(digests() > before, "the next sweep is told, too");
  demandHealth(stage);
  demandEqual(wiring.waiting, 0, "nothing waits");
  demandEqual(wiring.deadLetters, [], "nothing is laid aside");

  const hub = await ask("doctor", { command: "hub" });
  demandEqual(troublesOf(hub.checks), [], "the hub is well");
  const { accounts } = await ask("doctor", { command: "accounts" });
  const seen = accounts.find(({ account }: { account: { id: string } }) => account.id === data.id)?.account;
  demandEqual(seen?.ouPath, "Root/Prod", "the doctor knows where an account is");
  for (const { account, checks } of accounts) demandEqual(troublesOf(checks), [], `${account.name} is watched`);
  for (const { id, name } of [data, management, stage.hub]) {
    const { checks } = await ask("doctor", { command: "account", account: id });
    demandEqual(troublesOf(checks), [], `${name} is well`);
  }
};

/** A repair comes to what somebody has mended unheard, and worsened: it judges anew whom it came to. */
const mendedMeanwhile = async ({ data, store, wiring, sandbox }: Stage): Promise<void> => {
  const bob = data.users.get("bob");
  const finding = (await store.listAll(data.id)).find(
    ({ control, subject }) => control === "unused-access-key" && subject.name === "bob",
  );
  demand(bob !== undefined && finding?.status === "open", "bob has an unused key");
  for (const key of bob?.accessKeys ?? []) key.status = "Inactive";
  const createdAt = sandbox.clock.now();
  for (const id of ["AKIABOBSNEWKEY000001", "AKIABOBSNEWKEY000002"])
    bob?.accessKeys.push({ id, secret: "x", status: "Active", createdAt });
  wiring.sendRepair(JSON.stringify({ kind: "repair", accountId: data.id, findingId: finding?.id, stage: "repair" }));
  await wiring.settle();
  const found = (await store.listAll(data.id)).filter(
    ({ subject, status }) => subject.name === "bob" && status === "open",
  );
  const owners = found.find(({ control }) => control === "two-active-access-keys")?.owners;
  demandEqual(owners, ["payments"], "what a repair finds besides has the account's owner");
};
