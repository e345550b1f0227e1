import {
  type CustomerPolicyFacts,
  type Fact,
  type GroupFacts,
  known,
  type PolicyFacts,
  type PolicyQuotas,
  type PrincipalPolicies,
} from "../../shared/facts/facts.ts";
import { byPolicyName } from "../../shared/facts/policies.ts";
import { byCodeUnit } from "../../shared/order.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { usageOf } from "../iam/managed-policies.ts";
import { findPolicy } from "../iam/shapes.ts";
import type { Entity, Role, User } from "../iam/state.ts";
import type { AccountState } from "../state.ts";

const policyOf = (name: string, arn: string | null, text: string): PolicyFacts => ({
  name,
  arn,
  document: known(JSON.parse(text)),
  size: text.replace(/\s/g, "").length,
});

const managed = (state: AccountState, arn: string): PolicyFacts => {
  const { name, versions, defaultVersionId } = findPolicy(state, arn);
  return policyOf(name, arn, versions.find(({ id }) => id === defaultVersionId)?.document ?? "");
};

const own = (state: AccountState, { inlinePolicies, attachedPolicies }: Entity) => ({
  inline: [...inlinePolicies].map(([name, text]) => policyOf(name, null, text)).sort(byPolicyName),
  attached: [...attachedPolicies].map((arn) => managed(state, arn)).sort(byPolicyName),
});

/** The policies in force for a user or role, straight from the state. */
export const truePolicies = (state: AccountState, principal: User | Role): Fact<PrincipalPolicies> =>
  known({
    ...own(state, principal),
    groups: ("groups" in principal ? [...principal.groups].sort(byCodeUnit) : []).flatMap((name) => {
      const group = state.groups.get(name.toLowerCase());
      return group === undefined ? [] : [{ name, ...own(state, group) }];
    }),
    boundary: principal.boundary === undefined ? null : managed(state, principal.boundary),
  });

export const trueQuotas = ({ quotas }: AccountState): Fact<PolicyQuotas> =>
  known({
    managedPolicy: quotas.policySizeQuota,
    trustPolicy: quotas.assumeRolePolicySizeQuota,
    inline: { user: quotas.userPolicySizeQuota, group: quotas.groupPolicySizeQuota, role: quotas.rolePolicySizeQuota },
    attached: {
      user: quotas.attachedPoliciesPerUserQuota,
      group: quotas.attachedPoliciesPerGroupQuota,
      role: quotas.attachedPoliciesPerRoleQuota,
    },
  });

/** The account's groups, and the managed policies that it made itself. */
export const trueGroupsAndPolicies = (
  account: AccountRef,
  state: AccountState,
): readonly (GroupFacts | CustomerPolicyFacts)[] => {
  const quotas = trueQuotas(state);
  const usage = usageOf(state);
  return [
    ...[...state.groups.values()].map((group): GroupFacts => {
      const { name, path, arn, createdAt } = group;
      return { kind: "group", account, name, path, arn, createdAt, policies: known(own(state, group)), quotas };
    }),
    ...[...state.policies.values()].map(({ name, path, arn, createdAt }): CustomerPolicyFacts => {
      const { document, size } = managed(state, arn);
      const { attached = 0, boundary = 0 } = usage.get(arn) ?? {};
      const common = { kind: "policy", account, name: `${path.slice(1)}${name}`, arn, createdAt, quotas } as const;
      return { ...common, document, size, attachments: attached, boundaryOf: boundary };
    }),
  ];
};
