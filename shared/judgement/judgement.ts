import type { Severity, Verdict } from "../control.ts";
import type { AccountRef, Subject } from "../subject.ts";

/** What one control said of one subject, and from when the facts were that it said it of. */
export interface Judgement {
  readonly control: string;
  readonly severity: Severity;
  readonly account: AccountRef;
  readonly subject: Subject;
  readonly verdict: Verdict;
  /** IAM's unique id of the user or role, `AIDA…` or `AROA…`: a later one of the same name has another. */
  readonly principalId?: string;
  /** Who is responsible, by the tags that the settings name; absent where there are none. */
  readonly owners?: readonly string[];
  /** A judgement never changes a finding that was confirmed by facts later than this. */
  readonly asOf: Date;
}
