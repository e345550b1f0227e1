import type { SubjectKind } from "../subject.ts";
import type { Allowance, BreakerWindow, Trip } from "./breaker.ts";

export interface Take {
  readonly window: BreakerWindow;
  readonly remediationId: string;
  readonly kind: SubjectKind;
  readonly allowance: Allowance;
  readonly at: Date;
}

/**
 * `taken`: there is a slot for this remediation, of now or from an earlier try. `tripped`: there is none, and there will be
 * none in this window, whatever its kind, unless an operator resumes.
 */
export type Taken = { readonly outcome: "taken" } | Tripped;
/** `room`: just now there was a slot for this remediation, or it has one; somebody else may take it first. */
export type Looked = { readonly outcome: "room" } | Tripped;
interface Tripped {
  readonly outcome: "tripped";
  readonly trip: Trip;
}

/** Whoever claims the telling of a trip has so long to tell it; then somebody else may. */
export const tellingMs = 60_000;

/**
 * The circuit breakers' counters. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/remediation/breaker-store-contract.ts`). Every write is conditional and every read strongly consistent: however many
 * take at once, no window gives out more slots than were allowed. A table that does not answer is a `StoreError` or
 * `ThrottledError`.
 */
export interface BreakerStore {
  /**
   * Takes a slot, or trips the breaker where all are taken.
   * @throws RangeError for an allowance that is no whole number above 0
   */
  take(take: Take): Promise<Taken>;
  /**
   * Takes no slot, but trips the breaker where `take` would.
   * @throws RangeError for an allowance that is no whole number above 0
   */
  look(take: Take): Promise<Looked>;
  /** Says whether it falls to the caller to tell of the window's trip: to one at a time, and to nobody once it is told. */
  claimTelling(trip: Trip, now: Date): Promise<boolean>;
  markTold(trip: Trip, now: Date): Promise<void>;
  /** The trip that holds a window now. */
  tripOf(window: BreakerWindow): Promise<Trip | undefined>;
  /**
   * An operator lets the window begin anew, with all its slots. Remediations that have one keep it.
   * @returns false if it is not this trip that holds it now: somebody else resumed already
   */
  resume(trip: Trip, by: string, now: Date): Promise<boolean>;
}

/** @throws RangeError */
export const checkAllowance = ({ total, ofKind }: Allowance): void => {
  for (const slots of [total, ofKind]) {
    if (!Number.isSafeInteger(slots) || slots < 1) throw new RangeError(`no allowance: ${slots}`);
  }
};
