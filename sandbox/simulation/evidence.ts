import type { Finding } from "../../shared/findings/finding.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { SnsDelivery } from "../sns/state.ts";
import type { AccountState } from "../state.ts";
import type { Plan } from "./plan.ts";
import type { Observed } from "./record.ts";
import type { TrueViolation } from "./truth.ts";

/** A run, as an observer has it at its end. */
export interface Evidence {
  readonly plan: Plan;
  /** In the plan's order, as they are at the end. */
  readonly accounts: readonly AccountState[];
  /** What violated when the last sweep began, and when it was over. */
  readonly before: readonly TrueViolation[];
  readonly after: readonly TrueViolation[];
  /** Open when the last sweep was over. */
  readonly open: readonly Finding[];
  readonly findings: readonly Finding[];
  readonly settings: Settings;
  readonly deliveries: readonly SnsDelivery[];
  readonly observed: Observed;
  /** When it was over, in milliseconds. */
  readonly endedAt: number;
  /** The most subjects of a kind that there ever were, in an account or, by the name `organization`, in all. */
  readonly mostSubjects: (scope: string, kind: string) => number;
  /** Undos that were refused, or never came about, though nobody had changed anything since. */
  readonly refusedUndos: readonly string[];
}

/** Says what is wrong, a sentence each; empty if it holds. */
export type Check = (evidence: Evidence) => readonly string[];
