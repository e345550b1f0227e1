import type { AccessKeyFacts, AccountFacts, CredentialPart, RoleFacts, RootFacts, UserFacts } from "./facts.ts";

export interface RefreshOptions {
  /** Whose last use is asked for, a call each. Absent: every key's. */
  readonly lastUsedOf?: (key: AccessKeyFacts) => boolean;
}

/**
 * Reads one subject's live state. A subject that does not exist is `undefined`; a part that may not be read is an
 * unknown fact that names the missing permission.
 * @throws ThrottledError when AWS keeps throttling after the SDK's own retries
 */
export interface LiveReader {
  user(name: string): Promise<UserFacts | undefined>;
  role(name: string): Promise<RoleFacts | undefined>;
  root(): Promise<RootFacts>;
  account(): Promise<AccountFacts>;
  /**
   * Re-reads only the named parts of a user that a bulk read saw, and keeps the rest, `credentialsAsOf` included.
   * `undefined` if the user is gone. Access keys come back with their ids. Since it is one read among many of a sweep, a
   * part that AWS itself fails at (500) is an unknown fact here.
   */
  refresh(user: UserFacts, parts: readonly CredentialPart[], options?: RefreshOptions): Promise<UserFacts | undefined>;
}
