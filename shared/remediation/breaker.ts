import type { Fact } from "../facts/facts.ts";
import type { SubjectKind } from "../subject.ts";

/** How much may be repaired within an hour; what is reached first decides. Zero: nothing. */
export interface BreakerLimit {
  /** Repairs, of whatever kind of subject. */
  readonly count: number;
  /** Of the subjects of one kind that there are. */
  readonly percent: number;
}

export interface BreakerLimits {
  /** In any one account. */
  readonly perAccount: BreakerLimit;
  readonly organization: BreakerLimit;
}

/** What one breaker is for. */
export type BreakerScope = { readonly account: string } | "organization";

/** A breaker in one hour of the clock, in UTC: `2026-11-03T02`. */
export interface BreakerWindow {
  readonly scope: BreakerScope;
  readonly hour: string;
}

/** How many repairs may be begun in a window: of all kinds, and of the kind that is asked about. Whole numbers above 0. */
export interface Allowance {
  readonly total: number;
  readonly ofKind: number;
}

/** A breaker that has tripped: until the hour is over, or an operator resumes, nothing more is repaired there. */
export interface Trip {
  readonly window: BreakerWindow;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** The remediation that would have been one too many. */
  readonly remediationId: string;
}

/** Hours are those of the clock, not the last sixty minutes: at the turn of an hour, two windows' worth may follow closely. */
export const hourOf = (at: Date): string => at.toISOString().slice(0, 13);

/** When the hour is over. */
export const endOf = (hour: string): string => {
  const end = new Date(`${hour}:00:00.000Z`);
  end.setUTCHours(end.getUTCHours() + 1);
  return end.toISOString();
};

/**
 * What a limit comes to where there are so many subjects of a kind, or why it is nothing, as a clause. A percentage is
 * rounded down, but above zero it is at least one: otherwise nothing could be repaired in a small account.
 */
export const allowanceOf = (
  { count, percent }: BreakerLimit,
  kind: SubjectKind,
  population: Fact<number>,
): Allowance | string => {
  if (count === 0 || percent === 0) return "the settings allow no repair there";
  if (!population.known) return `how many subjects of kind ${kind} there are is not known: ${population.why}`;
  const { value } = population;
  if (!Number.isSafeInteger(value) || value < 1)
    return `there cannot be ${value} subjects of kind ${kind} where one is to be repaired`;
  return { total: count, ofKind: Math.max(1, Math.floor((value * percent) / 100)) };
};

export const scopeName = (scope: BreakerScope): string =>
  scope === "organization" ? "the organization" : `account ${scope.account}`;

/** Whether a sentence is what `tripReason` says of some trip. */
export const isTripReason = (why: string): boolean => / tripped at \d{4}-\d\d-\d\dT/.test(why);

/** What a trip means, as a sentence. */
export const tripReason = ({ window, at }: Trip): string =>
  `The circuit breaker of ${scopeName(window.scope)} tripped at ${at}: it holds every further repair there until ${endOf(window.hour)}, or until an operator resumes.`;
