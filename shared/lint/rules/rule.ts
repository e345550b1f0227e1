import type { Severity } from "../../control.ts";
import type { Range } from "../../text/positions.ts";

/** What a policy is written for, as IAM's own rules of what it may hold go by it. */
export type DocumentKind = "identity" | "trust" | "scp" | "session";

/** A document that is known, with where its parts stand. */
export interface KnownDocument {
  readonly kind: DocumentKind;
  readonly address: string;
  readonly content: unknown;
  readonly at: Range;
  /** Its statements, as they are written; none where there is no list of them. */
  readonly statements: readonly { readonly value: unknown; readonly at: Range }[];
}

export interface RuleFinding {
  readonly severity: Severity;
  readonly at: Range;
  readonly address: string;
  readonly reason: string;
}

/** A rule of lint's own: about how a policy is written, which IAM itself, not a control, looks at. */
export interface LintRule {
  readonly id: string;
  readonly title: string;
  /** Of most of its findings. */
  readonly severity: Severity;
  /** What it comes to, in a sentence or two. */
  readonly why: string;
}
