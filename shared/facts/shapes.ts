import type { IAMClient, Role, RoleDetail, Tag, User, UserDetail, VirtualMFADevice } from "@aws-sdk/client-iam";
import { ListVirtualMFADevicesCommand } from "@aws-sdk/client-iam";
import { nameOfArn, parseArn, rootArn } from "../aws/arn.ts";
import { iamQuotas } from "../aws/iam-quotas.ts";
import { MalformedInputError } from "../errors.ts";
import { byCodeUnit } from "../order.ts";
import type { AccountRef } from "../subject.ts";
import type { ReportRow } from "./credential-report.ts";
import {
  type AccessKeyFacts,
  type AccountFacts,
  type ConsoleAccess,
  type Fact,
  known,
  type PolicyQuotas,
  type PrincipalPolicies,
  type RoleFacts,
  type RootFacts,
  type TrailCoverage,
  type UserFacts,
  unknownFact,
} from "./facts.ts";
import { maxItems, pages } from "./reading.ts";

// What IAM's answers mean, for both readers alike.

export const required = <T>(value: T | undefined, field: string): T => {
  if (value === undefined) throw new MalformedInputError(`IAM answered without ${field}`);
  return value;
};

export const tagsOf = (tags: readonly Tag[] | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (tags ?? [])
      .flatMap((tag) => (tag.Key === undefined ? [] : [[tag.Key, tag.Value ?? ""] as const]))
      .sort(([a], [b]) => byCodeUnit(a, b)),
  );

/**
 * The text of a policy document, to the byte, which IAM sends percent-encoded (RFC 3986) and others send plain.
 * @throws URIError if it is neither
 */
export const policyText = (text: string): string =>
  // RFC 3986 leaves no "+" as it is; one that is there was a space, encoded as forms do.
  text.trimStart().startsWith("{") ? text : decodeURIComponent(text.replaceAll("+", "%20"));

export const policyDocument = (text: string | undefined): Fact<unknown> => {
  if (text === undefined || text === "") return unknownFact("IAM answered without the policy document");
  try {
    return known(JSON.parse(policyText(text)));
  } catch {
    return unknownFact("the policy document is not JSON");
  }
};

/** What is read of a user or role besides the rest. */
export interface PolicyParts {
  readonly policies: Fact<PrincipalPolicies>;
  readonly quotas: Fact<PolicyQuotas>;
}

export const roleFacts = (account: AccountRef, role: Role | RoleDetail, parts: PolicyParts): RoleFacts => ({
  kind: "role",
  account,
  name: required(role.RoleName, "RoleName"),
  path: required(role.Path, "Path"),
  id: required(role.RoleId, "RoleId"),
  arn: required(role.Arn, "Arn"),
  createdAt: required(role.CreateDate, "CreateDate"),
  tags: tagsOf(role.Tags),
  permissionsBoundaryArn: role.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  policies: parts.policies,
  quotas: parts.quotas,
  trustPolicy: policyDocument(role.AssumeRolePolicyDocument),
  lastUsedAt: role.RoleLastUsed?.LastUsedDate ?? null,
});

/** What `GetUser` and `GetAccountAuthorizationDetails` both say of a user: all but the credentials. */
export const userIdentity = (
  account: AccountRef,
  user: User | UserDetail,
  { policies, quotas }: PolicyParts,
): Omit<UserFacts, "console" | "mfaActive" | "accessKeys" | "serviceCredentials" | "credentialsAsOf"> => ({
  kind: "user",
  account,
  name: required(user.UserName, "UserName"),
  path: required(user.Path, "Path"),
  id: required(user.UserId, "UserId"),
  arn: required(user.Arn, "Arn"),
  createdAt: required(user.CreateDate, "CreateDate"),
  tags: tagsOf(user.Tags),
  permissionsBoundaryArn: user.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
  policies,
  quotas,
});

/** Of a user who has no console password. */
export const noConsole: ConsoleAccess = {
  enabled: false,
  createdAt: unknownFact("there is no console password"),
  passwordChangedAt: unknownFact("there is no console password"),
  lastUsedAt: known(null),
};

const lastUse = ({ lastUsedAt }: AccessKeyFacts): number =>
  lastUsedAt.known && lastUsedAt.value !== null ? lastUsedAt.value.getTime() : 0;

/**
 * The order of a user's keys everywhere: by creation, and of those made in one second by what every reader knows of them
 * (the credential report has no ids); by id only where nothing else tells them apart.
 */
export const byCreation = (a: AccessKeyFacts, b: AccessKeyFacts): number =>
  a.createdAt.getTime() - b.createdAt.getTime() ||
  Number(b.active) - Number(a.active) ||
  lastUse(a) - lastUse(b) ||
  (a.id.known && b.id.known ? byCodeUnit(a.id.value, b.id.value) : 0);

/** Whom the account's virtual MFA devices are assigned to. Passkeys and hardware tokens are not among them. */
export interface VirtualMfa {
  readonly root: boolean;
  readonly userNames: ReadonlySet<string>;
}

const assigneeOf = (device: VirtualMFADevice): "root" | { readonly user: string } | undefined => {
  const arn = device.User?.Arn;
  if (arn) {
    const { resource } = parseArn(arn);
    if (resource === "root") return "root";
    return resource.startsWith("user/") ? { user: nameOfArn(arn) } : undefined;
  }
  return device.SerialNumber?.endsWith(":mfa/root-account-mfa-device") ? "root" : undefined;
};

