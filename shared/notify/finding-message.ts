import { type Actor, type Finding, isViolationNews } from "../findings/finding.ts";
import { type Action, actionsFor } from "./actions.ts";
import type { Span, Text } from "./escape.ts";
import { type Excuse, excuseFor } from "./excuse.ts";
import { fixesFor, fixFor } from "./fix.ts";
import type { FindingNotice } from "./notice.ts";
import { repairFacts, repairLabel, repairLead } from "./repair-news.ts";
import { accountAndOu, accountName, between, counted, hours, hoursAfter, names, subjectName, time } from "./words.ts";

/** What a notice about one finding says, before a channel gives it its form. */
export interface FindingMessage {
  /** `HIGH`, `CRITICAL, worse than before`, `RESOLVED`. */
  readonly label: string;
  readonly title: Span;
  /** The subject, for a headline. */
  readonly about: readonly Span[];
  /** What was found, or what became of it. */
  readonly lead: readonly Text[];
  /** Where, what, who, since when: label and lines. */
  readonly facts: readonly (readonly [string, readonly Text[]])[];
  /** What somebody can do about the news itself. */
  readonly actions: readonly Action[];
  readonly why?: string;
  readonly fix?: { readonly where: Text; readonly commands: string; readonly open: readonly string[] };
  /** Absent: there is nothing to excuse. */
  readonly excuse?: Excuse;
}

export const findingMessage = (notice: FindingNotice): FindingMessage => {
  const { finding, control, kind } = notice;
  const guidance = control?.guidance;
  // What is over or excused asks nobody to mend it.
  const asks =
    finding.status === "open" && finding.exemption === undefined && kind !== "resolved" && kind !== "exempted";
  return {
    label: labelOf(notice),
    title: titleOf(notice),
    about: subjectName(finding.subject),
    lead: leadOf(notice),
    facts: facts(notice),
    actions: actionsFor(notice),
    ...(asks && guidance !== undefined
      ? {
          why: guidance.why,
          fix: {
            where:
              finding.subject.kind === "root"
                ? "With the AWS CLI, in the account that each comment names:"
                : ["With the AWS CLI, signed in to ", ...accountName(finding.account), ":"],
            ...fixFor(fixesFor(guidance, finding).cli, finding),
          },
        }
      : {}),
    ...(asks ? { excuse: excuseFor(notice) } : {}),
  };
};

const titleOf = ({ finding, control }: FindingNotice): Span => {
  if (control === undefined) return { name: finding.control };
  return (finding.activity?.onlyAttempts ? control.attemptTitle : undefined) ?? control.title;
};

const labelOf = ({ kind, finding }: FindingNotice): string => {
  if (kind === "resolved") return "RESOLVED";
  if (!isViolationNews(kind)) return repairLabel(kind, finding);
  const words = kind === "reopened" && isBackByUndo(finding) ? ", back after an undo" : (again[kind] ?? "");
  return `${finding.severity.toUpperCase()}${words}`;
};

const leadOf = (notice: FindingNotice): readonly Text[] => {
  const { finding, kind } = notice;
  if (kind === "resolved") return resolution(notice);
  const lead = isViolationNews(kind) ? [{ prose: finding.reason }, ...circumstances(notice)] : repairLead(kind, notice);
  return [...lead, ...announced(notice)];
};

/** When it will be repaired, and how to keep that from happening. */
const announced = ({ entry, finding }: FindingNotice): readonly Text[] => {
  const { repairAfterHours } = entry;
  // What was undone waits for a person, whatever the ladder says.
  if (repairAfterHours === undefined || finding.status !== "open" || finding.repair?.state === "undone") return [];
  const when =
    repairAfterHours === 0
      ? "Unless somebody acts, iam-warden repairs it within the hour"
      : `Unless somebody acts, iam-warden repairs it ${hours(repairAfterHours)} after this notice, not before ${time(hoursAfter(entry.at, repairAfterHours))}`;
  return [`${when}. To stop that, fix it or excuse it, as shown below.`];
};

const again: Partial<Record<FindingNotice["kind"], string>> = {
  reopened: ", back again",
  recurred: ", once more",
  escalated: ", worse than before",
};

