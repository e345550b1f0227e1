import type { Finding, RepairNews } from "../findings/finding.ts";
import type { Loss } from "../remediation/blast-radius/boundary-losses.ts";
import { isIrreversible, isUndoRefused } from "./actions.ts";
import type { Span, Text } from "./escape.ts";
import type { FindingNotice } from "./notice.ts";
import { interlockWords, time } from "./words.ts";

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
  const because = { prose: entry.reason };
  const was: Text = ["What was found: ", { prose: finding.reason }];
  switch (kind) {
    case "held":
      return [
        finding.repair?.stage === "final"
          ? "The last step of its repair, which nothing can undo, is held."
          : "iam-warden was to repair it, and did not: nothing is changed for now.",
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
          ? "The repair makes that harmless without ending it: the finding stays open until it is fixed."
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
        ["The reason given: ", because],
        was,
        "It is not repaired again by itself: that waits for a person, whatever the settings say.",
      ];
    case "denied":
      return [
        because,
        "If that is its work, undo the repair; if it is not, somebody may be trying what they should not.",
        ["What had been found: ", { prose: finding.reason }],
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
    blastRadius: "An approval lets it happen all the same, for just this plan: should the plan change, it is void.",
    approved: "An approval lets it happen, for just this plan: should the plan change, it is void.",
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
    ["Repair", [[`${standing(finding)} ${time(repair.at)}`, ...by(finding)], ...why(finding, isOwn)]],
    ...(repair.state === "held" && approval
      ? [
          [
            "Approved",
            [
              [
                `on ${time(approval.at)} by `,
                { name: approval.by },
                ...(isForIt(finding) ? [] : [", but another plan"]),
              ],
            ],
          ] as const,
        ]
      : []),
    ...listed(repair.state === "held" ? "Cuts off" : "Cut off", repair.losses?.map(loss) ?? []),
    ...listed(
      "Denied",
      (repair.denied ?? []).map((action): Text => ({ name: action })),
    ),
  ];
};

const standing = (finding: Finding): string => {
  const state = finding.repair?.state ?? "";
  if (state === "failed" && isUndoRefused(finding)) return "not undone, tried on";
  return state === "held" || state === "remediating" ? `${state} since` : `${state} on`;
};

const isForIt = ({ repair, approval }: Finding): boolean =>
  approval?.digest === repair?.digest && approval?.stage === repair?.stage;

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

const by = ({ repair, history }: Finding): readonly Span[] => {
  if (repair?.state === "held") {
    const known = interlockWords[repair.interlock ?? ""] ?? { name: repair.interlock ?? "" };
    return repair.interlock === undefined ? [] : [" by ", known];
  }
  const who = history.findLast(({ what }) => what === repair?.state)?.by;
  // Whoever is named as having made a repair is the person that approved it.
  const approved = repair?.state === "repaired" && who !== "iam-warden";
  return who === undefined ? [] : [approved ? ", approved by " : " by ", { name: who }];
};

/** Why it was repaired or, where the notice is about something else, why it stands as it does. */
const why = ({ repair, history }: Finding, isOwn: boolean): readonly Text[] => {
  if (repair === undefined) return [];
  const ordered = history.findLast(({ what }) => what === "remediating")?.reason;
  if (repair.state === "repaired" && ordered !== undefined) return [["Why: ", { prose: ordered }]];
  return isOwn ? [] : [["Why: ", { prose: repair.why }]];
};
