import type { AccountFacts, CredentialPart, OtherFacts, RoleFacts, RootFacts, UserFacts } from "./facts.ts";
import type { ListedKey, LiveCredentials } from "./live-credentials.ts";
import type { AccountCounts } from "./shapes.ts";

/** What is read besides the rest, at some calls each. */
export interface ReadWhat {
  /** The policies in force for a user or role. Absent: they are an unknown fact. */
  readonly policies?: boolean;
  /** Whether a user of the account has a console password, as it is for whoever can wait for it. Absent: an unknown fact. */
  readonly consoleUsers?: boolean;
}

export interface ReadOptions {
  /** Whose last use is asked for, a call each. Absent: every key's. */
  readonly lastUsedOf?: (key: ListedKey) => boolean;
}

/**
 * Reads one subject's live state. A subject that does not exist is `undefined`; a part that may not be read is an
 * unknown fact that names the missing permission.
 * @throws ThrottledError when AWS keeps throttling after the SDK's own retries
 */
export interface LiveReader {
  user(name: string, what?: ReadWhat): Promise<UserFacts | undefined>;
  role(name: string, what?: ReadWhat): Promise<RoleFacts | undefined>;
  root(): Promise<RootFacts>;
  account(): Promise<AccountFacts>;
  /** Of the account no more than what one call counts. */
  counts(): Promise<AccountCounts>;
  /** By the name that its facts have. */
  other(kind: OtherFacts["kind"], name: string): Promise<OtherFacts | undefined>;
  /**
   * Reads only the named parts of a user whom a bulk read saw: `refreshed` puts them into the user's facts. `undefined` if
   * the user is gone. Since it is one read among many of a sweep, a part that AWS itself fails at (500) is an unknown
   * fact here.
   */
  credentials(
    userName: string,
    parts: readonly CredentialPart[],
    options?: ReadOptions,
  ): Promise<LiveCredentials | undefined>;
}
