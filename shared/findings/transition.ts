import { isDeepStrictEqual } from "node:util";
import { type Evidence, type Severity, severities } from "../control.ts";
import type { AccountRef, Subject } from "../subject.ts";
import { boundActor, boundEvidence, boundHistory, boundReason } from "./bounds.ts";
import {
  type Actor,
  type Finding,
  findingId,
  type HistoryEntry,
  isViolationNews,
  type OutboxEntry,
  type ViolationNews,
} from "./finding.ts";

// How a finding changes, without any store: each function takes a finding as it is and gives the next one, or the very
// same one if nothing changes.

/** How a change is told. */
export interface Telling {
  readonly now: Date;
  /** Alone and at once, or in the digest of the sweep. What is critical is told alone whatever this says. */
  readonly delivery: OutboxEntry["delivery"];
  /** The sweep run, for a digest. */
  readonly runId?: string;
  /** Who made the change, where an event told. */
  readonly actor?: Actor;
  /** Nobody has to be woken even if it is critical: the change is news of bookkeeping, not of the account. */
  readonly calm?: boolean;
  /** The violation is to be repaired so many hours after it was told. */
  readonly repairAfterHours?: number;
}

/** A violation as it was just seen. */
export interface Observation {
  readonly account: AccountRef;
  readonly control: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly reason: string;
  readonly evidence: Evidence;
  /** Who is responsible, by tags that the settings name; absent where nobody looked for them. */
  readonly owners?: readonly string[];
  /** IAM's unique id of the user or role; absent where the subject is neither. */
  readonly principalId?: string;
  /** The time of the facts. */
  readonly asOf: Date;
}

export const isWorse = (a: Severity, b: Severity): boolean => severities.indexOf(a) < severities.indexOf(b);

/** The first version of a finding. */
export const opened = (seen: Observation, telling: Telling): Finding => {
  const at = telling.now.toISOString();
  const reason = boundReason(seen.reason);
  const finding: Finding = {
    id: findingId(seen.account.id, seen.control, seen.subject),
    account: seen.account,
    control: seen.control,
    severity: seen.severity,
    subject: seen.subject,
    ...(seen.owners && { owners: seen.owners }),
    ...(seen.principalId !== undefined && { principalId: seen.principalId }),
    status: "open",
    reason,
    evidence: boundEvidence(seen.evidence),
    actor: telling.actor && boundActor(telling.actor),
    openedAt: at,
    observedAt: seen.asOf.toISOString(),
    history: boundHistory([{ at, what: "opened", reason, by: telling.actor?.arn }]),
    outbox: [],
    version: 1,
  };
  return { ...finding, outbox: pending(finding, "opened", reason, telling) };
};

/** A resolved finding whose violation is there again: the same id, the history goes on, `notifiedAt` starts anew. */
export const reopened = (finding: Finding, seen: Observation, telling: Telling): Finding => {
  const at = telling.now.toISOString();
  const { resolvedAt: _resolvedAt, actor: _actor, repair, ...kept } = withoutWarnings(finding);
  const next: Finding = {
    ...kept,
    // What was undone waits for a person; whatever else was tried was about the violation that is over.
    ...(repair?.state === "undone" && !isSuccessor(finding, seen) && { repair }),
    ...updated(finding, seen),
    status: "open",
    severity: seen.severity,
    actor: telling.actor && boundActor(telling.actor),
    openedAt: at,
    version: finding.version + 1,
  };
  return {
    ...next,
    history: entered(next, { at, what: "reopened", reason: next.reason, by: telling.actor?.arn }),
    outbox: pending(next, "reopened", next.reason, telling),
  };
};

/** Whether another user or role has the name that the finding is about: what people were told, decided and undid was not of it. */
export const isSuccessor = (
  { principalId: before }: Pick<Finding, "principalId">,
  { principalId: now }: Pick<Observation, "principalId">,
): boolean => before !== undefined && now !== undefined && before !== now;

/**
 * An open finding that was seen again. Worse than before, it is told as escalated; otherwise what is stored follows what
 * was seen, and nobody is told again.
 */
export const seenAgain = (finding: Finding, seen: Observation, telling: Telling): Finding => {
  const changed = { ...updated(finding, seen), severity: seen.severity };
  if (isWorse(seen.severity, finding.severity)) return worse({ ...finding, ...changed }, telling, finding);
  const same =
    changed.reason === finding.reason &&
    changed.severity === finding.severity &&
    JSON.stringify(changed.evidence) === JSON.stringify(finding.evidence) &&
    changed.subject.arn === finding.subject.arn &&
    isDeepStrictEqual(changed.owners, finding.owners) &&
    changed.principalId === finding.principalId &&
    changed.account.name === finding.account.name &&
    changed.account.ouPath === finding.account.ouPath;
  return same ? finding : { ...finding, ...changed, version: finding.version + 1 };
};

const worse = (changed: Finding, telling: Telling, before: Finding): Finding => {
  const at = telling.now.toISOString();
  const next: Finding = {
    ...changed,
    actor: telling.actor ? boundActor(telling.actor) : before.actor,
    version: before.version + 1,
  };
  return {
    ...next,
    history: entered(next, { at, what: "escalated", reason: next.reason, by: telling.actor?.arn }),
    outbox: pending(next, "escalated", next.reason, telling),
  };
};

