import { createHash } from "node:crypto";
import type { Evidence, Severity } from "../control.ts";
import type { Loss } from "../remediation/blast-radius/boundary-losses.ts";
import type { Stage } from "../remediation/remediation.ts";
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

/** What becomes of the violation itself. */
export const violationNews = ["opened", "reopened", "recurred", "escalated", "resolved"] as const;
/** What is done about it: by repairs, by whoever excuses it, and what repairs break. */
export const repairNews = ["held", "repaired", "failed", "undone", "denied", "exempted", "exemptionEnded"] as const;
export type ViolationNews = (typeof violationNews)[number];
export type RepairNews = (typeof repairNews)[number];
export type NoticeKind = ViolationNews | RepairNews;

export const isViolationNews = (kind: NoticeKind): kind is ViolationNews => violationNews.some((news) => news === kind);

/**
 * What must still be told about a finding: written in the same item as the change, cleared by delivery. Of the violation at
 * most one entry is pending: a later change that nobody heard the earlier one of is merged into it (`transition.ts`). Of each
 * kind of repair news there is at most one, too: the latest.
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
  /** The notice says that the violation is repaired so many hours after it, unless somebody acts. */
  readonly repairAfterHours?: number;
}

export const historyEvents = [
  ...violationNews,
  ...repairNews,
  "notified",
  "acknowledged",
  "remediating",
  "approved",
  "reminded",
] as const;

export interface HistoryEntry {
  readonly at: string;
  readonly what: (typeof historyEvents)[number];
  readonly reason?: string;
  readonly by?: string;
}

export const repairStates = ["held", "remediating", "repaired", "failed", "undone"] as const;

/** How the repair of a finding stands: the latest of what was tried. */
export interface RepairStanding {
  readonly state: (typeof repairStates)[number];
  /** Since when. */
  readonly at: string;
  /** What holds it, what came of it, why it failed: a sentence. */
  readonly why: string;
  readonly stage: Stage;
  /** Held: by what, an interlock or the plan. */
  readonly interlock?: string;
  /** Held: tells the plan from others; what an approval has to name. */
  readonly digest?: string;
  /** Held: what the role used and the boundary would cut off. */
  readonly losses?: readonly Loss[];
  readonly remediationId?: string;
  /** Repaired: actions that AWS denied the principal since, because of the repair. At most `deniedLimit`. */
  readonly denied?: readonly string[];
}

/** A person's leave for one plan: void as soon as the plan would be another one. */
export interface FindingApproval {
  readonly by: string;
  readonly at: string;
  /** Of the plan: its steps and what they change. */
  readonly digest: string;
  readonly stage: Stage;
  readonly why: string;
}

/** Who excused a finding, and until when: from then on it counts as if there were no exemption. */
export interface FindingExemption {
  /** Of the exemption. */
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly until: string;
}

/** The stored life of one violation. All times are ISO 8601 in UTC. */
export interface Finding {
  readonly id: string;
  readonly account: AccountRef;
  readonly control: string;
  readonly severity: Severity;
  readonly subject: Subject;
  /** IAM's unique id of the user or role: a later one of the same name has another. */
  readonly principalId?: string;
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
    /** The last record that is more than an attempt, since the first opening; absent if there is none. */
    readonly lastUseAt?: string;
    /** All records since the present opening are attempts: nobody got in. */
    readonly onlyAttempts?: true;
    readonly eventIds: readonly string[];
  };
  readonly repair?: RepairStanding;
  readonly approval?: FindingApproval;
  readonly exemption?: FindingExemption;
  /**
   * The first delivered notice of the present opening that said when it would be repaired: where the ladder's clock starts.
   * What was told while nothing was to be repaired has warned nobody.
   */
  readonly warnedAt?: string;
  /** The last reminder that was delivered, and when the step is due that it was about. */
  readonly reminded?: { readonly dueAt: string; readonly at: string };
  /** Repaired: when the ladder's last step, which finishes for good, is due. Resolved or not, the finding waits for it. */
  readonly finishDueAt?: string;
  /** Who is responsible, by the tags that the settings name: the principal's, then the account's. */
  readonly owners?: readonly string[];
  /** Oldest first, at most `historyLimit` entries: see `boundHistory`. */
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
