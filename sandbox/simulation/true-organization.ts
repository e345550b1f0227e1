import { type Fact, known } from "../../shared/facts/facts.ts";
import { policyFacts } from "../../shared/facts/policies.ts";
import type { OrganizationView, ViewNode } from "../../shared/organization/view.ts";
import { policiesOn, policyArnOf } from "../organizations/attachments.ts";
import { hasServiceControl } from "../organizations/tree.ts";
import type { AccountState, SandboxState } from "../state.ts";

/** The organization as one of its accounts truly stands in it. */
export const trueOrganization = (state: SandboxState, account: AccountState): Fact<OrganizationView> => {
  const { id, managementAccountId, rootFeatures } = state.organization;
  const isLimited = account.id !== managementAccountId && hasServiceControl(state);
  return known({
    id,
    managementAccountId,
    accountIds: new Set([...state.accounts.values()].filter((one) => !one.standalone).map((one) => one.id)),
    serviceControl: known(isLimited ? nodesOf(state, account) : []),
    rootFeatures: known([...rootFeatures].sort()),
    analyzers: known([]),
  });
};

const nodesOf = (state: SandboxState, account: AccountState): readonly ViewNode[] => {
  const { rootId, units } = state.organization;
  const path = [{ id: account.id, name: account.name }];
  for (let unit = units.get(account.parentId); unit !== undefined; unit = units.get(unit.parentId))
    path.unshift({ id: unit.id, name: unit.name });
  return [{ id: rootId, name: "Root" }, ...path].map((node) => ({
    ...node,
    policies: policiesOn(state.organization, node.id)
      .map((policy) => policyFacts(policy.name, policyArnOf(state, policy.id), policy.document))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
};
