import { describe, expect, it } from "vitest";
import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { createSnsNotifier } from "../../shared/notify/sns.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { managementAccountId } from "../../shared/organization/management-account.ts";
import type { RepairDependencies } from "../../shared/remediation/dependencies.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { createRepairs } from "../../shared/remediation/receive.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { createFaults, type Fault, type Faults, faultKinds, faultyCalls, faultyHandler } from "../support/faults.ts";
import { sameViews } from "../support/organization-views.ts";
import { approve, kinds, nowOf, repairing, withStaleKey } from "../support/repair-flow.ts";
import {
  expectSame,
  type RepairOutcome,
  type Scene,
  scenes,
  stateOf,
  whatIsKept,
  whatWasDone,
} from "../support/repair-scenes.ts";
import { remediationRole } from "../support/wired/deployment.ts";
import { type WiredOrganization, wiredOrganization } from "../support/wired/organization.ts";

// What the function that repairs does of a message, broken off at every single call to a store or to AWS, and begun again. Its own
// entry, as deployed, breaks off at calls on the wire in `test/e2e/crash-repair.test.ts`.

const minuteMs = 60_000;

/** The function's dependencies, of which everything outside goes through `faults`. */
const dependenciesOf = (
  { sandbox, place, store, remediations, breakers, exemptions, telemetry }: WiredOrganization,
  settings: Settings,
  watches: RepairDependencies["watches"],
  faults: Faults,
): RepairDependencies => {
  const clock = () => sandbox.clock.now();
  const config = sandbox.clientConfig(place.credentials);
  const access = (roleName: string) =>
    createAwsAccess({
      ...config,
      requestHandler: faultyHandler(config.requestHandler, faults),
      ...{ ownAccountId: place.accountId, assumeInOwnAccount: true, clock, maxAttempts: 1 },
      ...{ roleName, sessionName: roleName },
    });
  const audit = access("iam-warden-audit");
  return {
    audit,
    remediate: access(remediationRole),
    store: faultyCalls("findings", store, faults),
    remediations: faultyCalls("remediations", remediations, faults),
    breakers: faultyCalls("breakers", breakers, faults),
    exemptions: faultyCalls("exemptions", exemptions, faults),
    watches: faultyCalls("watches", watches, faults),
    notifier: createSnsNotifier({ client: audit.sns(), topicArn: place.topicArn }),
    settings,
    listAccounts: () => listAccounts(audit),
    organization: sameViews,
    managementAccountId: () => managementAccountId(audit),
    telemetry,
    clock,
    sleep: async (ms) => sandbox.clock.advance(ms),
  };
};

/** A sweep of the one account that matters, and its digest. */
const sweepData = async ({ functions, data }: WiredOrganization): Promise<void> => {
  const plan = await functions.listAccounts({});
  const accounts = plan.accounts.filter(({ id }) => id === data.id);
  for (const account of accounts) await functions.sweepAccount({ runId: plan.runId, account });
  await functions.digest({ ...plan, accounts });
};

interface Outcome extends RepairOutcome {
  readonly calls: readonly string[];
  readonly tries: number;
}

/** A repair, or a repair and then its undo, with a fault at one call of the last of them; the queue's five tries. */
const run = async (scene: Scene, what: "repair" | "undo", fault?: Fault): Promise<Outcome> => {
  const organization = wiredOrganization({ settings: scene.settings });
  const { data, sandbox, wiring, store, remediations } = organization;
  scene.arrange(organization);
  await sweepData(organization);
  // What events would tell besides is another function's.
  wiring.close();
  const found = await organization.finding(data, scene.control);
  const watches = createMemoryWatchStore();
  const repair: RepairMessage = { kind: "repair", accountId: data.id, findingId: found.id, stage: "repair" };
  const undo: RepairMessage = {
    ...{ kind: "undo", accountId: data.id, remediationId: `${found.id}-0001` },
    ...{ by: "alice", why: "It broke the build.", force: false },
  };
  const deliver = async (message: RepairMessage, faults: Faults): Promise<number> => {
    for (let tries = 1; tries <= 5; tries++) {
      // A function that died starts anew.
      const repairs = createRepairs(dependenciesOf(organization, scene.settings, watches, faults));
      const messages = [{ messageId: "m", body: JSON.stringify(message) }];
      const failed = await faults
        .invoke(() => repairs(messages, () => 15 * minuteMs))
        .then(({ batchItemFailures }) => batchItemFailures.length > 0)
        .catch(() => true);
      if (!failed) return tries;
      sandbox.clock.advance(15 * minuteMs);
    }
    throw new Error("the message was laid aside");
  };
  if (scene.approved) {
    await deliver(repair, createFaults());
    sandbox.clock.advance(1_000);
    await approve({ store, sandbox }, found);
  }
  if (what === "undo") await deliver(repair, createFaults());
  const faults = createFaults(fault);
  const tries = await deliver(what === "undo" ? undo : repair, faults);
  // The same message once more does nothing.
  const { length } = kinds(organization);
  const before = await nowOf(organization, found);
  await deliver(what === "undo" ? undo : repair, createFaults());
  expect(kinds(organization)).toHaveLength(length);
  expect(await nowOf(organization, found)).toEqual(before);

  const made = await remediations.ofFinding(data.id, found.id);
  return {
    calls: faults.calls,
    tries,
    kinds: kinds(organization),
    state: stateOf(organization),
    finding: whatIsKept(before),
    remediations: whatWasDone(made),
    taken: await watches.of({ accountId: data.id, kind: "role", name: "app" }, new Date(0)).then((all) => all.length),
  };
};