export const listVirtualMfa = async (iam: IAMClient): Promise<VirtualMfa> => {
  let root = false;
  const userNames = new Set<string>();
  const list = pages((marker) =>
    iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus: "Assigned", MaxItems: maxItems, ...marker })),
  );
  for await (const page of list)
    for (const device of page.VirtualMFADevices ?? []) {
      const assignee = assigneeOf(device);
      if (assignee === "root") root = true;
      else if (assignee) userNames.add(assignee.user);
    }
  return { root, userNames };
};

/** `GetAccountSummary`'s map of counts, quotas and flags. */
export type AccountSummary = Readonly<Partial<Record<string, number>>>;

const summaryFlag = (summary: Fact<AccountSummary>, name: string): Fact<boolean> => {
  if (!summary.known) return summary;
  const value = summary.value[name];
  return value === undefined ? unknownFact(`GetAccountSummary does not say ${name}`) : known(value > 0);
};

const summaryNumber = (summary: Fact<AccountSummary>, name: string): Fact<number> => {
  if (!summary.known) return summary;
  const value = summary.value[name];
  return value === undefined ? unknownFact(`GetAccountSummary does not say ${name}`) : known(value);
};

/** The quotas of which the summary says nothing are taken as documented for accounts that asked for no others. */
export const policyQuotas = (summary: Fact<AccountSummary>): Fact<PolicyQuotas> => {
  if (!summary.known) return summary;
  const quota = (name: string, documented: number): number => summary.value[`${name}Quota`] ?? documented;
  return known({
    managedPolicy: quota("PolicySize", iamQuotas.managedPolicy),
    trustPolicy: quota("AssumeRolePolicySize", iamQuotas.trustPolicy),
    inline: {
      user: quota("UserPolicySize", iamQuotas.inline.user),
      group: quota("GroupPolicySize", iamQuotas.inline.group),
      role: quota("RolePolicySize", iamQuotas.inline.role),
    },
    attached: {
      user: quota("AttachedPoliciesPerUser", iamQuotas.attached.user),
      group: quota("AttachedPoliciesPerGroup", iamQuotas.attached.group),
      role: quota("AttachedPoliciesPerRole", iamQuotas.attached.role),
    },
  });
};

/** What `GetAccountSummary` alone says of an account. */
export type AccountCounts = Pick<AccountFacts, "users" | "usersQuota" | "roles" | "rolesQuota">;

export const accountCounts = (summary: Fact<AccountSummary>): AccountCounts => ({
  users: summaryNumber(summary, "Users"),
  usersQuota: summaryNumber(summary, "UsersQuota"),
  roles: summaryNumber(summary, "Roles"),
  rolesQuota: summaryNumber(summary, "RolesQuota"),
});

export const accountFacts = (
  account: AccountRef,
  partition: string,
  read: { readonly summary: Fact<AccountSummary>; readonly trails: Fact<TrailCoverage> | undefined } & Pick<
    AccountFacts,
    "passwordPolicy" | "hasConsoleUsers" | "analyzers"
  >,
): AccountFacts => ({
  kind: "account",
  account,
  arn: rootArn(partition, account.id),
  ...accountCounts(read.summary),
  passwordPolicy: read.passwordPolicy,
  hasConsoleUsers: read.hasConsoleUsers,
  analyzers: read.analyzers,
  trails: read.trails ?? unknownFact("the trails were not read"),
});

const firstKnown = <T>(...facts: readonly [Fact<T>, ...Fact<T>[]]): Fact<T> =>
  facts.find((fact) => fact.known) ?? facts[0];

/**
 * Root, from what is live and the credential report's row, if there is one. A fresh row is fact. An older one only
 * fills in what the account's summary does not say, and nothing where the summary could not be read: then there is no
 * live word on root at all.
 */
export const rootFacts = (
  account: AccountRef,
  partition: string,
  live: { readonly summary: Fact<AccountSummary>; readonly virtualMfa: Fact<VirtualMfa> },
  report: { readonly row: Fact<ReportRow>; readonly fresh: boolean },
): RootFacts => {
  const { row, fresh } = report;
  const fromRow = <T>(part: (row: ReportRow) => Fact<T>): Fact<T> => (row.known ? part(row.value) : row);
  const choose = (summary: Fact<boolean>, reported: Fact<boolean>): Fact<boolean> => {
    if (fresh) return firstKnown(reported, summary);
    return live.summary.known ? firstKnown(summary, reported) : summary;
  };
  const keys = fromRow((one) => one.keys);
  const virtualMfaAssigned: Fact<boolean> = live.virtualMfa.known ? known(live.virtualMfa.value.root) : live.virtualMfa;
  const keysInSummary = summaryFlag(live.summary, "AccountAccessKeysPresent");
  return {
    kind: "root",
    account,
    arn: rootArn(partition, account.id),
    passwordEnabled: choose(
      summaryFlag(live.summary, "AccountPasswordPresent"),
      fromRow((one) => one.passwordEnabled),
    ),
    mfaActive:
      virtualMfaAssigned.known && virtualMfaAssigned.value
        ? known(true)
        : choose(
            summaryFlag(live.summary, "AccountMFAEnabled"),
            fromRow((one) => one.mfaActive),
          ),
    virtualMfaAssigned,
    accessKeysPresent:
      // The report does not date an inactive key, so that it looks like none: its "none" never outweighs the summary.
      keysInSummary.known && keysInSummary.value
        ? keysInSummary
        : choose(keysInSummary, keys.known ? known(keys.value.length > 0) : keys),
    accessKeys: keys.known
      ? known(keys.value.map(({ active, createdAt, lastUsedAt }) => ({ active, createdAt, lastUsedAt })))
      : keys,
    passwordLastUsedAt: fromRow((one) => one.passwordLastUsedAt),
  };
};
