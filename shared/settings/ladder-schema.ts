import * as z from "zod";
import type { AnyControl } from "../control.ts";
import { duration } from "./durations.ts";

/** In the order in which they make sense. */
const actions = ["notify", "remediate", "finish"] as const;
export type LadderAction = (typeof actions)[number];

/** What happens to a finding so many hours after its first notice was delivered. */
export interface LadderStep {
  readonly afterHours: number;
  readonly do: LadderAction;
}

/** Ordered by `afterHours`. */
export type Ladder = readonly LadderStep[];

const hasFinalPlan = (control: AnyControl): boolean =>
  control.type === "state" && control.repair?.finalPlan !== undefined;

const hasRepair = (control: AnyControl): boolean => control.type === "state" && control.repair !== undefined;

const repairsByItself = (control: AnyControl): boolean =>
  control.type === "state" && control.repair !== undefined && control.repair.waitsForApproval !== true;

const defaultLadder: Ladder = [
  { afterHours: 0, do: "notify" },
  { afterHours: 7 * 24, do: "remediate" },
];

/** The ladder of a control whose settings give none. */
export const defaultLadderOf = (control: AnyControl): Ladder =>
  repairsByItself(control) ? defaultLadder : defaultLadder.filter((step) => step.do === "notify");

const mostSteps = 10;

/** Of what is removed for good, somebody must have had a day to miss it. */
const hoursToFinish = 24;

const description =
  "What happens to an open finding, and how long after its first notice was delivered: 36h or 7d, in ascending order; 0d is at once with that notice. The first notice is always sent. notify: told again. remediate: repaired, once, in mode remediate only; without this step a person has to approve each repair.";

const finishDescription =
  " finish: what was disabled is deleted, at least 1d after remediate, and only if a person approved it.";

const ladderOf = (allowed: readonly LadderAction[]) =>
  z
    .array(
      z
        .strictObject({ after: duration, do: z.enum(allowed) })
        .transform(({ after, do: action }): LadderStep => ({ afterHours: after, do: action })),
    )
    .min(1)
    .max(mostSteps)
    .check(({ value, issues }) => {
      for (const [index, step] of value.entries()) {
        const message = misplaced(step, value.slice(0, index));
        if (message !== undefined) issues.push({ code: "custom", path: [index], input: step, message });
      }
    });

/** What is wrong with a step after those that stand before it. */
const misplaced = (step: LadderStep, earlier: readonly LadderStep[]): string | undefined => {
  const last = earlier.at(-1);
  if (last !== undefined && step.afterHours < last.afterHours)
    return "comes earlier than the step before it; write the steps in ascending order of after";
  if (step.do === "notify") return undefined;
  if (earlier.some((other) => other.do === step.do)) return `is the second ${step.do}; write it only once`;
  if (step.do === "remediate") return undefined;
  const repaired = earlier.find((other) => other.do === "remediate");
  if (repaired === undefined) return "finishes what was not repaired; write a step with do: remediate before it";
  if (step.afterHours < repaired.afterHours + hoursToFinish)
    return "finishes less than a day after remediate; write an after that is at least 1d later";
  return undefined;
};

const ladders = {
  told: ladderOf(["notify"]).meta({ id: "notifyLadder", description }),
  repaired: ladderOf(["notify", "remediate"]).meta({ id: "repairLadder", description }),
  finished: ladderOf(actions).meta({ id: "finishLadder", description: description + finishDescription }),
};

/** The ladders that may be written for a control: what it has no plan for is none of their steps. */
export const ladderSchema = (control: AnyControl) => {
  if (!hasRepair(control)) return ladders.told;
  return hasFinalPlan(control) ? ladders.finished : ladders.repaired;
};
