import {
  type AccessKeyMetadata,
  GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand,
  GetLoginProfileCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  type User,
} from "@aws-sdk/client-iam";
import type { AwsAccess } from "../aws/access.ts";
import { call, isNoSuchEntity } from "../aws/errors.ts";
import { MalformedInputError } from "../errors.ts";
import type { AccountRef } from "../subject.ts";
import {
  type AccessKeyFacts,
  type ConsoleAccess,
  type CredentialPart,
  type Fact,
  known,
  type UserFacts,
  unknownFact,
} from "./facts.ts";
import type { LiveReader, RefreshOptions } from "./readers.ts";
import { maxItems, pages, type Read, read, readOrGap } from "./reading.ts";
import {
  type AccountSummary,
  accountFacts,
  byCreation,
  listVirtualMfa,
  noConsole,
  roleFacts,
  rootFacts,
  userIdentity,
} from "./shapes.ts";

/** Access keys have no finer times than seconds anywhere. */
const sameSecond = (a: Date, b: Date): boolean => Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);

/** `undefined` where IAM says that the entity does not exist. */
const ifExists = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isNoSuchEntity(error)) return undefined;
    throw error;
  }
};

/** What a report, which has no ids, says of a key's last use; unknown where it may mean another key of that second. */
const reportedLastUse = (reported: readonly AccessKeyFacts[], key: AccessKeyFacts): Fact<Date | null> => {
  const twins = reported.filter((one) => sameSecond(one.createdAt, key.createdAt));
  const alike = twins.length > 1 ? twins.filter(({ active }) => active === key.active) : twins;
  const [first, ...others] = alike.map(({ lastUsedAt }) => lastUsedAt);
  if (!first) return unknownFact("the credential report does not have this key");
  const isSame = (other: Fact<Date | null>) =>
    first.known && other.known && first.value?.getTime() === other.value?.getTime();
  return others.every(isSame) ? first : unknownFact("it is not known which key of the credential report this is");
};

/** The user vanished while it was being read. */
const gone = Symbol("gone");
type Gone = typeof gone;

type Owner = Pick<UserFacts, "account" | "name" | "arn" | "path" | "tags">;
type LoginProfile = { readonly enabled: false } | { readonly enabled: true; readonly createdAt: Fact<Date> };

const reads = (iam: IAMClient, account: AccountRef, read: Read) => {
  const loginProfile = async (userName: string): Promise<Fact<LoginProfile> | Gone> => {
    try {
      return await read("iam:GetLoginProfile", account.id, async () => {
        const { LoginProfile: profile } = await iam.send(new GetLoginProfileCommand({ UserName: userName }));
        return {
          enabled: true as const,
          createdAt: profile?.CreateDate
            ? known(profile.CreateDate)
            : unknownFact("GetLoginProfile gives no creation date"),
        };
      });
    } catch (error) {
      if (!isNoSuchEntity(error)) throw error;
      // The same code for a user without a password and for no such user; only the message tells ("The user with name…").
      return error instanceof Error && /\buser with name\b/i.test(error.message) ? gone : known({ enabled: false });
    }
  };

  const mfaActive = async (userName: string): Promise<Fact<boolean> | Gone> => {
    const answer = await ifExists(
      read("iam:ListMFADevices", account.id, async () => {
        const list = pages((marker) =>
          iam.send(new ListMFADevicesCommand({ UserName: userName, MaxItems: maxItems, ...marker })),
        );
        for await (const page of list) if (page.MFADevices?.length) return true;
        return false;
      }),
    );
    return answer ?? gone;
  };

  const keyList = async (userName: string): Promise<Fact<readonly AccessKeyMetadata[]> | Gone> => {
    const answer = await ifExists(
      read("iam:ListAccessKeys", account.id, async () => {
        const keys: AccessKeyMetadata[] = [];
        const list = pages((marker) =>
          iam.send(new ListAccessKeysCommand({ UserName: userName, MaxItems: maxItems, ...marker })),
        );
        for await (const page of list) keys.push(...(page.AccessKeyMetadata ?? []));
        return keys;
      }),
    );
    return answer ?? gone;
  };

  const keyLastUsed = async (id: string): Promise<Fact<Date | null>> => {
    const answer = await ifExists(
      read("iam:GetAccessKeyLastUsed", account.id, async () => {
        const { AccessKeyLastUsed: used } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }));
        return used?.LastUsedDate ?? null;
      }),
    );
    return answer ?? unknownFact("the access key was deleted while it was being read");
  };

  /** The user's keys as they are now; `lastUse` says where each one's last use is known from. */
  const accessKeys = async (
    owner: Owner,
    lastUse: (key: AccessKeyFacts) => Promise<Fact<Date | null>> | Fact<Date | null>,
  ): Promise<Fact<readonly AccessKeyFacts[]> | Gone> => {
    const list = await keyList(owner.name);
    if (list === gone || !list.known) return list;
    const keys = await Promise.all(
      list.value.map(async (listed): Promise<AccessKeyFacts> => {
        if (!listed.AccessKeyId || !listed.CreateDate)
          throw new MalformedInputError("IAM answered without AccessKeyId or CreateDate");
        const key: AccessKeyFacts = {
          kind: "accessKey",
          account: owner.account,
          userName: owner.name,
          userArn: owner.arn,
          userPath: owner.path,
          userTags: owner.tags,
          id: known(listed.AccessKeyId),
          active: listed.Status !== "Inactive" && listed.Status !== "Expired",
          createdAt: listed.CreateDate,
          lastUsedAt: unknownFact("not read"),
        };
        return { ...key, lastUsedAt: await lastUse(key) };
      }),
    );
    return known(keys.sort(byCreation));
  };

  return { loginProfile, mfaActive, accessKeys, keyLastUsed };
};