const isRead = (name: string): boolean =>
  /^(?:Get|List|Describe|Simulate)|\.(?:get|ofFinding|of|list|look|populations)$/.test(name);

/** Before a call that has no effect is as good as after it. */
const kindsFor = (name: string, isSampled = false): readonly Fault["kind"][] => {
  if (!isRead(name)) return faultKinds;
  return isSampled ? [] : ["fails before", "dies before"];
};

describe.each(Object.entries(scenes))("%s", (_, scene) => {
  const undoable = scene.approved ? (["repair"] as const) : (["repair", "undo"] as const);
  it.each(undoable)(
    "comes to the same whatever fails at whichever call of its %s, and at most one notice is repeated",
    async (what) => {
      const calm = await run(scene, what);
      expect(calm.tries).toBe(1);
      expect(calm.finding).toMatchObject({ repair: { state: what === "undo" ? "undone" : "repaired" }, outbox: [] });
      for (const [index, name] of calm.calls.entries()) {
        for (const kind of kindsFor(name, scene.isSampled)) {
          const fault = { kind, at: index + 1 };
          try {
            const outcome = await run(scene, what, fault);
            expectSame(outcome, calm);
          } catch (cause) {
            throw new Error(`When call ${fault.at}, ${name}, ${kind}`, { cause });
          }
        }
      }
    },
    300_000,
  );
});

describe("a batch", () => {
  it("fails message by message, each with its reason", async () => {
    const world = await withStaleKey();
    const watches = createMemoryWatchStore();
    const repairs = createRepairs(dependenciesOf(world, repairing("stale-access-key"), watches, createFaults()));
    const { account, id: findingId } = world.found;
    const good = { kind: "repair", accountId: account.id, findingId, stage: "repair" };
    const messages = [
      { messageId: "not JSON", body: "{" },
      { messageId: "not a repair", body: JSON.stringify({ ...good, kind: "delete" }) },
      { messageId: "good", body: JSON.stringify(good) },
      { messageId: "of nothing", body: JSON.stringify({ ...good, findingId: "f00" }) },
    ];
    expect(await repairs(messages, () => 15 * minuteMs)).toEqual({
      batchItemFailures: [{ itemIdentifier: "not JSON" }, { itemIdentifier: "not a repair" }],
    });
    expect(world.key.status).toBe("Inactive");
    expect(world.telemetry.counted("RepairsBroken")).toBe(2);
    expect(world.telemetry.lines.filter(({ level }) => level === "error")).toHaveLength(2);
  });

  it("is not begun when time is too short for it", async () => {
    const world = await withStaleKey();
    const watches = createMemoryWatchStore();
    const faults = createFaults();
    const repairs = createRepairs(dependenciesOf(world, repairing("stale-access-key"), watches, faults));
    const { account, id: findingId } = world.found;
    const body = JSON.stringify({ kind: "repair", accountId: account.id, findingId, stage: "repair" });
    const answer = await faults.invoke(() => repairs([{ messageId: "late", body }], () => 2 * minuteMs - 1));
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "late" }]);
    expect(faults.calls).toEqual([]);
    expect(world.telemetry.counted("RepairsRetried")).toBe(1);
  });

  it("of two functions at once over one finding makes one repair and tells it once", async () => {
    const world = await withStaleKey();
    const watches = createMemoryWatchStore();
    const { account, id: findingId } = world.found;
    const body = JSON.stringify({ kind: "repair", accountId: account.id, findingId, stage: "repair" });
    const repairs = () =>
      createRepairs(dependenciesOf(world, repairing("stale-access-key"), watches, createFaults()))(
        [{ messageId: "m", body }],
        () => 15 * minuteMs,
      );
    const answers = await Promise.all([repairs(), repairs()]);
    for (const { batchItemFailures } of answers) if (batchItemFailures.length > 0) await repairs();
    await world.wiring.settle();
    expect(await nowOf(world, world.found)).toMatchObject({ status: "resolved", repair: { state: "repaired" } });
    expect(await world.remediations.ofFinding(account.id, findingId)).toHaveLength(1);
    expect(kinds(world)).toEqual(["repaired"]);
  });
});
