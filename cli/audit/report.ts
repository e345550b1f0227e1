import type { Evidence, Severity } from "../../shared/control.ts";
import type { Subject } from "../../shared/subject.ts";

/** One violation, under the id that the deployed product would store it by. */
export interface AuditFinding {
  readonly id: string;
  readonly control: string;
  readonly severity: Severity;
  /** The account's id. */
  readonly account: string;
  readonly subject: Subject;
  readonly reason: string;
  readonly evidence: Evidence;
}

/** A control that could not be judged on a subject. It is neither a finding nor a pass. */
export interface AuditUnknown {
  readonly control: string;
  readonly account: string;
  readonly subject: Subject;
  readonly reason: string;
  /** The part of the reason that names no subject: what can be mended once for all that have it. */
  readonly cause: string;
}

export interface AuditedAccount {
  readonly id: string;
  /** Known where the organization was asked. */
  readonly name: string | null;
  readonly status: "swept" | "failed";
  /** Why the account could not be read. */
  readonly error?: string;
  /** Calls on the wire, retries included, by operation: `{"iam:GetCredentialReport": 1}`. */
  readonly apiCalls: Readonly<Record<string, number>>;
}

/** What `warden audit --format json` prints. Accounts are ordered by id; the rest by account, control and subject. */
export interface AuditReport {
  readonly version: 1;
  /** ISO 8601 in UTC, as is `finishedAt`. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly accounts: readonly AuditedAccount[];
  readonly findings: readonly AuditFinding[];
  readonly unknown: readonly AuditUnknown[];
}
