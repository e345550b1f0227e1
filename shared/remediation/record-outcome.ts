import { changeFinding } from "../findings/change.ts";
import type { Finding } from "../findings/finding.ts";
import { failed, repaired, undone } from "../findings/repair-transition.ts";
import { finishDueAt } from "../ladder/ladder.ts";
import { resolve } from "../settings/resolve.ts";
import type { RepairDependencies } from "./dependencies.ts";
import type { Remediation } from "./remediation.ts";
import { isIrreversible } from "./step.ts";
import { inWords } from "./writes.ts";

type Dependencies = Pick<RepairDependencies, "store" | "remediations" | "settings" | "telemetry" | "clock">;

/**
 * Says on a finding what came of its remediation, with what has to be told about it in the same write. Recording the same
 * outcome again changes nothing.
 */
export const recordOutcome = async (
  { store, remediations, settings, telemetry, clock }: Dependencies,
  { account, id }: Pick<Finding, "account" | "id">,
  remediation: Remediation,
): Promise<Finding | undefined> => {
  const { stage, state, approvedBy, by } = remediation;
  const standing = { stage, remediationId: remediation.id };
  const now = clock();
  let isNews = false;
  const next = (finding: Finding): Finding => {
    switch (state) {
      case "verified": {
        const due = finishDue(settings, finding, remediation, now);
        return repaired(
          finding,
          { ...standing, why: done(remediation) },
          {
            resolves: remediation.contained === undefined,
            asOf: new Date(remediation.verifiedAt ?? now),
            by: approvedBy ?? by,
            ...(due && { finishDueAt: due.toISOString() }),
          },
          now,
        );
      }
      case "failed":
        return isRecorded(finding, remediation)
          ? finding
          : failed(finding, { ...standing, why: remediation.failure ?? "It failed." }, now);
      case "undone":
        return undone(finding, { ...standing, why: undoneBecause(remediation), by: remediation.undo?.by ?? by }, now);
      case "intended":
      case "applied":
        return finding;
    }
  };
  // Before the finding says so: after that nobody comes again to do it.
  if (state === "verified" && remediation.steps.every(({ step }) => isIrreversible(step)))
    await close(remediations, remediation, now);
  const recorded = await changeFinding(store, account.id, id, (finding) => {
    // That it was undone is the last word on a remediation, however late another comes.
    if (finding === undefined || isUndone(finding, remediation) || isOvertaken(finding, remediation)) return finding;
    const changed = next(finding);
    isNews = changed !== finding;
    return changed;
  });
  if (isNews && state === "verified") telemetry.count("RepairsMade");
  if (isNews && state === "failed") telemetry.count("RepairsFailed");
  if (isNews && state === "undone") telemetry.count("RepairsUndone");
  return recorded;
};

/** Notes on a remediation that nothing can undo, and on those before it, that they are over: what they changed is gone. */
const close = async (remediations: RepairDependencies["remediations"], last: Remediation, now: Date): Promise<void> => {
  for (const one of await remediations.ofFinding(last.account.id, last.findingId))
    if (one.overAt === undefined && one.id <= last.id)
      await remediations.put({ ...one, overAt: now.toISOString(), version: one.version + 1 });
};

/** The finding with what a run did that died before it could say so. */
export const settle = async (dependencies: Dependencies, finding: Finding): Promise<Finding> => {
  const { repair } = finding;
  if (repair?.state !== "remediating" || repair.remediationId === undefined) return finding;
  const remediation = await dependencies.remediations.get(finding.account.id, repair.remediationId);
  if (remediation === undefined) return finding;
  return (await recordOutcome(dependencies, finding, remediation)) ?? finding;
};

/** An undo that was recorded, and whose message came once more after a later repair. */
const isOvertaken = ({ repair, history }: Finding, { id, undoneAt }: Remediation): boolean =>
  undoneAt !== undefined &&
  repair?.remediationId !== undefined &&
  repair.remediationId > id &&
  history.some(({ what, at }) => what === "undone" && at >= undoneAt);

const isUndone = ({ repair }: Finding, { id }: Remediation): boolean =>
  repair?.state === "undone" && repair.remediationId === id;

const isRecorded = ({ repair }: Finding, { id, failedAt }: Remediation): boolean =>
  repair?.state === "failed" && repair.remediationId === id && failedAt !== undefined && repair.at >= failedAt;

/** What was done, as a sentence, and what was seen afterwards. */
const done = ({ steps, verification }: Remediation): string => {
  const words = steps.map(({ step }) => inWords(step.write)).join(", and ");
  return `It ${words}.${verification === undefined ? "" : ` Read again afterwards: ${lowerFirst(verification)}`}`;
};

/** Why somebody wanted it undone, and what stays. */
const undoneBecause = ({ undo }: Remediation): string => {
  const why = undo?.why ?? "It was undone.";
  return undo?.left === undefined ? why : `${why} (Its tag could not be taken off: ${undo.left})`;
};

const lowerFirst = (sentence: string): string => `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;

const finishDue = (
  settings: Dependencies["settings"],
  finding: Finding,
  { stage }: Remediation,
  now: Date,
): Date | undefined => {
  if (stage !== "repair") return undefined;
  const ladder = resolve(settings, finding.control, finding.account)?.ladder ?? [];
  return finishDueAt(ladder, finding, now);
};
