import { type Severity, severities } from "../control.ts";
import { byCodeUnit } from "../order.ts";
import { subjectKey } from "../subject.ts";
import { type Action, exemptCommand } from "./actions.ts";
import type { Span, Text } from "./escape.ts";
import type { ReminderItem, ReminderNotice } from "./notice.ts";
import { accountAndOu, accountName, counted, names, subjectName, time } from "./words.ts";

/** What a reminder says, before a channel gives it its form. */
export interface ReminderMessage {
  /** Of this reminder: the same again has the same. */
  readonly id: string;
  readonly label: string;
  readonly title: readonly Span[];
  readonly lead: readonly Text[];
  readonly facts: readonly (readonly [string, readonly Text[]])[];
  /** What is due first comes first, the worst of it before the rest. */
  readonly items: readonly ReminderItem[];
  readonly actions: readonly Action[];
  readonly severity: Severity | undefined;
  readonly controls: readonly string[];
}

export const reminderMessage = ({ at, account, owners, items: unordered }: ReminderNotice): ReminderMessage => {
  const items = [...unordered].sort(byUrgency);
  const dues = [...new Set(items.map(({ dueAt }) => dueAt))].sort();
  const [first = at] = dues;
  const last = dues.at(-1) ?? first;
  const fresh = items.filter(({ isFirst }) => isFirst).length;
  const many = counted(items.length, "finding");
  const example = items[0]?.finding;
  const from = dues.length > 1 ? "from " : "on ";
  return {
    id: `reminder-${account.id}-${at}`,
    label: "TO BE REPAIRED",
    title: [`${many} in `, ...accountName(account), `, ${from}${time(first)}`],
    lead: [
      [
        `Unless somebody acts, iam-warden repairs ${many} in `,
        ...accountName(account),
        last === first
          ? `, not before ${time(first)}.`
          : `: the first not before ${time(first)}, the last not before ${time(last)}.`,
      ],
      ...(fresh === 0
        ? []
        : [
            fresh === items.length
              ? "This is the first notice to say so: repairs were switched on here after these findings were told."
              : `For ${counted(fresh, "finding")} this is the first notice to say so: repairs were switched on after they were told.`,
          ]),
      "To stop a repair, fix what was found, or excuse it until a date.",
    ],
    facts: [["Where", [accountAndOu(account)]], ...(owners.length > 0 ? [["Owner", [names(owners)]] as const] : [])],
    items,
    actions:
      example === undefined
        ? []
        : [
            {
              to: "To see what would be done about the first of them, and what that would cut off",
              command: `warden plan ${example.id}`,
            },
            {
              to: "To excuse one, until a date and for a reason, both yours to put in",
              command: exemptCommand(example, at),
            },
          ],
    severity: severities.find((severity) => items.some(({ finding }) => finding.severity === severity)),
    controls: [...new Set(items.map(({ finding }) => finding.control))].sort(),
  };
};

/** One line of the list; the id is what the commands take. */
export const reminderLine = ({ finding, dueAt }: ReminderItem): readonly Span[] => [
  `${time(dueAt)}, ${finding.severity}: `,
  ...subjectName(finding.subject),
  " – ",
  { prose: finding.reason },
  " [",
  { name: finding.control },
  finding.repair?.state === "held" ? ", held now] " : "] ",
  { name: finding.id },
];

const byUrgency = (a: ReminderItem, b: ReminderItem): number =>
  byCodeUnit(a.dueAt, b.dueAt) ||
  severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity) ||
  byCodeUnit(subjectKey(a.finding.subject), subjectKey(b.finding.subject)) ||
  byCodeUnit(a.finding.id, b.finding.id);
