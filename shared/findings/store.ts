import type { MalformedInputError } from "../errors.ts";
import type { Verifications } from "../judgement/verifications.ts";
import type { Finding } from "./finding.ts";

/** How many subjects there are in an account. */
export interface SubjectCounts {
  readonly users: number;
  readonly roles: number;
  /** Those that could be read, active or not. */
  readonly accessKeys: number;
}

/** What the last whole sweep of an account counted. */
export interface AccountPopulation extends SubjectCounts {
  readonly accountId: string;
  /** ISO 8601 in UTC, when that sweep was done. */
  readonly countedAt: string;
}

/** What the sweep of one account came to, kept for the digest and the next sweep. */
export interface AccountSweep {
  readonly runId: string;
  readonly accountId: string;
  readonly accountName?: string;
  readonly ouPath?: string;
  readonly status: "swept" | "failed";
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Why the account could not be read. */
  readonly error?: string;
  /** Verdicts by outcome, over all controls and subjects. */
  readonly verdicts: {
    readonly violation: number;
    readonly compliant: number;
    readonly unknown: number;
    readonly notApplicable: number;
  };
  /** Distinct causes of unknown verdicts, most frequent first, with their counts. */
  readonly unknownCauses: readonly { readonly cause: string; readonly count: number }[];
  readonly gaps: readonly string[];
  /** Absent where the account was not read to its end. */
  readonly population?: SubjectCounts;
}

/** When a finding may be forgotten, as it is now; `undefined`: not as long as nobody writes it. */
export type ForgetFindingAt = (finding: Finding) => Promise<Date | undefined>;

/** Is told of something stored that cannot be read. */
export type ReportUnreadable = (accountId: string, error: MalformedInputError) => void;

/**
 * Findings and sweep results. Two adapters, memory and DynamoDB, pass one contract suite
 * (`test/findings/store-contract.ts`). Writes are conditional on the version; there are no transactions. Every read
 * but `undelivered` is strongly consistent. A stored finding or result that cannot be read
 * is a `MalformedInputError`, a table that does not answer a `StoreError` or `ThrottledError`. A store that is told when
 * findings may be forgotten shows each until it has forgotten it, which may take some days longer; one that is put again by then
 * is forgotten by what it says then.
 */
export interface FindingStore {
  get(accountId: string, findingId: string): Promise<Finding | undefined>;
  /**
   * Writes a finding whose `version` is one more than the stored one's (1: it must not exist yet).
   * @throws VersionConflictError if somebody else wrote it first, or if this very write had already arrived
   */
  put(finding: Finding): Promise<void>;
  /** The open findings of an account, ordered by id. */
  listOpen(accountId: string): Promise<readonly Finding[]>;
  /** All findings of an account, ordered by id. */
  listAll(accountId: string): Promise<readonly Finding[]>;
  /** The findings of an account whose id begins so, ordered by id: costs one query, and no more than what it finds. */
  beginningWith(accountId: string, idPrefix: string): Promise<readonly Finding[]>;
  /** What is open in an account, has something left to tell, is being repaired, or waits for its last step; ordered by id. */
  listActive(accountId: string): Promise<readonly Finding[]>;
  /**
   * Every finding with something left to tell, in all accounts, about oldest first; each as it is now. What was written
   * in the last seconds may be missing: whoever must not miss it asks its account with `listActive`.
   * @param options.skip ids of accounts to leave out
   * @param options.unreadable told of a finding that cannot be read, and its account; without it that is thrown
   */
  undelivered(options?: {
    readonly skip?: ReadonlySet<string>;
    readonly unreadable?: ReportUnreadable;
  }): AsyncIterable<Finding>;
  /** The ids of all accounts that ever had an open finding, ordered; members of the organization or not. */
  accountsWithFindings(): Promise<readonly string[]>;
  /** Where the sweep counted the account's population, that is kept as the account's last too, unless a later one is. */
  putSweep(sweep: AccountSweep): Promise<void>;
  /** What the sweeps verified against the account's last credential report. Bounded: of too many users the last are left out. */
  putVerifications(verifications: Verifications): Promise<void>;
  verifications(accountId: string): Promise<Verifications | undefined>;
  /** What was last counted in each account, members of the organization or not, ordered by account id. */
  populations(): Promise<readonly AccountPopulation[]>;
  /**
   * The accounts' results in one sweep run, ordered by account id.
   * @param options.unreadable told of a result that cannot be read, and its account; without it that is thrown
   */
  listSweeps(runId: string, options?: { readonly unreadable?: ReportUnreadable }): Promise<readonly AccountSweep[]>;
}
