import type { AccountState } from "./state.ts";

/** The account's state as it was before the writes of one instant. */
interface Earlier {
  /** When the writes happened, in milliseconds. */
  readonly at: number;
  readonly state: AccountState;
}

/** How long a read lags behind the writes, in milliseconds; a function is asked anew by each read. */
export type Lag = number | (() => number);

/** Longer than a read lags in AWS: IAM shows a change everywhere within seconds, rarely minutes. */
export const longestLagMs = 5 * 60_000;

/** What IAM's reads see of its writes. */
export interface Consistency {
  /** From now on reads lag; a change of the lag forgets nothing. Undefined: reads see every write at once, as at first. */
  lagBy(lag: Lag | undefined): void;
  /** The account that an operation works on: an earlier state of it for a read that lags. To be called before it runs. */
  accountFor(operation: string, account: AccountState, now: Date): AccountState;
}

/** Reads of what is kept with the account and changes as it is read; they and the reports' making never lag. */
const current = /^(Generate|GetCredentialReport$|GetServiceLastAccessedDetails)/;
const read = /^(Get|List|Simulate)[A-Z]/;

/**
 * Makes what remembers the earlier states of accounts while reads lag. Writes always work on the true state. Until reads
 * lag, nothing is remembered and nothing is copied.
 */
export const createConsistency = (): Consistency => {
  /** By account id, oldest first. */
  const earlier = new Map<string, Earlier[]>();
  let lag: Lag | undefined;

  const lagOf = (drawn: number): number => {
    if (drawn >= 0 && drawn <= longestLagMs) return drawn;
    throw new RangeError(`a read lags by 0 to ${longestLagMs} ms, not by ${drawn}`);
  };

  const remember = (account: AccountState, at: number): void => {
    const states = (earlier.get(account.id) ?? []).filter((one) => one.at > at - longestLagMs);
    earlier.set(account.id, states);
    // Time stands still between calls: what they all change at one instant is unseen together.
    if (states.at(-1)?.at !== at) states.push({ at, state: structuredClone(account) });
  };

  return {
    lagBy: (next) => {
      if (typeof next === "number") lagOf(next);
      lag = next;
      if (next === undefined) earlier.clear();
    },
    accountFor: (operation, account, now) => {
      if (lag === undefined || current.test(operation)) return account;
      const at = now.getTime();
      if (!read.test(operation)) {
        remember(account, at);
        return account;
      }
      const seenUntil = at - lagOf(typeof lag === "number" ? lag : lag());
      return earlier.get(account.id)?.find((one) => one.at > seenUntil)?.state ?? account;
    },
  };
};
