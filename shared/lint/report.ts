import type { Evidence, Severity } from "../control.ts";
import type { SubjectRef } from "../subject.ts";

/** Where something stands in a file. Lines and columns count from 1, columns in UTF-16 code units; the end is exclusive. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface LintFinding {
  /** A control's id, or that of a rule of lint's own. */
  readonly rule: string;
  readonly severity: Severity;
  readonly location: Location;
  /** Further statements that it comes from as well. */
  readonly related: readonly Location[];
  /** A logical id, a Terraform address; empty for a bare policy document. */
  readonly address: string;
  /** What was judged: absent for a rule of lint's own. */
  readonly subject?: SubjectRef;
  /** Others of whom the same is found at the same place, in words. */
  readonly alsoOf: readonly string[];
  readonly reason: string;
  readonly evidence: Evidence;
}

/** A control that could not be judged by what the file says. It is neither a finding nor a pass. */
export interface LintUnknown {
  readonly control: string;
  readonly severity: Severity;
  readonly location: Location;
  readonly address: string;
  readonly reason: string;
}

/** A part of a file that only a deployment makes something of: what is in it was not judged. */
export interface LintUnread {
  readonly location: Location;
  readonly address: string;
  readonly reason: string;
}

/** Something wrong with a file itself, or a part of it that cannot be read. */
export interface LintProblem {
  /** Absent where no part of the file could be read. */
  readonly line?: number;
  readonly column?: number;
  readonly file: string;
  readonly message: string;
}

/** What `warden lint --format json` prints. Ordered by file as given, then place. */
export interface LintReport {
  readonly version: 1;
  readonly files: readonly string[];
  readonly findings: readonly LintFinding[];
  readonly unknown: readonly LintUnknown[];
  readonly unread: readonly LintUnread[];
  readonly problems: readonly LintProblem[];
}
