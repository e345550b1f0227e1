import type { Actor, Finding } from "../findings/finding.ts";
import type { Span, Text } from "./escape.ts";
import { fixFor } from "./fix.ts";
import type { FindingNotice } from "./notice.ts";
import { accountAndOu, accountName, between, counted, subjectName, time } from "./words.ts";

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
  readonly why?: string;
  readonly fix?: { readonly where: Text; readonly commands: string; readonly open: readonly string[] };
  readonly excuse: readonly Text[];
  /** Lines of the settings file that excuse it. */
  readonly excuseSettings?: string;
}

export const findingMessage = (notice: FindingNotice): FindingMessage => {
  const { finding, control, kind } = notice;
  const isResolved = kind === "resolved";
  const guidance = control?.guidance;
  return {
    label: isResolved ? "RESOLVED" : `${finding.severity.toUpperCase()}${again[kind] ?? ""}`,
    title: control?.title ?? { name: finding.control },
    about: subjectName(finding.subject),
    lead: isResolved ? resolution(notice) : [{ prose: finding.reason }, ...circumstances(notice)],
    facts: facts(notice),
    ...(isResolved || guidance === undefined
      ? {}
      : {
          why: guidance.why,
          fix: {
            where:
              finding.subject.kind === "root"
                ? "With the AWS CLI, in the account that each comment names:"
                : ["With the AWS CLI, signed in to ", ...accountName(finding.account), ":"],
            ...fixFor(guidance.fix.cli, finding),
          },
        }),
    ...(isResolved ? { excuse: [] } : excuse(finding)),
  };
};

const again: Partial<Record<FindingNotice["kind"], string>> = {
  reopened: ", back again",
  recurred: ", once more",
  escalated: ", worse than before",
};

const circumstances = ({ kind, finding }: FindingNotice): readonly Text[] => {
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

const facts = ({ finding, kind, entry }: FindingNotice): readonly Fact[] => {
  const { actor, activity, subject, evidence } = finding;
  const closedBy = finding.history.findLast(({ what }) => what === "resolved")?.by;
  const how = Object.entries(evidence).slice(0, 12).map(evidenceLine);
  const state: readonly Fact[] =
    kind === "resolved"
      ? [
          ["Opened", [time(finding.openedAt), ...(actor ? who(actor) : [])]],
          [
            "Resolved",
            [time(finding.resolvedAt ?? entry.at), ...(closedBy ? [["after a call by ", { name: closedBy }]] : [])],
          ],
        ]
      : [
          ["Since", [since(finding)]],
          ["Who", actor ? who(actor) : ["not known: the sweep found it, no event told"]],
          ...(how.length === 0 ? [] : [["Evidence", how] as const]),
        ];
  return [
    ["Where", [accountAndOu(finding.account)]],
    ["What", [subjectName(subject), ...(subject.arn ? [{ name: subject.arn }] : [])]],
    ...state,
    ...(activity && activity.count > 1
      ? [["How often", [`${counted(activity.count, "record")}, the latest on ${time(activity.lastAt)}`]] as const]
      : []),
  ];
};

const since = ({ actor, openedAt }: Finding): string =>
  actor === undefined || Date.parse(actor.at) > Date.parse(openedAt)
    ? `${time(openedAt)}, when it was found`
    : `${time(actor.at)}, found ${between(actor.at, openedAt)} later`;

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

const excuse = (finding: Finding): Pick<FindingMessage, "excuse" | "excuseSettings"> => {
  const { kind, name } = finding.subject;
  const isOneRole = kind === "role" && /^(?![.])[A-Za-z0-9+=,.@_-]{1,64}$/.test(name);
  const off = `controls:\n  ${finding.control}:\n    mode: off`;
  const closes =
    finding.activity === undefined ? [] : ["This finding closes by itself after 24 hours without further activity."];
  return isOneRole
    ? {
        excuse: [
          "In the settings file warden.config.yaml, exclude roles of this name (in every account) or turn the control off (for everything):",
        ],
        excuseSettings: `excludedRoles:\n  names:\n    - ${JSON.stringify(name)}\n# or\n${off}`,
      }
    : {
        excuse: [...closes, "In the settings file warden.config.yaml, the control can be turned off (for everything):"],
        excuseSettings: off,
      };
};
