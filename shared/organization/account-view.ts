import { type Fact, known, type PolicyFacts, unknownFact } from "../facts/facts.ts";
import { byPolicyName, policyFacts } from "../facts/policies.ts";
import type { Organization, ServiceControlPolicy } from "./organization.ts";
import { createTree } from "./tree.ts";
import type { OrganizationView, ViewNode } from "./view.ts";

const factsOf = ({ name, arn, text }: ServiceControlPolicy): PolicyFacts =>
  text.known ? policyFacts(name, arn, text.value) : { name, arn, document: text, size: 0 };

/** By the id of the root, unit or account that they are attached to, ordered by name. */
const byTarget = (policies: readonly ServiceControlPolicy[]): ReadonlyMap<string, readonly PolicyFacts[]> => {
  const on = new Map<string, PolicyFacts[]>();
  for (const policy of policies) {
    const facts = factsOf(policy);
    for (const target of policy.targets) on.set(target, [...(on.get(target) ?? []), facts]);
  }
  for (const list of on.values()) list.sort(byPolicyName);
  return on;
};

/** Tells how each of its accounts sees an organization; what all of them see alike is made once. */
export const createViewer = (organization: Organization): ((accountId: string) => OrganizationView) => {
  const { id, managementAccountId, tree, serviceControl, rootFeatures, analyzers, unreadAnalyzers } = organization;
  const accountIds = new Set(organization.accountIds);
  const above = tree.known ? createTree(tree.value).above : undefined;
  const attached = serviceControl.known ? byTarget(serviceControl.value ?? []) : undefined;

  const limitsOf = (accountId: string): Fact<readonly ViewNode[]> => {
    if (accountId === managementAccountId) return known([]);
    if (!serviceControl.known) return serviceControl;
    if (serviceControl.value === null) return known([]);
    if (!tree.known) return tree;
    const own = tree.value.accounts[accountId];
    const found = above?.(accountId);
    if (found === undefined || own === undefined)
      return unknownFact("it was not read where the account is in the organization");
    const nodes = [...found, { id: accountId, name: own.name }];
    // What was moved while it was read may stand nowhere; and no policy at all would allow nobody anything.
    if (nodes.some((node) => !attached?.has(node.id)))
      return unknownFact("Organizations told no service control policy of a node above the account, or of its own");
    return known(nodes.map(({ id, name }) => ({ id, name, policies: attached?.get(id) ?? [] })));
  };
  return (accountId) => ({
    id,
    managementAccountId,
    accountIds,
    serviceControl: limitsOf(accountId),
    rootFeatures,
    analyzers,
    unreadAnalyzers,
  });
};

/** An organization as one of its accounts sees it. */
export const viewOf = (organization: Organization, accountId: string): OrganizationView =>
  createViewer(organization)(accountId);
