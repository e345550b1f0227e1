import { setTimeout as sleep } from "node:timers/promises";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";

export interface AccountDirectory {
  /** An account's name and place from its id, as well as is known: never fails, at worst it knows only the id. */
  readonly find: (accountId: string) => Promise<AccountRef>;
  /** Notes that accounts changed: the next question lists them again, though not for every change of a burst. */
  readonly outdate: () => void;
}

export interface AccountDirectoryOptions {
  /** Lists the organization's accounts. */
  readonly list: () => Promise<readonly AccountRef[]>;
  /** The accounts as somebody kept them: for as long as no listing has come to an end. */
  readonly kept?: () => Promise<readonly AccountRef[]>;
  readonly clock: () => Date;
  readonly telemetry: Telemetry;
  /** Settles when judgements have waited long enough for a listing. Default: ten seconds. */
  readonly patience?: () => Promise<unknown>;
}

const maxAgeMinutes = 60;
/** An unknown id or a failed listing lists again, but not for every event of a burst. */
const minAgeMinutes = 5;
/** So does a change of the organization itself, of which there are few. */
const minAgeMinutesAfterChange = 1;

const tenSeconds = (): Promise<void> => sleep(10_000, undefined, { ref: false });

/**
 * Names the accounts that events come from. One listing serves all accounts for an hour: an event asks for no
 * Organizations call of its own, whose rate limits are per organization. Names are for people: a listing that fails
 * is logged and leaves what was kept, at worst only the id, and one that takes long (hundreds of accounts, throttled) goes on while judgements do
 * with the names there are.
 */
export const createAccountDirectory = ({
  list,
  kept = async () => [],
  clock,
  telemetry,
  patience = tenSeconds,
}: AccountDirectoryOptions): AccountDirectory => {
  let accounts: ReadonlyMap<string, AccountRef> = new Map();
  let listedAt = Number.NEGATIVE_INFINITY;
  let isOutdated = false;
  let listing: Promise<void> | undefined;
  /** The listing under way, as long as it is waited for. */
  let waiting: Promise<unknown> | undefined;

  const byId = (all: readonly AccountRef[]) => new Map(all.map((account) => [account.id, account]));

  const refresh = async (): Promise<void> => {
    listedAt = clock().getTime();
    isOutdated = false;
    try {
      accounts = byId(await list());
    } catch (error) {
      telemetry.warn("The organization's accounts could not be listed: notices go out with the names that are known", {
        error,
      });
      if (accounts.size === 0) await takeKept();
    }
  };

  const takeKept = async (): Promise<void> => {
    try {
      accounts = byId(await kept());
    } catch (error) {
      telemetry.warn("Nor could they be read as they were kept: notices go out without account names", { error });
    }
  };

  const isDue = (accountId: string): boolean => {
    const ageMinutes = (clock().getTime() - listedAt) / 60_000;
    if (isOutdated && ageMinutes >= minAgeMinutesAfterChange) return true;
    return ageMinutes >= maxAgeMinutes || (!accounts.has(accountId) && ageMinutes >= minAgeMinutes);
  };

  const find = async (accountId: string): Promise<AccountRef> => {
    if (isDue(accountId)) {
      if (listing === undefined) {
        listing = refresh().finally(() => {
          listing = undefined;
        });
        waiting = Promise.race([listing, patience()]);
      }
    }
    await waiting;
    return accounts.get(accountId) ?? { id: accountId };
  };

  const outdate = (): void => {
    isOutdated = true;
  };

  return { find, outdate };
};
