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
import type { OrganizationView } from "../organization/view.ts";
import type { AccountRef } from "../subject.ts";
import { readAnalyzers } from "./analyzers.ts";
import { readResource } from "./external-access.ts";
import { type CredentialPart, type Fact, known, type UserFacts, unknownFact } from "./facts.ts";
import { consoleOf, keysOf, type ListedKey, type LiveCredentials, type LoginProfile } from "./live-credentials.ts";
import { createPolicyReader } from "./live-policies.ts";
import { createOtherReader } from "./others.ts";
import { type ReadHasConsoleUsers, readPasswordPolicy } from "./passwords.ts";
import type { LiveReader, ReadOptions, ReadWhat } from "./readers.ts";
import { ifExists, maxItems, pages, type Read, read, readOrGap } from "./reading.ts";
import { readServiceCredentials } from "./service-credentials.ts";
import {
  type AccountSummary,
  accountCounts,
  accountFacts,
  listVirtualMfa,
  type PolicyParts,
  policyQuotas,
  roleFacts,
  rootFacts,
  userIdentity,
} from "./shapes.ts";

const notRead = {
  policies: unknownFact("the policies were not read"),
  quotas: unknownFact("the quotas were not read"),
};

/** The user vanished while it was being read. */
const gone = Symbol("gone");
type Gone = typeof gone;

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

  const keyList = async (userName: string): Promise<Fact<readonly ListedKey[]> | Gone> => {
    const answer = await ifExists(
      read("iam:ListAccessKeys", account.id, async () => {
        const keys: ListedKey[] = [];
        const list = pages((marker) =>
          iam.send(new ListAccessKeysCommand({ UserName: userName, MaxItems: maxItems, ...marker })),
        );
        for await (const page of list) keys.push(...(page.AccessKeyMetadata ?? []).map(listedKey));
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

  /** The user's keys, with the last use of those that are `wanted`, a call each. */
  const accessKeys = async (
    userName: string,
    wanted: (key: ListedKey) => boolean,
  ): Promise<Fact<readonly ListedKey[]> | Gone> => {
    const list = await keyList(userName);
    if (list === gone || !list.known) return list;
    return known(
      await Promise.all(
        list.value.map(async (key) => (wanted(key) ? { ...key, lastUsedAt: await keyLastUsed(key.id) } : key)),
      ),
    );
  };

  return { loginProfile, mfaActive, accessKeys };
};

const listedKey = ({ AccessKeyId, CreateDate, Status }: AccessKeyMetadata): ListedKey => {
  if (!AccessKeyId || !CreateDate) throw new MalformedInputError("IAM answered without AccessKeyId or CreateDate");
  return { id: AccessKeyId, active: Status !== "Inactive" && Status !== "Expired", createdAt: CreateDate };
};

/** The live reader of one account; see `LiveReader`. */
export const createLiveReader = (
  aws: AwsAccess,
  account: AccountRef,
  clock: () => Date,
  {
    readHasConsoleUsers,
    organization,
  }: {
    readonly readHasConsoleUsers?: ReadHasConsoleUsers;
    /** Which analyzers of the organization tell of the account's resources. Absent: not known. */
    readonly organization?: Fact<OrganizationView>;
  } = {},
): LiveReader => {
  const iam = aws.iam(account.id);
  const from = reads(iam, account, read);
  const policies = createPolicyReader(iam, account.id, read);

  const summary = (): Promise<Fact<AccountSummary>> =>
    read("iam:GetAccountSummary", account.id, async () => {
      const answer = await iam.send(new GetAccountSummaryCommand({}));
      return answer.SummaryMap ?? {};
    });

  const quotas = async () => policyQuotas(await summary());
  const together = async (reading: Promise<PolicyParts["policies"]>): Promise<PolicyParts> => {
    const [inForce, allowed] = await Promise.all([reading, quotas()]);
    return { policies: inForce, quotas: allowed };
  };

  const getUser = async (name: string): Promise<User | undefined> => {
    const answer = await ifExists(
      call("iam:GetUser", account.id, () => iam.send(new GetUserCommand({ UserName: name }))),
    );
    return answer?.User;
  };

  const user = async (name: string, what?: ReadWhat): Promise<UserFacts | undefined> => {
    const credentialsAsOf = clock();
    const found = await getUser(name);
    if (!found) return undefined;
    const boundaryArn = found.PermissionsBoundary?.PermissionsBoundaryArn ?? null;
    const [loginProfile, mfaActive, accessKeys, serviceCredentials, parts] = await Promise.all([
      from.loginProfile(name),
      from.mfaActive(name),
      from.accessKeys(name, () => true),
      ifExists(readServiceCredentials(iam, account.id, name, read)),
      what?.policies ? together(policies.user(name, boundaryArn)) : notRead,
    ]);
    if (loginProfile === gone || mfaActive === gone || accessKeys === gone) return undefined;
    if (serviceCredentials === undefined) return undefined;
    const identity = userIdentity(account, found, parts);
    return {
      ...identity,
      console: consoleOf(
        loginProfile,
        known(found.PasswordLastUsed ?? null),
        unknownFact("only the credential report says when the password was changed"),
      ),
      mfaActive,
      accessKeys: keysOf(identity, accessKeys, ({ lastUsedAt }) => lastUsedAt ?? unknownFact("not read")),
      serviceCredentials,
      credentialsAsOf,
    };
  };

  const credentials = async (
    name: string,
    parts: readonly CredentialPart[],
    { lastUsedOf = () => true }: ReadOptions = {},
  ): Promise<LiveCredentials | undefined> => {
    const wanted = new Set(parts);
    const from = reads(iam, account, readOrGap);

    const passwordLastUsed = async (): Promise<Fact<Date | null> | Gone> => {
      const answer = await readOrGap("iam:GetUser", account.id, () => getUser(name));
      if (!answer.known) return answer;
      return answer.value ? known(answer.value.PasswordLastUsed ?? null) : gone;
    };
    const keys = () => from.accessKeys(name, (key) => wanted.has("accessKeyLastUsed") && lastUsedOf(key));

    const [loginProfile, passwordLastUsedAt, mfaActive, accessKeys] = await Promise.all([
      wanted.has("loginProfile") ? from.loginProfile(name) : undefined,
      wanted.has("passwordLastUsed") ? passwordLastUsed() : undefined,
      wanted.has("mfaDevices") ? from.mfaActive(name) : undefined,
      wanted.has("accessKeys") || wanted.has("accessKeyLastUsed") ? keys() : undefined,
    ]);
    if (loginProfile === gone || passwordLastUsedAt === gone || mfaActive === gone || accessKeys === gone)
      return undefined;
    return { loginProfile, passwordLastUsedAt, mfaActive, accessKeys };
  };

  return {
    user,
    credentials,
    role: async (name, what) => {
      const answer = await ifExists(
        call("iam:GetRole", account.id, () => iam.send(new GetRoleCommand({ RoleName: name }))),
      );
      if (!answer?.Role) return undefined;
      const boundaryArn = answer.Role.PermissionsBoundary?.PermissionsBoundaryArn ?? null;
      const parts = what?.policies ? await together(policies.role(name, boundaryArn)) : notRead;
      return roleFacts(account, answer.Role, parts);
    },
    root: async () => {
      const [live, virtualMfa] = await Promise.all([
        summary(),
        read("iam:ListVirtualMFADevices", account.id, () => listVirtualMfa(iam)),
      ]);
      const row = unknownFact("only the credential report's row of root says so");
      return rootFacts(account, aws.partition, { summary: live, virtualMfa }, { row, fresh: false });
    },
    account: async () => {
      const [live, passwordPolicy, hasConsoleUsers, trails, analyzers] = await Promise.all([
        summary(),
        readPasswordPolicy(iam, account.id, read),
        readHasConsoleUsers?.(iam, account.id, clock(), read) ?? unknownFact("nobody asked for it"),
        aws.trails?.(account.id),
        readAnalyzers(aws, account.id),
      ]);
      return accountFacts(account, aws.partition, {
        summary: live,
        passwordPolicy,
        hasConsoleUsers,
        trails,
        analyzers,
      });
    },
    counts: async () => accountCounts(await summary()),
    other: createOtherReader(
      iam,
      { account, partition: aws.partition },
      { policies, quotas, read, readResource: (arn) => readResource({ aws, account, organization }, arn) },
    ),
  };
};
