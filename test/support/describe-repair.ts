import { describe, expect, it } from "vitest";
import type { AnyStateControl, PlanContext } from "../../shared/control.ts";
import { IrreversibleError } from "../../shared/errors.ts";
import type { AnyFacts } from "../../shared/facts/facts.ts";
import type { Remediation } from "../../shared/remediation/remediation.ts";
import { isIrreversible, type WriteName } from "../../shared/remediation/step.ts";
import { now } from "./facts.ts";
import { createFaults, type Fault, type Faults, faultKinds } from "./faults.ts";
import {
  findingOf,
  isBroken,
  place,
  type Repaired,
  repairWith,
  repairWorld,
  requestFor,
  undoWith,
} from "./repair-world.ts";

/** Facts that violate a control, and what the settings say. */
export interface RepairCase {
  readonly facts: AnyFacts;
  readonly context: PlanContext<never>;
  /** Why the repair is held, where it is. */
  readonly held?: string;
}

const minuteMs = 60_000;

const worldOf = (control: AnyStateControl, { facts, context }: RepairCase) => {
  let subject = { kind: facts.kind, name: "", arn: "" } as ReturnType<typeof place>;
  const world = repairWorld({ accountId: facts.account.id, start: now }, (account, sandbox) => {
    subject = place(facts, account, sandbox);
  });
  const finding = findingOf(control, facts, subject);
  return { ...world, finding, request: requestFor(control, finding, context) };
};

const remediationOf = (repaired: Repaired): Remediation => {
  expect(repaired).toMatchObject({ outcome: "done" });
  if (repaired.outcome !== "done") throw new Error(JSON.stringify(repaired));
  return repaired.remediation;
};

/** As CloudTrail would name who makes a write. */
const writerOf = (write: WriteName): string =>
  write.startsWith("root:") ? `${write.slice("root:".length)} by root` : `${write} by iam-warden-remediate`;

