import type { Finding, RepairNews } from "../findings/finding.ts";
import type { Loss } from "../remediation/blast-radius/boundary-losses.ts";
import { isIrreversible, isUndoRefused } from "./actions.ts";
import type { Span, Text } from "./escape.ts";
import type { FindingNotice } from "./notice.ts";
import { time } from "./words.ts";

/** What the label of a notice says. */
export const repairLabel = (kind: RepairNews, finding: Finding): string => {
  const severity = finding.severity.toUpperCase();
  switch (kind) {
    case "held":
      return `${severity}, repair held`;
    case "repaired":
      return finding.status === "open" ? "REPAIRED, contained" : "REPAIRED";
    case "failed":
      return isUndoRefused(finding) ? "UNDO FAILED" : `${severity}, repair failed`;
    case "undone":
      return "REPAIR UNDONE";
    case "denied":
      return "DENIED since its repair";
    case "exempted":
      return "EXCUSED";
    case "exemptionEnded":
      return `${severity}, excused no more`;
  }
};

/** What was done or not, and what follows from it; what comes first has to be enough. */
export const repairLead = (kind: RepairNews, notice: FindingNotice): readonly Text[] => {
  const { finding, entry } = notice;
  const because: Text = { prose: entry.reason };
  const was: Text = ["The finding: ", { prose: finding.reason }];
  switch (kind) {
    case "held":
      return [
        finding.repair?.stage === "final"
          ? "Its last step, for good, is held."
          : "Its repair is held: nothing is changed for now.",
        because,
        ...whatLifts(finding),
        was,
      ];
    case "repaired":
      return [
        finding.repair?.stage === "final" ? "iam-warden finished its repair for good." : "iam-warden repaired it.",
        because,
        was,
        finding.status === "open"
          ? "The repair only makes that harmless: the finding stays open until it is over."
          : "The finding is resolved.",
        ...(isIrreversible(finding) ? ["Nothing can undo this."] : []),
        ...finish(finding),
      ];
    case "failed":
      return isUndoRefused(finding)
        ? ["Its repair was not undone, and stands.", because, was]
        : [
            "Its repair failed. Some of its steps may have been made.",
            because,
            was,
            "It is tried again by itself until it has failed three times; then it waits for an approval.",
          ];
    case "undone":
      return [
        "Its repair was undone: what stood there before stands again.",
        because,
        was,
        "It is not repaired again by itself: that waits for a person, whatever the settings say.",
      ];
    case "denied":
      return [
        because,
        "If somebody needs that, undo the repair; whoever asks AWS for what it never had needs nothing.",
        ["The finding was: ", { prose: finding.reason }],
      ];
    case "exempted":
      return [
        ...(finding.exemption
          ? [
              ["Excused until ", time(finding.exemption.until), " by ", { name: finding.exemption.by }, "."],
              ["Their reason: ", { prose: finding.exemption.reason }] as const,
            ]
          : [because]),
        was,
        "It is still there and counted. Until then nobody is told of it again and nothing repairs it; after that it is told anew.",
      ];
    case "exemptionEnded":
      return [{ prose: finding.reason }, ...exemptionThatEnded(notice)];
  }
};

/** How a held repair goes on. */
const whatLifts = ({ repair }: Finding): readonly Text[] => {
  if (repair?.state !== "held") return [];
  const words: Record<string, string> = {
    blastRadius:
      "An approval lets it happen all the same. It is for just this plan: void as soon as that would be another.",
    approved: "An approval lets it happen. It is for just this plan: void as soon as that would be another.",
    notProtected:
      "No approval lifts this: whoever is protected is never repaired. Fix it by hand, or change protectedPrincipals in the settings.",
    withinBreaker: "It goes on by itself when the breaker's hour is over, or once an operator resumes it.",
    stillViolating: "No approval lifts this: it is looked at again once a day.",
    plan: "No approval lifts this: what stands in the way has to go first. It is looked at again once a day.",
  };
  const known = words[repair.interlock ?? ""];
  return known === undefined ? [] : [known];
};

const finish = ({ finishDueAt }: Finding): readonly Text[] =>
  finishDueAt === undefined
    ? []
    : [
        `The ladder's last step, which nothing can undo, is due on ${time(finishDueAt)} and then waits for an approval.`,
      ];

const exemptionThatEnded = ({ finding, entry }: FindingNotice): readonly Text[] => {
  const before = finding.history.findLast(({ what }) => what === "exempted");
  if (before === undefined) return [{ prose: entry.reason }];
  return [
    [
      "It had been excused",
      ...(before.by === undefined ? [] : [" by ", { name: before.by }]),
      `; that is over since ${time(entry.at)}.`,
      ...(before.reason === undefined ? [] : [" What was said then: ", { prose: before.reason }]),
    ],
  ];
};

type Fact = readonly [string, readonly Text[]];

/** Most losses and denied actions that a notice lists. */
const most = 10;

/** How the repair stands: by whom, since when, what it cuts off, what was denied because of it. */
export const repairFacts = ({ finding, kind }: FindingNotice): readonly Fact[] => {
  const { repair, approval } = finding;
  if (repair === undefined) return [];
  const isOwn = kind === repair.state || (kind === "denied" && repair.state === "repaired");
  return [
    ["Repair", [[`${repair.state} on ${time(repair.at)}`, ...by(finding)], ...why(finding, isOwn)]],
    ...(repair.state === "held" && approval
      ? [["Approved", [[`on ${time(approval.at)} by `, { name: approval.by }, ", but another plan"]]] as const]
      : []),
    ...listed(repair.state === "held" ? "Cuts off" : "Cut off", repair.losses?.map(loss) ?? []),
    ...listed(
      "Denied",
      (repair.denied ?? []).map((action): Text => ({ name: action })),
    ),
  ];
};

const listed = (label: string, all: readonly Text[]): readonly Fact[] => {
  if (all.length === 0) return [];
  const left = all.length - most;
  return [[label, [...all.slice(0, most), ...(left > 0 ? [`… and ${left} more`] : [])]]];
};

/** A service or an action as policies name it, and when it was last used. */
const loss = ({ service, action, lastUsedAt, region, untold }: Loss): readonly Span[] => [
  { name: action === undefined ? `${service}:*` : `${service}:${action}` },
  `, last used ${time(lastUsedAt)}`,
  ...(region === undefined ? [] : [" in ", { name: region }]),
  ...(untold === undefined ? [] : [" (perhaps: ", { prose: untold }, ")"]),
];

const interlocks: Readonly<Record<string, string>> = {
  optedIn: "the settings",
  notExempt: "an exemption",
  notProtected: "its protection",
  stillViolating: "the live facts",
  withinBreaker: "the circuit breaker",
  blastRadius: "what it would break",
  approved: "the want of an approval",
  plan: "what the plan found",
};

const by = ({ repair, history }: Finding): readonly Span[] => {
  if (repair?.state === "held") {
    const known = interlocks[repair.interlock ?? ""] ?? { name: repair.interlock ?? "" };
    return repair.interlock === undefined ? [] : [" by ", known];
  }
  const who = history.findLast(({ what }) => what === repair?.state)?.by;
  return who === undefined ? [] : [" by ", { name: who }];
};

/** Why it was repaired or, where the notice is about something else, why it stands as it does. */
const why = ({ repair, history }: Finding, isOwn: boolean): readonly Text[] => {
  if (repair === undefined) return [];
  const ordered = history.findLast(({ what }) => what === "remediating")?.reason;
  if (repair.state === "repaired" && ordered !== undefined) return [{ prose: ordered }];
  return isOwn ? [] : [{ prose: repair.why }];
};
