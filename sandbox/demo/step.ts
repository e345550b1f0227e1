import type { FindingStatus } from "../../shared/findings/finding.ts";
import type { SubjectRef } from "../../shared/subject.ts";

/** What a step must have led to once the queue is empty. */
export interface Expectation {
  readonly accountId: string;
  readonly control: string;
  readonly subject: SubjectRef;
  readonly status: FindingStatus;
}

/** Something that happens in the demo organization, and what it leads to. */
export interface LifeStep {
  readonly title: string;
  act(): Promise<void> | void;
  readonly expected: readonly Expectation[];
  /** Messages that end in the dead-letter queue. */
  readonly deadLetters?: number;
}