/** Lets one call of some work go wrong: it ends as a fault ends it, or all the same. */
const breaking = async (fault: Fault, work: (faults: Faults) => Promise<unknown>): Promise<void> => {
  const faults = createFaults(fault);
  try {
    await faults.invoke(() => work(faults));
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
};

/** Every way in which some work can break at any of its calls. */
const faultsIn = async (work: (faults: Faults) => Promise<unknown>): Promise<readonly Fault[]> => {
  const faults = createFaults();
  await faults.invoke(() => work(faults));
  expect(faults.calls.length).toBeGreaterThan(8);
  return faults.calls.flatMap((_, index) => faultKinds.map((kind) => ({ kind, at: index + 1 })));
};

/**
 * Applies and undoes a control's repair on a sandbox: for each case that it repairs the account afterwards is as
 * documented, doing it again changes nothing, and undoing it gives back the account as it was; for the first one, also
 * when the run, or the undo, breaks at any of its calls.
 */
export const describeRepair = (control: AnyStateControl, cases: Readonly<Record<string, RepairCase>>): void => {
  const { repair } = control;
  if (!repair) return;
  const all = Object.entries(cases);
  const [first] = all.map(([, one]) => one).filter(({ held }) => held === undefined);

  describe("repair", () => {
    it.each(all)("%s", async (_, one) => {
      const world = worldOf(control, one);
      const before = world.state();
      const repaired = await repairWith(world.run(), world.request);
      if (one.held !== undefined) {
        expect(repaired).toEqual({ outcome: "held", why: one.held });
        expect(world.writes).toEqual([]);
        return;
      }
      const remediation = remediationOf(repaired);
      expect(remediation).toMatchObject({ state: "verified", failures: 0 });
      const after = world.state();
      expect(after).not.toEqual(before);
      const writers = repair.writes.map(writerOf);
      for (const write of world.writes) expect(writers).toContain(write);

      // Again: nothing to do, and nothing is done.
      const written = world.writes.length;
      const again = await repairWith(world.run(), world.request);
      expect(again.outcome).toBe(repair.contains === undefined ? "notViolating" : "inForce");
      expect(world.writes).toHaveLength(written);

      if (remediation.steps.some(({ step }) => isIrreversible(step))) {
        await expect(undoWith(world.run(), remediation)).rejects.toThrow(IrreversibleError);
        await expect(undoWith(world.run(), remediation, true)).rejects.toThrow(IrreversibleError);
        expect(world.state()).toEqual(after);
        return;
      }
      const undone = await undoWith(world.run(), remediation);
      expect(undone).toMatchObject({ state: "undone", undo: { by: "ann", forced: false, drift: [] } });
      expect(world.state()).toEqual(before);
      for (const write of world.writes) expect(writers).toContain(write);

      // Undone twice, and then left alone until a person says otherwise.
      const undoing = world.writes.length;
      expect(await undoWith(world.run(), remediation)).toEqual(undone);
      const held = await repairWith(world.run(), world.request);
      expect(held).toMatchObject({ outcome: "held", why: expect.stringContaining("it waits for a person") });
      expect(world.writes).toHaveLength(undoing);
    });

    it("needs a person's approval for what cannot be undone", async () => {
      if (!first) return;
      const world = worldOf(control, first);
      const before = world.state();
      const repaired = await repairWith(world.run(), world.request, { approves: false });
      const irreversible = repair.writes.some((write) => write.startsWith("root:"));
      expect(repaired.outcome).toBe(irreversible ? "held" : "done");
      if (irreversible) expect(world.state()).toEqual(before);
    });

    it("is completed by the next run, wherever the first one breaks", async () => {
      if (!first) return;
      const whole = worldOf(control, first);
      await repairWith(whole.run(), whole.request);
      const expected = whole.state();
      const counted = worldOf(control, first);
      for (const fault of await faultsIn((faults) => repairWith(counted.run(faults), counted.request))) {
        const world = worldOf(control, first);
        const before = world.state();
        await breaking(fault, (faults) => repairWith(world.run(faults), world.request));
        world.sandbox.clock.advance(20 * minuteMs);
        const outcome = await repairWith(world.run(), world.request);
        expect(["done", "inForce", "notViolating"], JSON.stringify([fault, outcome])).toContain(outcome.outcome);
        expect(world.state(), JSON.stringify(fault)).toEqual(expected);
        const [remediation, ...others] = await world.store.ofFinding(world.account.id, world.finding.id);
        expect(others).toEqual([]);
        expect(remediation, JSON.stringify(fault)).toMatchObject({ state: "verified", failures: 0 });
        if (!remediation || remediation.steps.some(({ step }) => isIrreversible(step))) continue;
        await undoWith(world.run(), remediation);
        expect(world.state(), JSON.stringify(fault)).toEqual(before);
      }
    }, 120_000);

    it("is undone by the next call, wherever the first one breaks, and not repaired in between", async () => {
      if (!first || repair.writes.some((write) => write.startsWith("root:"))) return;
      const counted = worldOf(control, first);
      const repaired = remediationOf(await repairWith(counted.run(), counted.request));
      for (const fault of await faultsIn((faults) => undoWith(counted.run(faults), repaired))) {
        const world = worldOf(control, first);
        const before = world.state();
        const remediation = remediationOf(await repairWith(world.run(), world.request));
        await breaking(fault, (faults) => undoWith(world.run(faults), remediation));
        const written = world.writes.length;
        const asked = (await world.store.get(world.account.id, remediation.id))?.undo !== undefined;
        const outcome = await repairWith(world.run(), world.request);
        expect(outcome.outcome, JSON.stringify(fault)).toBe(
          asked ? "held" : repair.contains === undefined ? "notViolating" : "inForce",
        );
        expect(world.writes).toHaveLength(written);
        const undone = await undoWith(world.run(), remediation);
        expect(undone, JSON.stringify(fault)).toMatchObject({ state: "undone" });
        expect(world.state(), JSON.stringify(fault)).toEqual(before);
      }
    }, 120_000);

    if (!repair.finalPlan) return;
    it("is made final only by approval, after the repair, and then cannot be undone", async () => {
      if (!first) return;
      const world = worldOf(control, first);
      const final = { ...world.request, stage: "final" } as const;
      const early = await repairWith(world.run(), final);
      expect(early).toMatchObject({ outcome: "held" });
      const remediation = remediationOf(await repairWith(world.run(), world.request));
      const repaired = world.state();
      expect(await repairWith(world.run(), final, { approves: false })).toMatchObject({ outcome: "held" });
      expect(world.state()).toEqual(repaired);
      const last = remediationOf(await repairWith(world.run(), final));
      expect(last).toMatchObject({ state: "verified", stage: "final", approvedBy: expect.stringContaining("ann") });
      expect(world.state()).not.toEqual(repaired);
      await expect(undoWith(world.run(), last)).rejects.toThrow(IrreversibleError);
      await expect(undoWith(world.run(), remediation, true)).rejects.toThrow("does not exist any more");
      expect(await repairWith(world.run(), final)).toMatchObject({ outcome: "notViolating" });
    });
  });
};