/** Whether it was an undo that brought the violation back; told of that already, nobody should take it for a new incident. */
const isBackByUndo = ({ repair, history }: Finding): boolean =>
  repair?.state === "undone" &&
  history.findLast(({ what }) => what === "resolved" || what === "undone")?.what === "undone";

const circumstances = ({ kind, finding }: FindingNotice): readonly Text[] => {
  if (kind === "reopened" && isBackByUndo(finding))
    return [
      "This is nothing new: its repair was undone, and so what the repair had mended is back. It is not repaired again by itself: that waits for a person.",
    ];
  const before = finding.history.findLast(({ what }) => what === "resolved");
  if (kind === "reopened" && before) return [`This finding was resolved on ${time(before.at)} and is back.`];
  if (kind === "escalated") return ["It was told before, as less severe."];
  if (kind === "recurred") return ["It was told before and happened once more."];
  return [];
};

const resolution = ({ finding, entry, control }: FindingNotice): readonly Text[] => {
  const until = finding.resolvedAt ?? entry.at;
  const unheard =
    finding.notifiedAt === undefined
      ? ["This is the first notice about it: it was over before the opening could be told."]
      : [];
  return [
    { prose: entry.reason },
    ["It was: ", { prose: finding.reason }],
    `It was a ${finding.severity} finding, open for ${between(finding.openedAt, until)}.`,
    ...unheard,
    ...(control === undefined ? ["The control that found it is no longer in the catalogue."] : []),
  ];
};

type Fact = FindingMessage["facts"][number];

const facts = (notice: FindingNotice): readonly Fact[] => {
  const { finding, kind } = notice;
  const { activity, subject, owners = [] } = finding;
  return [
    ["Where", [accountAndOu(finding.account)]],
    ["What", [subjectName(subject), ...(subject.arn ? [{ name: subject.arn }] : [])]],
    ...(owners.length > 0 ? [["Owner", [names(owners)]] as const] : []),
    ...(isViolationNews(kind) || kind === "exemptionEnded"
      ? violationFacts(notice)
      : [["Severity", [`${finding.severity}, since ${time(finding.openedAt)}`]] as const]),
    ...(kind === "resolved" || kind === "exempted" ? [] : repairFacts(notice)),
    ...(activity && activity.count > 1
      ? [["How often", [`${counted(activity.count, "record")}, the latest on ${time(activity.lastAt)}`]] as const]
      : []),
  ];
};

const violationFacts = ({ finding, kind, entry }: FindingNotice): readonly Fact[] => {
  const { actor, evidence, history, openedAt, resolvedAt } = finding;
  if (kind === "resolved") {
    const closedBy = history.findLast(({ what }) => what === "resolved")?.by;
    const after: readonly Text[] = closedBy ? [["after a call by ", { name: closedBy }]] : [];
    return [
      ["Opened", [time(openedAt), ...(actor ? who(actor) : [])]],
      ["Resolved", [time(resolvedAt ?? entry.at), ...after]],
    ];
  }
  const how = Object.entries(evidence).slice(0, 12).map(evidenceLine);
  return [
    ["Since", [since(finding)]],
    ["Who", actor ? who(actor) : [untold(finding)]],
    ...(how.length === 0 ? [] : [["Evidence", how] as const]),
  ];
};

const since = ({ actor, openedAt }: Finding): string =>
  actor === undefined || Date.parse(actor.at) > Date.parse(openedAt)
    ? `${time(openedAt)}, when it was found`
    : `${time(actor.at)}, found ${between(actor.at, openedAt)} later`;

const untold = ({ subject }: Finding): string =>
  subject.kind === "resource"
    ? "not known: Access Analyzer does not tell who gave the access"
    : "not known: the sweep found it, no event told";

const who = (actor: Actor): readonly Text[] => [
  actor.arn === undefined ? "somebody the record does not name" : { name: actor.arn },
  [
    { name: actor.eventName },
    ` on ${time(actor.at)}`,
    ...(actor.sourceIPAddress ? [", from ", { name: actor.sourceIPAddress }] : []),
    ...(actor.region ? [", in ", { name: actor.region }] : []),
  ],
];

const evidenceLine = ([key, value]: [string, unknown]): Text => [
  { name: key },
  ": ",
  { name: typeof value === "string" ? value : JSON.stringify(value) },
];
