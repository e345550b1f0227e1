import type { Finding } from "../findings/finding.ts";
import type { Stage } from "../remediation/remediation.ts";
import type { Ladder, LadderAction } from "../settings/settings.ts";

const hourMs = 3_600_000;
const after = (at: string, hours: number): Date => new Date(Date.parse(at) + hours * hourMs);

/** After how many hours the ladder repairs; `undefined` if it never does. */
export const repairAfterHours = (ladder: Ladder): number | undefined =>
  ladder.find((step) => step.do === "remediate")?.afterHours;

/** A step that repairs, with the time before which it must not run, and when people are reminded of it. */
export interface Due {
  readonly do: Exclude<LadderAction, "notify">;
  readonly dueAt: Date;
  /** Absent for a step that follows the first notice at once: that notice is the warning. */
  readonly remindAt?: Date;
}

/**
 * When the repair of a finding is due: counted from the first delivered notice that said so, never from when the violation
 * began. `undefined` as long as nobody was warned, or where the ladder repairs nothing.
 * @param remindBeforeHours how long before a step people are reminded; at most half of the time that the step waits
 */
export const repairDue = (
  ladder: Ladder,
  { warnedAt }: Pick<Finding, "warnedAt">,
  remindBeforeHours: number,
): Due | undefined => {
  const hours = repairAfterHours(ladder);
  if (hours === undefined || warnedAt === undefined) return undefined;
  const lead = leadHours(hours, remindBeforeHours);
  return {
    do: "remediate",
    dueAt: after(warnedAt, hours),
    ...(lead > 0 && { remindAt: after(warnedAt, hours - lead) }),
  };
};

const leadHours = (hours: number, remindBeforeHours: number): number => Math.min(remindBeforeHours, hours / 2);

/** When the final repair is due, of a finding that is being repaired now. */
export const finishDueAt = (ladder: Ladder, { warnedAt }: Pick<Finding, "warnedAt">, now: Date): Date | undefined => {
  const step = ladder.find(({ do: action }) => action === "finish");
  const first = repairAfterHours(ladder) ?? 0;
  if (step === undefined) return undefined;
  // A repair that came late, or by a person's approval, leaves people the same time to miss what it took away.
  const notBefore = after(now.toISOString(), step.afterHours - first);
  return warnedAt === undefined || notBefore > after(warnedAt, step.afterHours)
    ? notBefore
    : after(warnedAt, step.afterHours);
};

/**
 * Why the ladder does not let a stage happen yet, as a sentence; `undefined` if it is due. A step that people have to be
 * reminded of waits for the reminder to be delivered, and then as long as reminders come before their steps.
 */
export const notDue = (
  ladder: Ladder,
  finding: Pick<Finding, "warnedAt" | "reminded" | "finishDueAt">,
  stage: Stage,
  { now, remindBeforeHours }: { readonly now: Date; readonly remindBeforeHours: number },
): string | undefined => {
  if (stage === "final") {
    if (finding.finishDueAt === undefined) return "The ladder has no last step for it.";
    return now.getTime() < Date.parse(finding.finishDueAt) ? waits("finishes it", finding.finishDueAt) : undefined;
  }
  const due = repairDue(ladder, finding, remindBeforeHours);
  if (due === undefined) {
    return repairAfterHours(ladder) === undefined
      ? "The ladder never repairs it."
      : "Nobody has been told yet that it will be repaired.";
  }
  if (now < due.dueAt) return waits("repairs it", due.dueAt.toISOString());
  if (due.remindAt === undefined) return undefined;
  if (!isReminded(due, finding)) return "Nobody has been reminded yet that it is about to be repaired.";
  const lead = due.dueAt.getTime() - due.remindAt.getTime();
  const at = new Date(Date.parse(finding.reminded?.at ?? "") + lead);
  return now < at ? waits("repairs it", at.toISOString()) : undefined;
};

/** Whether people were reminded of just this step, and no earlier than is meant. */
const isReminded = ({ dueAt, remindAt }: Due, { reminded }: Pick<Finding, "reminded">): boolean =>
  reminded?.dueAt === dueAt.toISOString() && (remindAt === undefined || Date.parse(reminded.at) >= remindAt.getTime());

const waits = (what: string, at: string): string => `The ladder ${what} at ${at}.`;

/**
 * What people have to be reminded of now: the repair that is about to be made or, by a ladder's later `notify` step, that
 * nothing has been done about the finding. `undefined` if they were, or nothing is near.
 */
export const reminderDue = (
  ladder: Ladder,
  finding: Pick<Finding, "warnedAt" | "reminded">,
  { now, remindBeforeHours }: { readonly now: Date; readonly remindBeforeHours: number },
): { readonly dueAt: string } | undefined => {
  const due = repairDue(ladder, finding, remindBeforeHours);
  if (due === undefined || finding.warnedAt === undefined) return undefined;
  const dueAt = due.dueAt.toISOString();
  const reminded = finding.reminded?.at;
  if (due.remindAt !== undefined && now >= due.remindAt && !isReminded(due, finding)) return { dueAt };
  const { warnedAt } = finding;
  const again = ladder
    .filter((step) => step.do === "notify" && step.afterHours > 0)
    .map((step) => after(warnedAt, step.afterHours))
    .filter((at) => at <= now && at < due.dueAt)
    .at(-1);
  return again !== undefined && (reminded === undefined || Date.parse(reminded) < again.getTime())
    ? { dueAt }
    : undefined;
};
