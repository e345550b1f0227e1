import { createHash } from "node:crypto";
import type { Evidence, Severity } from "../control.ts";
import { type AccountRef, type Subject, type SubjectRef, subjectKey } from "../subject.ts";

/** Who changed the subject, when and from where, where an event told. */
export interface Actor {
  readonly arn?: string;
  readonly type?: string;
  readonly eventName: string;
  readonly eventId: string;
  readonly at: string;
  readonly sourceIPAddress?: string;
  readonly userAgent?: string;
  readonly region?: string;
}

export type FindingStatus = "open" | "resolved";

export type NoticeKind = "opened" | "reopened" | "recurred" | "escalated" | "resolved";

/**
 * What must still be told about a finding: written in the same item as the change, cleared by delivery. At most one is
 * pending: a later change that nobody heard the earlier one of is merged into it (`transition.ts`).
 */
export interface OutboxEntry {
  /** Unique within the finding; a merged entry has a new one. */
  readonly id: string;
  readonly kind: NoticeKind;
  /** ISO 8601, when the change happened. */
  readonly at: string;
  /** Told alone and at once, or in the digest of the sweep run that found it. */
  readonly delivery: "single" | "digest";
  readonly reason: string;
  /** The sweep run, for entries of a digest. */
  readonly runId?: string;
}

export interface HistoryEntry {
  readonly at: string;
  readonly what: "opened" | "reopened" | "recurred" | "escalated" | "resolved" | "notified" | "acknowledged";
  readonly reason?: string;
  readonly by?: string;
}

/** The stored life of one violation. All times are ISO 8601 in UTC. */
export interface Finding {
  readonly id: string;
  readonly account: AccountRef;
  readonly control: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly status: FindingStatus;
  readonly reason: string;
  readonly evidence: Evidence;
  readonly actor?: Actor;
  /** When the present (or last) opening was found. The first ever is the first entry of the history. */
  readonly openedAt: string;
  readonly resolvedAt?: string;
  /** The time of the facts that last confirmed or changed this finding. */
  readonly observedAt: string;
  /** The first delivered notice of the present opening: where a ladder's clock starts. */
  readonly notifiedAt?: string;
  /** Activity findings: how often, in which episodes, and the last event ids (so that a duplicate counts once). */
  readonly activity?: {
    /** Records since the present opening. */
    readonly count: number;
    /** The last episodes, latest last: records may come late and out of order. */
    readonly episodes: readonly string[];
    readonly lastAt: string;
    readonly eventIds: readonly string[];
  };
  /** Oldest first, at most `historyLimit` entries: the first one and the latest. */
  readonly history: readonly HistoryEntry[];
  readonly outbox: readonly OutboxEntry[];
  /** Grows by one with each write. */
  readonly version: number;
}

/**
 * The id of the finding of one control on one subject: derived, so that two paths that see the same violation at the
 * same moment write one finding. The parts are encoded as JSON before hashing, so no choice of names makes two run together;
 * and it is long enough that nobody can search for two names with one id, of which the innocent one would then resolve the
 * other's finding: that takes some 2^64 tries; 80 bits would fall in an hour.
 */
export const findingId = (accountId: string, control: string, subject: SubjectRef): string =>
  createHash("sha256")
    .update(JSON.stringify([accountId, control, subjectKey(subject)]))
    .digest("hex")
    .slice(0, 32);
