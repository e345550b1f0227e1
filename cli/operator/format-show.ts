import type { Finding, HistoryEntry } from "../../shared/findings/finding.ts";
import { counted } from "../../shared/notify/words.ts";
import type { History, Shown } from "../../shared/operator/show.ts";
import { isIrreversible } from "../../shared/remediation/step.ts";
import { inWords } from "../../shared/remediation/writes.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { renderTable } from "../table.ts";
import { accountWords, rowsOf, stopWords, subjectWords } from "./words.ts";

/** For people: all that is known of a finding. */
export const formatShown = ({ finding, status, dueAt, remediations }: Shown, width: number): string => {
  const { repair, approval, exemption } = finding;
  const latest = remediations.at(-1);
  const rows = rowsOf({
    status: finding.repair && finding.repair.state !== status ? `${status} (${finding.repair.state})` : status,
    severity: finding.severity,
    control: finding.control,
    where: `${subjectWords(finding.subject)} in ${accountWords(finding.account)}`,
    arn: finding.subject.arn,
    reason: finding.reason,
    owners: finding.owners?.join(", "),
    opened: finding.openedAt,
    seen: finding.activity && seenWords(finding.activity),
    told: finding.notifiedAt,
    "will repair": dueAt && `at ${dueAt}, told at ${finding.warnedAt}`,
    resolved: finding.resolvedAt,
    "changed by":
      finding.actor && `${finding.actor.arn ?? "somebody"}, ${finding.actor.eventName} at ${finding.actor.at}`,
    repair: repair && `${repair.state} since ${repair.at}: ${repair.why}`,
    "held by": repair?.state === "held" && repair.interlock ? stopWords(repair.interlock) : undefined,
    digest: repair?.digest,
    "cuts off": repair?.losses?.map(({ service, action }) => (action ? `${service}:${action}` : service)).join(", "),
    denied: repair?.denied?.join(", "),
    "last step": finding.finishDueAt,
    approved: approval && `by ${approval.by} at ${approval.at}, digest ${approval.digest}: ${approval.why}`,
    excused:
      exemption && `until ${exemption.until} by ${exemption.by}: ${exemption.reason} (exemption ${exemption.id})`,
    remediation: latest && `${latest.id}, ${latest.state}`,
    evidence: JSON.stringify(finding.evidence),
    "not told yet": finding.outbox.length === 0 ? undefined : finding.outbox.map(({ kind }) => kind).join(", "),
  });
  return renderTable(["FINDING", finding.id], rows, width);
};

const seenWords = ({ count, lastAt, onlyAttempts }: NonNullable<Finding["activity"]>): string =>
  `${counted(count, onlyAttempts ? "attempt" : "record")}, the latest at ${lastAt}`;

/** For people: what happened to a finding, and what was done about it, step by step. */
export const formatHistory = (
  { finding, status, remediations, earlierRemediations }: History,
  width: number,
): string => {
  const head = `${finding.id} ${finding.severity} ${finding.control}, ${status}\n${subjectWords(finding.subject)} in ${accountWords(finding.account)}\n`;
  const parts = [head, renderTable(["WHEN", "WHAT", "WHO AND WHY"], finding.history.map(entryRow), width)];
  if (earlierRemediations > 0) parts.push(`${earlierRemediations} earlier remediations are not shown.\n`);
  for (const one of remediations) {
    const rows = rowsOf({
      state: one.state,
      stage: one.stage,
      begun: `${one.intendedAt} by ${one.by}: ${one.why}`,
      "approved by": one.approvedBy,
      verified: one.verifiedAt && `${one.verifiedAt}: ${one.verification ?? ""}`,
      failed: one.failure && `${one.failedAt}, ${one.failures}×: ${one.failure}`,
      undone:
        one.undo &&
        `${one.undoneAt ?? "not yet"}, by ${one.undo.by}${one.undo.forced ? ", forced" : ""}: ${one.undo.why}`,
    });
    const steps = one.steps.flatMap(({ step, before, doneAt }, index) => [
      [
        `step ${index + 1}`,
        visibleText(`It ${inWords(step.write)}${doneAt === undefined ? " (not done)" : ` at ${doneAt}`}.`),
      ],
      ["before", visibleText(JSON.stringify(before))],
      ...(isIrreversible(step) ? [["undo", visibleText(step.irreversible)]] : []),
    ]);
    parts.push(renderTable(["REMEDIATION", one.id], [...rows, ...steps], width));
  }
  return parts.join("\n");
};

const entryRow = ({ at, what, by, reason }: HistoryEntry): readonly string[] => [
  at,
  what,
  visibleText([by, reason].filter((part) => part !== undefined).join(": ")),
];