const consoleOf = (
  profile: Fact<LoginProfile>,
  lastUsedAt: Fact<Date | null>,
  passwordChangedAt: Fact<Date>,
): Fact<ConsoleAccess> => {
  if (!profile.known) return profile;
  if (!profile.value.enabled) return known(noConsole);
  return known({ enabled: true, createdAt: profile.value.createdAt, passwordChangedAt, lastUsedAt });
};

/** The live reader of one account; see `LiveReader`. */
export const createLiveReader = (aws: AwsAccess, account: AccountRef, clock: () => Date): LiveReader => {
  const iam = aws.iam(account.id);
  const from = reads(iam, account, read);

  const getUser = async (name: string): Promise<User | undefined> => {
    const answer = await ifExists(
      call("iam:GetUser", account.id, () => iam.send(new GetUserCommand({ UserName: name }))),
    );
    return answer?.User;
  };

  const user = async (name: string): Promise<UserFacts | undefined> => {
    const credentialsAsOf = clock();
    const found = await getUser(name);
    if (!found) return undefined;
    const identity = userIdentity(account, found);
    const [profile, mfaActive, accessKeys] = await Promise.all([
      from.loginProfile(name),
      from.mfaActive(name),
      from.accessKeys(identity, (key) => (key.id.known ? from.keyLastUsed(key.id.value) : key.lastUsedAt)),
    ]);
    if (profile === gone || mfaActive === gone || accessKeys === gone) return undefined;
    return {
      ...identity,
      console: consoleOf(
        profile,
        known(found.PasswordLastUsed ?? null),
        unknownFact("only the credential report says when the password was changed"),
      ),
      mfaActive,
      accessKeys,
      credentialsAsOf,
    };
  };

  const refresh = async (
    before: UserFacts,
    parts: readonly CredentialPart[],
    { lastUsedOf = () => true }: RefreshOptions = {},
  ): Promise<UserFacts | undefined> => {
    const wanted = new Set(parts);
    const from = reads(iam, account, readOrGap);
    const { name } = before;
    const consoleBefore = before.console;
    const keysBefore = before.accessKeys.known ? before.accessKeys.value : [];

    const profile = async (): Promise<Fact<LoginProfile> | Gone> => {
      if (wanted.has("loginProfile")) return from.loginProfile(name);
      if (!consoleBefore.known) return consoleBefore;
      const { enabled, createdAt } = consoleBefore.value;
      return known(enabled ? { enabled, createdAt } : { enabled });
    };
    const passwordLastUsed = async (): Promise<Fact<Date | null> | Gone> => {
      if (!wanted.has("passwordLastUsed")) {
        if (!consoleBefore.known) return consoleBefore;
        return consoleBefore.value.enabled ? consoleBefore.value.lastUsedAt : unknownFact("the password is new");
      }
      const answer = await readOrGap("iam:GetUser", account.id, () => getUser(name));
      if (!answer.known) return answer;
      return answer.value ? known(answer.value.PasswordLastUsed ?? null) : gone;
    };
    const accessKeys = async (): Promise<Fact<readonly AccessKeyFacts[]> | Gone> => {
      if (!wanted.has("accessKeys") && !wanted.has("accessKeyLastUsed")) return before.accessKeys;
      return from.accessKeys(before, (key) => {
        if (wanted.has("accessKeyLastUsed") && lastUsedOf(key) && key.id.known) return from.keyLastUsed(key.id.value);
        return reportedLastUse(keysBefore, key);
      });
    };

    const [newProfile, lastUsedAt, mfaActive, keys] = await Promise.all([
      profile(),
      passwordLastUsed(),
      wanted.has("mfaDevices") ? from.mfaActive(name) : before.mfaActive,
      accessKeys(),
    ]);
    if (newProfile === gone || lastUsedAt === gone || mfaActive === gone || keys === gone) return undefined;
    return {
      ...before,
      console: consoleOf(
        newProfile,
        lastUsedAt,
        consoleBefore.known && consoleBefore.value.enabled
          ? consoleBefore.value.passwordChangedAt
          : unknownFact("only the credential report says when the password was changed"),
      ),
      mfaActive,
      accessKeys: keys,
    };
  };

  const summary = (): Promise<Fact<AccountSummary>> =>
    read("iam:GetAccountSummary", account.id, async () => {
      const answer = await iam.send(new GetAccountSummaryCommand({}));
      return answer.SummaryMap ?? {};
    });

  return {
    user,
    refresh,
    role: async (name) => {
      const answer = await ifExists(
        call("iam:GetRole", account.id, () => iam.send(new GetRoleCommand({ RoleName: name }))),
      );
      return answer?.Role && roleFacts(account, answer.Role);
    },
    root: async () => {
      const [live, virtualMfa] = await Promise.all([
        summary(),
        read("iam:ListVirtualMFADevices", account.id, () => listVirtualMfa(iam)),
      ]);
      const row = unknownFact("only the credential report's row of root says so");
      return rootFacts(account, aws.partition, { summary: live, virtualMfa }, { row, fresh: false });
    },
    account: async () => accountFacts(account, aws.partition, await summary()),
  };
};
