import * as z from "zod";
import { boolean, integer, list, type Operation, operation } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import { awsManagedPolicies } from "./aws-policies.ts";
import { shownPolicy, shownVersion, usageOf } from "./managed-policies.ts";
import * as shape from "./shapes.ts";
import type { Entity, Group, ManagedPolicy, Role, User } from "./state.ts";

const flag = (value: boolean) => (value ? 1 : 0);
const sum = <T>(items: Iterable<T>, of: (item: T) => number) => [...items].reduce((total, item) => total + of(item), 0);

const summaryOf = (account: AccountState): Map<string, number> => {
  const { root, users, roles, groups, policies, quotas } = account;
  const used = new Map<string, number>([
    ["Users", users.size],
    ["Roles", roles.size],
    ["Groups", groups.size],
    ["Policies", policies.size],
    ["PolicyVersionsInUse", sum(policies.values(), (policy) => policy.versions.length)],
    ["Providers", account.oidcProviders.size + account.samlProviders.size],
    ["MFADevices", account.virtualMfaDevices.size],
    ["MFADevicesInUse", root.mfaDevices.length + sum(users.values(), (user) => user.mfaDevices.length)],
    ["AccountMFAEnabled", flag(root.mfaDevices.length > 0)],
    ["AccountAccessKeysPresent", flag(root.accessKeys.length > 0)],
    ["AccountPasswordPresent", flag(root.passwordEnabled)],
    ["AccountSigningCertificatesPresent", 0],
    ["InstanceProfiles", 0],
    ["InstanceProfilesQuota", 1000],
    ["ServerCertificates", account.serverCertificates.size],
    ["ServerCertificatesQuota", 20],
    ["SigningCertificatesPerUserQuota", 2],
    ["PolicyVersionsInUseQuota", 10_000],
    ["GlobalEndpointTokenVersion", 1],
  ]);
  for (const [name, value] of Object.entries(quotas)) used.set(name.charAt(0).toUpperCase() + name.slice(1), value);
  return used;
};

const details = (
  entity: Entity,
  account: AccountState,
  list: "UserPolicyList" | "RolePolicyList" | "GroupPolicyList",
) => ({
  [list]: [...entity.inlinePolicies].map(([PolicyName, document]) => ({
    PolicyName,
    PolicyDocument: shape.encodeDocument(document),
  })),
  AttachedManagedPolicies: [...entity.attachedPolicies].map((arn) =>
    shape.attachedPolicy(shape.findPolicy(account, arn)),
  ),
});

const userDetail = (account: AccountState, user: User) => {
  const { PasswordLastUsed: _, ...shown } = shape.wholeUser(user);
  return { ...shown, GroupList: [...user.groups], ...details(user, account, "UserPolicyList") };
};

const roleDetail = (account: AccountState, role: Role) => {
  const { Description: _, MaxSessionDuration: __, ...shown } = shape.wholeRole(role);
  return { ...shown, InstanceProfileList: [], ...details(role, account, "RolePolicyList") };
};

const policyDetail = (policy: ManagedPolicy, usage: ReturnType<typeof usageOf>) => ({
  ...shownPolicy(policy, usage),
  Description: policy.description || undefined,
  PolicyVersionList: policy.versions.map((version) => ({
    Document: shape.encodeDocument(version.document),
    ...shownVersion(policy, version),
  })),
});

const groupDetail = (account: AccountState, group: Group) => ({
  ...shape.shownGroup(group),
  ...details(group, account, "GroupPolicyList"),
});

const detailFilters = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"] as const;

const alias = z.string().regex(/^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$/);

const passwordPolicy = {
  MinimumPasswordLength: integer(6, 128).optional(),
  RequireSymbols: boolean.optional(),
  RequireNumbers: boolean.optional(),
  RequireUppercaseCharacters: boolean.optional(),
  RequireLowercaseCharacters: boolean.optional(),
  AllowUsersToChangePassword: boolean.optional(),
  MaxPasswordAge: integer(1, 1095).optional(),
  PasswordReusePrevention: integer(1, 24).optional(),
  HardExpiry: boolean.optional(),
};

const passwordPolicyDefaults = {
  MinimumPasswordLength: 6,
  RequireSymbols: false,
  RequireNumbers: false,
  RequireUppercaseCharacters: false,
  RequireLowercaseCharacters: false,
  AllowUsersToChangePassword: false,
};

const noPasswordPolicy = ({ id }: AccountState) =>
  shape.noSuchEntity(`The Password Policy with domain name ${id} cannot be found.`);

/** What is about the account as a whole. */
export const accountOperations: Record<string, Operation> = {
  GetAccountSummary: operation({}, ({ account }) => ({ SummaryMap: summaryOf(account) })),

  GetAccountAuthorizationDetails: operation(
    { Filter: list(z.enum(detailFilters)).optional(), ...shape.paging },
    ({ account }, input) => {
      const { users, groups, roles, policies } = account;
      const wanted = new Set(input.Filter?.length ? input.Filter : detailFilters);
      const withPolicies = wanted.has("LocalManagedPolicy") || wanted.has("AWSManagedPolicy");
      const usage: ReturnType<typeof usageOf> = withPolicies ? usageOf(account) : new Map();
      const of = <T>(filter: (typeof detailFilters)[number], items: Iterable<T>) => (wanted.has(filter) ? items : []);
      const usedAwsPolicies = [...awsManagedPolicies.values()].filter(({ arn }) => usage.has(arn));
      const allPolicies = [...of("LocalManagedPolicy", policies.values()), ...of("AWSManagedPolicy", usedAwsPolicies)];
      return shape.listedTogether(
        [
          shape.part("UserDetailList", of("User", users.values()), (user) => userDetail(account, user)),
          shape.part("GroupDetailList", of("Group", groups.values()), (group) => groupDetail(account, group)),
          shape.part("RoleDetailList", of("Role", roles.values()), (role) => roleDetail(account, role)),
          shape.part("Policies", allPolicies, (policy) => policyDetail(policy, usage)),
        ],
        input,
      );
    },
  ),

  UpdateAccountPasswordPolicy: operation(passwordPolicy, ({ account }, input) => {
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    account.passwordPolicy = { ...passwordPolicyDefaults, ...Object.fromEntries(given) };
  }),

  GetAccountPasswordPolicy: operation({}, ({ account }) => {
    if (!account.passwordPolicy) throw noPasswordPolicy(account);
    const { MaxPasswordAge } = account.passwordPolicy;
    return { PasswordPolicy: { ...account.passwordPolicy, ExpirePasswords: MaxPasswordAge !== undefined } };
  }),

  DeleteAccountPasswordPolicy: operation({}, ({ account }) => {
    if (!account.passwordPolicy) throw noPasswordPolicy(account);
    delete account.passwordPolicy;
  }),

  CreateAccountAlias: operation({ AccountAlias: alias }, ({ account, state }, { AccountAlias }) => {
    if ([...state.accounts.values()].some((one) => one.alias === AccountAlias)) {
      throw shape.alreadyExists(`The account alias ${AccountAlias} already exists.`);
    }
    account.alias = AccountAlias;
  }),

  DeleteAccountAlias: operation({ AccountAlias: alias }, ({ account }, { AccountAlias }) => {
    if (account.alias !== AccountAlias) throw shape.noSuchEntity(`The account alias ${AccountAlias} cannot be found.`);
    delete account.alias;
  }),

  ListAccountAliases: operation(shape.paging, ({ account }) => ({
    AccountAliases: account.alias === undefined ? [] : [account.alias],
    IsTruncated: false,
  })),
};
