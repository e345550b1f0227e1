import { describe, expect, it } from "vitest";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { createFaults, type Fault, sampledFaults } from "../support/faults.ts";
import { approve, hourMs, kinds, nowOf } from "../support/repair-flow.ts";
import {
  expectSame,
  type RepairOutcome,
  type Scene,
  scenes,
  stateOf,
  whatIsKept,
  whatWasDone,
} from "../support/repair-scenes.ts";
import { smallOrganization } from "../support/small-organization.ts";

// The function that repairs, as deployed, and the hourly run after it: a call on the wire fails, or the function dies at it. The
// queue gives it the same message again, Lambda repeats the hourly run; what has come of it has to be what it is without.

interface Outcome extends RepairOutcome {
  readonly calls: readonly string[];
  /** How many of them were before the message whose work a fault befalls. */
  readonly before: number;
  readonly deadLetters: number;
}

/** A repair, or a repair and then its undo, with a fault at one call of the last of them or of the hourly run after it. */
const run = async (
  { control, settings, arrange, approved }: Scene,
  what: "repair" | "undo",
  fault?: Fault,
): Promise<Outcome> => {
  const faults = createFaults(fault);
  const organization = smallOrganization({ settings, faults });
  const { data, sandbox, wiring, remediations, watches } = organization;
  const { clock, state } = sandbox;
  arrange(organization);
  await wiring.sweep();
  // What events would tell besides is another function's.
  for (const [id, { functionArn }] of state.eventSourceMappings)
    if (state.functions.get(functionArn)?.entry === "intake") state.eventSourceMappings.delete(id);
  const found = await organization.finding(data, control);
  const repair: RepairMessage = { kind: "repair", accountId: data.id, findingId: found.id, stage: "repair" };
  const undo: RepairMessage = {
    ...{ kind: "undo", accountId: data.id, remediationId: `${found.id}-0001` },
    ...{ by: "alice", why: "It broke the build.", force: false },
  };
  const deliver = async (message: RepairMessage): Promise<void> => {
    wiring.sendRepair(JSON.stringify(message));
    await wiring.settle();
  };
  if (approved) {
    await deliver(repair);
    clock.advance(1_000);
    await approve(organization, found);
  }
  if (what === "undo") await deliver(repair);
  const before = faults.calls.length;
  await deliver(what === "undo" ? undo : repair);
  // Where the settings could not be read it is asked for again.
  clock.advance(hourMs);
  await wiring.runSchedules();
  await wiring.settle();
  const calls = [...faults.calls];
  // The same message once more does nothing.
  const { length } = kinds(organization);
  const then = await nowOf(organization, found);
  await deliver(what === "undo" ? undo : repair);
  expect(kinds(organization)).toHaveLength(length);
  expect(await nowOf(organization, found)).toEqual(then);

  const made = await remediations.ofFinding(data.id, found.id);
  return {
    ...{ calls, before, kinds: kinds(organization), state: stateOf(organization), finding: whatIsKept(then) },
    remediations: whatWasDone(made),
    taken: await watches.of({ accountId: data.id, kind: "role", name: "app" }, new Date(0)).then((all) => all.length),
    deadLetters: wiring.deadLetters.length,
  };
};

const isRead = (call: string): boolean =>
  /^(?:Get|List|Describe|Simulate|Generate|AssumeRo|Query|GET |POST \/configuration)/.test(call);

/** Some of each operation: in one scene the reads too, before which a fault is as good as after. */
const faultsFor = ({ calls, before }: Outcome, isThorough: boolean): readonly Fault[] => {
  const [writes, reads] = isThorough ? [2, 1] : [1, 0];
  return sampledFaults(calls, { since: before, most: (call) => (isRead(call) ? reads : writes) });
};

describe.each(Object.entries(scenes))("%s", (name, scene) => {
  const undoable = scene.approved ? (["repair"] as const) : (["repair", "undo"] as const);
  it.each(undoable)(
    "comes to the same whatever fails at a call of its %s, and at most one notice is repeated",
    async (what) => {
      const calm = await run(scene, what);
      expect(calm.finding).toMatchObject({ repair: { state: what === "undo" ? "undone" : "repaired" }, outbox: [] });
      for (const fault of faultsFor(calm, name === "a stale key")) {
        try {
          const outcome = await run(scene, what, fault);
          expectSame(outcome, calm);
          expect(outcome.deadLetters).toBe(0);
        } catch (cause) {
          const { kind, at } = fault;
          throw new Error(`When call ${at}, ${calm.calls[at - 1]}, ${kind} taking effect`, { cause });
        }
      }
    },
    300_000,
  );
});
