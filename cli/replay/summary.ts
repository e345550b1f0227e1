import { type Severity, severities } from "../../shared/control.ts";
import type { ReplayedRecord } from "../../shared/events/replay.ts";
import { byCodeUnit } from "../../shared/order.ts";
import { kindWords } from "../../shared/subject.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { type Paint, paintSeverity } from "../output.ts";
import { renderTable } from "../table.ts";

interface Counted<T> {
  readonly what: T;
  times: number;
}
type Activity = ReplayedRecord["activity"][number];
type Hint = ReplayedRecord["hints"][number];

/** What a replay came to: grows with the different things that happened, not with the records. */
export interface ReplaySummary {
  add(record: ReplayedRecord): void;
  addUnreadable(): void;
  readonly records: number;
  readonly unreadable: number;
  /** For people: what would have been told, and whose state would have been judged again. */
  table(paint: Paint, width: number): string;
  /** One line. */
  counts(): string;
}

export const createReplaySummary = (): ReplaySummary => {
  const activities = new Map<string, Counted<Activity>>();
  const hints = new Map<string, Counted<Hint>>();
  const totals = { records: 0, delivered: 0, hinting: 0, active: 0, unreadable: 0 };

  return {
    get records() {
      return totals.records;
    },
    get unreadable() {
      return totals.unreadable;
    },
    add: (record) => {
      totals.records += 1;
      if (record.delivered) totals.delivered += 1;
      if (record.hints.length > 0) totals.hinting += 1;
      if (record.activity.length > 0) totals.active += 1;
      for (const activity of record.activity) count(activities, activity);
      for (const hint of record.hints) count(hints, hint);
    },
    addUnreadable: () => {
      totals.unreadable += 1;
    },
    table: (paint, width) => {
      const sections: string[] = [];
      if (activities.size > 0) {
        const rows = sorted(activities, ({ severity, control, reason }) => [rank(severity), control, reason]).map(
          ({ what: { severity, control, reason }, times }) => [
            paintSeverity(paint, severity),
            `${times}`,
            control,
            visibleText(reason),
          ],
        );
        sections.push(`Would have been told:\n${renderTable(["SEVERITY", "TIMES", "CONTROL", "WHAT"], rows, width)}`);
      }
      if (hints.size > 0) {
        const rows = sorted(hints, (hint) => [hint.control, subjectText(hint)]).map(({ what, times }) => [
          `${times}`,
          what.control,
          subjectText(what),
        ]);
        sections.push(`Would have been judged again:\n${renderTable(["TIMES", "CONTROL", "SUBJECT"], rows, width)}`);
      }
      if (sections.length > 0) return sections.join("\n");
      if (totals.records > 0) return "Nothing that a control is about.\n";
      return totals.unreadable > 0 ? "Not one record could be read.\n" : "There is no record.\n";
    },
    counts: () =>
      `${totals.records} records: ${totals.delivered} delivered, ${totals.hinting} with hints, ` +
      `${totals.active} with activity; ${totals.unreadable} unreadable`,
  };
};

const count = <T>(counted: Map<string, Counted<T>>, what: T): void => {
  const key = JSON.stringify(what);
  const entry = counted.get(key);
  if (entry === undefined) counted.set(key, { what, times: 1 });
  else entry.times += 1;
};

const sorted = <T>(counted: ReadonlyMap<string, Counted<T>>, order: (what: T) => readonly string[]): Counted<T>[] =>
  [...counted.values()]
    .map((entry) => ({ entry, key: order(entry.what).join("\n") }))
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map(({ entry }) => entry);

const rank = (severity: Severity): string => String(severities.indexOf(severity));

const subjectText = ({ subject: { kind, account, name } }: Hint): string => {
  const what = kind === "root" || kind === "account" ? "" : kind === "accessKey" ? "a key of " : `${kindWords[kind]} `;
  return `${what}${visibleText(name)}${account === null ? "" : ` in ${visibleText(account)}`}`;
};
