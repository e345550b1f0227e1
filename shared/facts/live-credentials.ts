import { type AccessKeyFacts, type ConsoleAccess, type Fact, known, type UserFacts, unknownFact } from "./facts.ts";
import { byCreation, noConsole } from "./shapes.ts";

export type LoginProfile = { readonly enabled: false } | { readonly enabled: true; readonly createdAt: Fact<Date> };

/** An access key as `ListAccessKeys` has it. */
export interface ListedKey {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: Date;
  /** Absent where it was not asked for. */
  readonly lastUsedAt?: Fact<Date | null> | undefined;
}

/** The parts of a user's credentials that were read live; what was not asked for is absent. */
export interface LiveCredentials {
  readonly loginProfile?: Fact<LoginProfile> | undefined;
  readonly passwordLastUsedAt?: Fact<Date | null> | undefined;
  readonly mfaActive?: Fact<boolean> | undefined;
  readonly accessKeys?: Fact<readonly ListedKey[]> | undefined;
}

/** Access keys have no finer times than seconds anywhere. */
const sameSecond = (a: Date, b: Date): boolean => Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);

/** What a report, which has no ids, says of a key's last use; unknown where it may mean another key of that second. */
const reportedLastUse = (reported: readonly AccessKeyFacts[], key: ListedKey): Fact<Date | null> => {
  const twins = reported.filter((one) => sameSecond(one.createdAt, key.createdAt));
  const alike = twins.length > 1 ? twins.filter(({ active }) => active === key.active) : twins;
  const [first, ...others] = alike.map(({ lastUsedAt }) => lastUsedAt);
  if (!first) return unknownFact("the credential report does not have this key");
  const isSame = (other: Fact<Date | null>) =>
    first.known && other.known && first.value?.getTime() === other.value?.getTime();
  return others.every(isSame) ? first : unknownFact("it is not known which key of the credential report this is");
};

export const consoleOf = (
  profile: Fact<LoginProfile>,
  lastUsedAt: Fact<Date | null>,
  passwordChangedAt: Fact<Date>,
): Fact<ConsoleAccess> => {
  if (!profile.known) return profile;
  if (!profile.value.enabled) return known(noConsole);
  return known({ enabled: true, createdAt: profile.value.createdAt, passwordChangedAt, lastUsedAt });
};

/** The facts of a user's keys; `lastUse` says what is known of each one's last use. */
export const keysOf = (
  owner: Pick<UserFacts, "account" | "name" | "arn" | "path" | "tags">,
  keys: Fact<readonly ListedKey[]>,
  lastUse: (key: ListedKey) => Fact<Date | null>,
): Fact<readonly AccessKeyFacts[]> => {
  if (!keys.known) return keys;
  const facts = keys.value.map(
    (key): AccessKeyFacts => ({
      kind: "accessKey",
      account: owner.account,
      userName: owner.name,
      userArn: owner.arn,
      userPath: owner.path,
      userTags: owner.tags,
      id: known(key.id),
      active: key.active,
      createdAt: key.createdAt,
      lastUsedAt: lastUse(key),
    }),
  );
  return known(facts.sort(byCreation));
};

/**
 * The facts of a user whom a bulk read saw, with the parts that were read live in place of those; the rest stays,
 * `credentialsAsOf` included. Access keys that were read have their ids.
 */
export const refreshed = (before: UserFacts, live: LiveCredentials): UserFacts => {
  const { console, mfaActive, accessKeys } = before;
  const reported = accessKeys.known ? accessKeys.value : [];
  const profile = live.loginProfile ?? console;
  const isReported = console.known && console.value.enabled;
  const reportedSignIn = isReported ? console.value.lastUsedAt : unknownFact("the password is new");
  return {
    ...before,
    console: consoleOf(
      profile,
      live.passwordLastUsedAt ?? (console.known ? reportedSignIn : console),
      isReported
        ? console.value.passwordChangedAt
        : unknownFact("only the credential report says when the password was changed"),
    ),
    mfaActive: live.mfaActive ?? mfaActive,
    accessKeys: live.accessKeys
      ? keysOf(before, live.accessKeys, (key) => key.lastUsedAt ?? reportedLastUse(reported, key))
      : accessKeys,
  };
};