/** An open finding whose violation is gone, for a reason. Its own reason and evidence stay: they say what it was. */
export const resolved = (finding: Finding, reason: string, asOf: Date, telling: Telling): Finding => {
  const at = telling.now.toISOString();
  const { approval: _approval, exemption: _exemption, ...kept } = finding;
  const next: Finding = {
    ...kept,
    // What holds a repair, or excuses what is over, concerns nobody any more.
    outbox: kept.outbox.filter(({ kind }) => kind !== "held" && kind !== "exempted" && kind !== "exemptionEnded"),
    status: "resolved",
    resolvedAt: at,
    observedAt: later(finding.observedAt, asOf),
    version: finding.version + 1,
  };
  return {
    ...next,
    history: entered(next, { at, what: "resolved", reason, by: telling.actor?.arn }),
    // Whoever excused it, and whoever hears that it was repaired, has no use for another notice that it is over.
    outbox:
      finding.exemption || tellsOfRepair(finding)
        ? withoutViolationNews(next)
        : pending(next, "resolved", reason, telling),
  };
};

/**
 * The outbox after one more change. What nobody has heard of yet is told together with what came of it, in one notice: SNS
 * does not keep order, and an "opened" that arrives after its "resolved" would be the last word on a finding that is gone.
 *
 * - opened, then worse: one "opened", with the severity it has now
 * - opened, then resolved: one "resolved" (which says that it is the first notice), told the way the opening would have
 *   been, so that a repair at once of what only the digest knows wakes nobody
 * - resolved, then back: one "reopened"
 */
export const pending = (
  finding: Finding,
  kind: ViolationNews,
  reason: string,
  telling: Telling,
): readonly OutboxEntry[] => {
  const before = finding.outbox.find(isViolation);
  const own = finding.severity === "critical" && !telling.calm ? "single" : telling.delivery;
  const unheard = before !== undefined && kind === "resolved" && finding.notifiedAt === undefined;
  const delivery = unheard ? before.delivery : before?.delivery === "single" ? "single" : own;
  const runId = delivery === "digest" ? (telling.runId ?? before?.runId) : undefined;
  return [
    {
      id: `v${finding.version}`,
      kind: before === undefined ? kind : mergedKind(before.kind, kind),
      at: telling.now.toISOString(),
      delivery,
      reason: boundReason(reason),
      ...(runId === undefined ? {} : { runId }),
      ...(kind === "resolved" || telling.repairAfterHours === undefined
        ? {}
        : { repairAfterHours: telling.repairAfterHours }),
    },
    ...withoutViolationNews(finding),
  ];
};

const isViolation = (entry: OutboxEntry): entry is OutboxEntry & { readonly kind: ViolationNews } =>
  isViolationNews(entry.kind);

/** What is pending besides the news of the violation itself. */
export const withoutViolationNews = ({ outbox }: Pick<Finding, "outbox">): readonly OutboxEntry[] =>
  outbox.filter((entry) => !isViolation(entry));

const tellsOfRepair = ({ outbox }: Finding): boolean => outbox.some(({ kind }) => kind === "repaired");

/** The same without what belongs to its present opening: a ladder's clock starts anew with the next notice. */
export const withoutWarnings = (
  finding: Finding,
): Omit<Finding, "notifiedAt" | "warnedAt" | "reminded" | "approval" | "finishDueAt"> => {
  const {
    notifiedAt: _notifiedAt,
    warnedAt: _warnedAt,
    reminded: _reminded,
    approval: _approval,
    finishDueAt: _finishDueAt,
    ...kept
  } = finding;
  return kept;
};

const mergedKind = (before: ViolationNews, kind: ViolationNews): ViolationNews => {
  if (kind === "resolved" || kind === "reopened" || before === "resolved") return kind;
  if (before === "opened" || before === "reopened") return before;
  return before === "escalated" ? before : kind;
};

export const entered = (finding: Finding, entry: HistoryEntry): readonly HistoryEntry[] =>
  boundHistory([...finding.history, entry]);

/** What a new look at a subject changes in what is stored of it. */
const updated = (
  finding: Finding,
  seen: Observation,
): Pick<Finding, "account" | "subject" | "reason" | "evidence" | "observedAt" | "owners" | "principalId"> => ({
  // An event knows the account by id alone; that is no reason to forget its name.
  account: {
    id: finding.account.id,
    name: seen.account.name ?? finding.account.name,
    ouPath: seen.account.ouPath ?? finding.account.ouPath,
  },
  subject: seen.subject,
  owners: seen.owners ?? finding.owners,
  principalId: seen.principalId ?? finding.principalId,
  reason: boundReason(seen.reason),
  evidence: boundEvidence(seen.evidence),
  observedAt: later(finding.observedAt, seen.asOf),
});

export const later = (at: string, date: Date): string => (Date.parse(at) > date.getTime() ? at : date.toISOString());
