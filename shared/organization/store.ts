import type { OrganizationReading } from "./organization.ts";

/**
 * The organization as it was read last. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/organization/store-contract.ts`). Reads are strongly consistent. What is stored and cannot be read is a
 * `MalformedInputError`, a table that does not answer a `StoreError` or `ThrottledError`.
 */
export interface OrganizationStore {
  /** The latest reading that was stored as a whole; `undefined` if there is none. */
  latest(): Promise<OrganizationReading | undefined>;
  /** Which that is: another name than before says that there is another one. It costs less than to get it. */
  generation(): Promise<string | undefined>;
  /** Takes the place of the one before, but for one that was begun later: then that stays. */
  put(reading: OrganizationReading): Promise<void>;
  /** Whether nobody claimed the next reading within the last `claimMinutes`: then it is the caller's. */
  claim(now: Date): Promise<boolean>;
}

/** At most so often an organization is read for its changes: Organizations limits the calls of all its accounts together. */
export const claimMinutes = 2;
