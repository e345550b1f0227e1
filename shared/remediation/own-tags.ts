import type { RecordedStep, Remediation, SlotState } from "./remediation.ts";
import { isOwnTag } from "./step.ts";

// iam-warden's own tags say on a role what it did there, for whoever comes across it. They decide nothing: whether a plan is
// the one that was approved, whether a repair stands and whether it may be undone goes by the other steps.

/**
 * A captured step with what stood there before iam-warden: where an own tag of an earlier remediation stands that was not
 * undone, what that one found there.
 */
export const beneathOwnTags = (captured: RecordedStep, earlier: readonly Remediation[]): RecordedStep => {
  const { before } = captured;
  if (!isOwnTag(captured.step) || before.kind !== "roleTag" || before.value === null) return captured;
  const left = earlier
    .flatMap(({ state, steps }) => (state === "undone" ? [] : steps))
    .findLast(
      ({ step, before: found }) =>
        step.write.operation === "TagRole" &&
        step.write.value === before.value &&
        found.kind === "roleTag" &&
        found.roleId === before.roleId,
    );
  return left === undefined ? captured : { ...captured, before: left.before };
};

/** Under its own key iam-warden sets a tag whatever stands there; but on no other role of the same name. */
export const isToBeTagged = ({ step, before }: RecordedStep, now: SlotState): boolean =>
  isOwnTag(step) && before.kind === "roleTag" && now.kind === "roleTag" && now.roleId === before.roleId;

/**
 * Whether undo has to take an own tag off again, or bring back what stood there. What somebody has put there since, or that
 * they took it off, stays, unless undo is forced; one that was never set leaves nothing to do.
 */
export const isToBeUntagged = (
  recorded: RecordedStep,
  now: SlotState,
  standing: "before" | "partly" | "done" | "drifted",
  force: boolean,
): boolean => {
  if (!isToBeTagged(recorded, now)) return false;
  if (standing === "drifted") return force;
  return standing === "done" || recorded.doneAt !== undefined;
};
