import {
  GetAccountAuthorizationDetailsCommand,
  type GroupDetail,
  type IAMClient,
  type ManagedPolicyDetail,
  type RoleDetail,
  type UserDetail,
} from "@aws-sdk/client-iam";
import { call, isNoSuchEntity } from "../aws/errors.ts";
import { byCodeUnit } from "../order.ts";
import type { AccountRef } from "../subject.ts";
import {
  type CustomerPolicyFacts,
  type Fact,
  type GroupFacts,
  known,
  type PolicyFacts,
  type RoleFacts,
} from "./facts.ts";
import { createPolicyReader, type PolicyReader } from "./live-policies.ts";
import { customerPolicyFacts, groupFacts, isOfAws } from "./others.ts";
import {
  attachedPolicies,
  managedPolicy,
  missingArns,
  type NamedPolicies,
  namedPolicies,
  principalPolicies,
  unreadPolicy,
} from "./policies.ts";
import { maxItems, pages, readOrGap } from "./reading.ts";
import { type AccountSummary, policyQuotas, roleFacts, userIdentity } from "./shapes.ts";

export type Identity = ReturnType<typeof userIdentity>;

/** What `GetAccountAuthorizationDetails` tells, each list ordered by name. */
export interface Authorization {
  readonly users: readonly Identity[];
  readonly roles: readonly RoleFacts[];
  readonly groups: readonly GroupFacts[];
  readonly policies: readonly CustomerPolicyFacts[];
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => byCodeUnit(a.name, b.name);

/** A user or role whose policies are not put together yet. */
interface Listed<Detail> {
  readonly detail: Detail;
  readonly named: NamedPolicies;
}

/** Without the texts of its policies, which are parsed as the page comes. */
const withoutDocuments = <D extends UserDetail | RoleDetail>(detail: D): Listed<D> => ({
  detail: { ...detail, UserPolicyList: undefined, RolePolicyList: undefined },
  named: namedPolicies(detail),
});

/**
 * Users and roles with tags, boundaries, trust policies, and all policies in force for them; groups and the account's own policies.
 * @throws AccessDeniedError | ThrottledError
 */
export const readAuthorization = async (
  iam: IAMClient,
  account: AccountRef,
  readSummary: Promise<Fact<AccountSummary>>,
): Promise<Authorization> => {
  const users: Listed<UserDetail>[] = [];
  const roles: Listed<RoleDetail>[] = [];
  const managed = new Map<string, PolicyFacts>();
  const groups = new Map<string, NamedPolicies>();
  const groupDetails: GroupDetail[] = [];
  const ownPolicies: { readonly detail: ManagedPolicyDetail; readonly policy: PolicyFacts }[] = [];
  await call("iam:GetAccountAuthorizationDetails", account.id, async () => {
    const list = pages((marker) =>
      iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: [...filter], MaxItems: maxItems, ...marker })),
    );
    for await (const page of list) {
      for (const user of page.UserDetailList ?? []) users.push(withoutDocuments(user));
      for (const role of page.RoleDetailList ?? []) roles.push(withoutDocuments(role));
      for (const group of page.GroupDetailList ?? []) {
        groups.set(group.GroupName ?? "", namedPolicies(group));
        groupDetails.push(group);
      }
      for (const detail of page.Policies ?? []) {
        const policy = managedPolicy(detail);
        managed.set(detail.Arn ?? "", policy);
        if (!isOfAws(detail.Arn ?? "")) ownPolicies.push({ detail, policy });
      }
    }
  });
  // Boundaries that are AWS's own policies need not be among those that are attached.
  const reader = createPolicyReader(iam, account.id, readOrGap);
  const named = [...users, ...roles].map((one) => one.named);
  for (const arn of missingArns([...named, ...groups.values()], { managed }))
    managed.set(arn, await ifListed(reader, arn));
  const attachedTo = (arns: readonly string[]) => attachedPolicies(arns, { managed, groups });
  const quotas = policyQuotas(await readSummary);
  const partsOf = (of: NamedPolicies) => ({ policies: principalPolicies(of, { managed, groups }), quotas });
  return {
    users: users.map(({ detail, named }) => userIdentity(account, detail, partsOf(named))).sort(byName),
    roles: roles.map(({ detail, named }) => roleFacts(account, detail, partsOf(named))).sort(byName),
    groups: groupDetails
      .map((detail) => {
        const { inline, attached } = namedPolicies(detail);
        return groupFacts(account, detail, { policies: known({ inline, attached: attachedTo(attached) }), quotas });
      })
      .sort(byName),
    policies: ownPolicies
      .map(({ detail, policy }) => customerPolicyFacts(account, detail, policy, quotas))
      .sort(byName),
  };
};

const filter = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"] as const;

const ifListed = async (reader: PolicyReader, arn: string): Promise<PolicyFacts> => {
  try {
    return await reader.managed(arn);
  } catch (error) {
    if (isNoSuchEntity(error)) return unreadPolicy(arn, "the policy does not exist");
    throw error;
  }
};
