import { type Fact, known, type PolicyFacts, type PrincipalPolicies } from "../../shared/facts/facts.ts";
import { byPolicyName } from "../../shared/facts/policies.ts";
import { byCodeUnit } from "../../shared/order.ts";
import { findPolicy } from "../iam/shapes.ts";
import type { AccountState, Entity, Role, User } from "../state.ts";

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
