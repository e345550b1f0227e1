import { type Severity, severities } from "../control.ts";
import type { RepairNews } from "../findings/finding.ts";
import { type AccountRef, kindWords, type Subject } from "../subject.ts";
import type { Span } from "./escape.ts";
import { type Coverage, type Digest, type DigestItem, type SeverityCounts, total } from "./notice.ts";

/** `2026-11-03 02:13:05 UTC`. */
export const time = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** The time between two moments in one unit a person thinks in: `40 seconds`, `3 hours`, `12 days`. */
export const between = (from: string, to: string): string => {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 100) return counted(seconds, "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return counted(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 48 ? counted(hours, "hour") : counted(Math.round(hours / 24), "day");
};

/** A time so many hours after another. */
export const hoursAfter = (iso: string, hours: number): string =>
  new Date(Date.parse(iso) + hours * 3_600_000).toISOString();

/** `36 hours`, `7 days`: what the settings say, without rounding. */
export const hours = (count: number): string =>
  count >= 48 && count % 24 === 0 ? counted(count / 24, "day") : counted(count, "hour");

/** `1 account`, `3,000 accounts`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** `12 critical, 1,200 high`; `none`. */
export const bySeverity = (counts: SeverityCounts): string =>
  severities
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity].toLocaleString("en-US")} ${severity}`)
    .join(", ") || "none";

/** An account by name and id, or by id alone. */
export const accountName = ({ id, name }: AccountRef): readonly Span[] =>
  name === undefined || name === "" ? [`account ${id}`] : [{ name }, ` (${id})`];

export const accountAndOu = (account: AccountRef): readonly Span[] => [
  ...accountName(account),
  ...(account.ouPath ? [", in ", { name: account.ouPath }] : []),
];

/** `user alice`, `access key AKIA… of bob`, `root user`. */
export const subjectName = ({ kind, name, accessKeyId }: Subject): readonly Span[] => {
  if (kind === "accessKey") return ["access key ", { name: accessKeyId ?? "" }, " of ", { name }];
  if (kind === "root") return [name === "root" ? "root user" : "central root session"];
  return [`${kindWords[kind]} `, { name }];
};

/** `a`, `b` and 3 more. */
export const names = (all: readonly string[], most = 5): readonly Span[] => [
  ...all.slice(0, most).flatMap((name, index): Span[] => (index === 0 ? [{ name }] : [", ", { name }])),
  ...(all.length > most ? [` and ${(all.length - most).toLocaleString("en-US")} more`] : []),
];

/** The worst severity that a digest has news of. */
export const worstNews = ({ news, repairNews }: Pick<Digest, "news" | "repairNews">): Severity | undefined =>
  severities.find((severity) => news[severity] > 0 || repairNews.some(({ counts }) => counts[severity] > 0));

const repairWords: Readonly<Record<RepairNews, string>> = {
  held: "repairs held",
  repaired: "repaired",
  failed: "repairs failed",
  undone: "repairs undone",
  denied: "denied since a repair",
  exempted: "excused",
  exemptionEnded: "excused no more",
};

/** `3,000 repairs held`, `1 excused`. */
export const repairCounts = ({ repairNews }: Pick<Digest, "repairNews">): readonly string[] =>
  repairNews.map(({ kind, counts }) => {
    const count = total(counts);
    const words = repairWords[kind];
    return `${count.toLocaleString("en-US")} ${count === 1 ? words.replace("repairs", "repair") : words}`;
  });

/** What sets a digest's entry apart from one that is simply new. */
export const kindNote = (kind: DigestItem["kind"]): string =>
  ({
    opened: "",
    resolved: "",
    reopened: ", back again",
    recurred: ", once more",
    escalated: ", worse than before",
    held: ", repair held",
    repaired: ", repaired",
    failed: ", repair failed",
    undone: ", repair undone",
    denied: ", denied since the repair",
    exempted: ", excused",
    exemptionEnded: ", excused no more",
  })[kind];

/** How much of the organization the sweep saw. */
export const sweptAccounts = ({ swept, failed, missing }: Coverage): string => {
  const unseen = failed.length + missing.length;
  if (swept === 0) return unseen === 0 ? "no account was swept" : `none of ${counted(unseen, "account")} was swept`;
  return unseen === 0
    ? `${counted(swept, "account")} swept`
    : `${swept.toLocaleString("en-US")} of ${counted(swept + unseen, "account")} swept`;
};

/** What stops a repair, by the name of its interlock. */
export const interlockWords: Readonly<Record<string, string>> = {
  optedIn: "the settings",
  notExempt: "an exemption",
  notProtected: "its protection",
  stillViolating: "the live facts",
  withinBreaker: "the circuit breaker",
  blastRadius: "what it would break",
  approved: "the want of an approval",
  plan: "what the plan found",
};
