import * as z from "zod";
import { VersionConflictError } from "../errors.ts";
import { readItem } from "../findings/read-item.ts";
import type { ReportUnreadable } from "../findings/store.ts";
import type { Mark } from "./mark.ts";

/** A mark whose record has not arrived. */
export interface WaitingMark extends Mark {
  /** Whether IAM said that it took the tag: of what it may not have taken, no record is missed. */
  readonly isSet: boolean;
}

/** The record of a mark at the hub. Times are ISO 8601 in UTC. */
export interface Arrival {
  readonly markedAt: string;
  /** CloudTrail's time of the call, in whole seconds. */
  readonly recordedAt: string;
  /** When the hub heard of it. */
  readonly at: string;
}

/** How an account stands with its marks. */
export interface AccountMarks {
  readonly accountId: string;
  /** ISO 8601: the first mark that was to be left; what happened before could not be heard of. */
  readonly since?: string;
  /** Oldest first. */
  readonly waiting: readonly WaitingMark[];
  /** Of the last mark that arrived. */
  readonly arrived?: Arrival;
  /** Why the last mark could not be set; absent if it was. */
  readonly unset?: { readonly nonce: string; readonly at: string; readonly why: string };
  /**
   * When people were told that the account is blind. Noted before they are, for a notice may go out though nobody answers;
   * `isSure` once the channel said that it did.
   */
  readonly toldBlind?: { readonly at: string; readonly isSure: boolean };
  /** 1 at first, and one more with each write. */
  readonly version: number;
}

/**
 * How each account stands with its marks. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/marks/mark-store-contract.ts`). Reads are strongly consistent. What is stored and cannot be read is a
 * `MalformedInputError`, a table that does not answer a `StoreError` or `ThrottledError`.
 */
export interface MarkStore {
  get(accountId: string): Promise<AccountMarks | undefined>;
  /**
   * Writes the state of an account whose `version` is one more than the stored one's (1: there is none yet).
   * @throws VersionConflictError if somebody else wrote it first
   */
  put(marks: AccountMarks): Promise<void>;
  /**
   * All accounts that ever were marked, members or not, ordered by id.
   * @param options.unreadable told of an account whose state cannot be read; without it that is thrown
   */
  list(options?: { readonly unreadable?: ReportUnreadable }): Promise<readonly AccountMarks[]>;
}

const marksItem = z.object({
  accountId: z.string(),
  since: z.iso.datetime().exactOptional(),
  waiting: z.array(z.object({ nonce: z.string(), markedAt: z.iso.datetime(), isSet: z.boolean() })),
  arrived: z.object({ markedAt: z.iso.datetime(), recordedAt: z.iso.datetime(), at: z.iso.datetime() }).exactOptional(),
  unset: z.object({ nonce: z.string(), at: z.iso.datetime(), why: z.string() }).exactOptional(),
  toldBlind: z.object({ at: z.iso.datetime(), isSure: z.boolean() }).exactOptional(),
  version: z.number().int().positive(),
});

/** @throws MalformedInputError if what is stored is something else */
export const marksFromItem = (item: Readonly<Record<string, unknown>>): AccountMarks =>
  readItem("state of marks", marksItem, item);

/** Each round of a race has a winner, so this many writers of one account all get their turn. */
const attempts = 12;

/**
 * Reads how an account stands, changes it, and writes it if it changed; starts over when somebody else wrote in between.
 * Gives back how it then stands. `transition` may run more than once; it gives what is next, or what it was given.
 * @throws VersionConflictError if it lost to others time and again
 */
export const changeMarks = async (
  store: MarkStore,
  accountId: string,
  transition: (marks: AccountMarks) => AccountMarks,
): Promise<AccountMarks> => {
  for (let attempt = 1; ; attempt++) {
    const stored = await store.get(accountId);
    const current = stored ?? { accountId, waiting: [], version: 0 };
    const next = transition(current);
    if (next === current) return current;
    const written = { ...next, version: current.version + 1 };
    try {
      await store.put(written);
      return written;
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === attempts) throw error;
    }
  }
};
