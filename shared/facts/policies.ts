import type {
  AttachedPolicy,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from "@aws-sdk/client-iam";
import { nameOfArn } from "../aws/arn.ts";
import { byCodeUnit } from "../order.ts";
import { type Fact, known, type PolicyFacts, type PrincipalPolicies, unknownFact } from "./facts.ts";
import { policyDocument, policyText } from "./shapes.ts";

/** IAM measures a policy in characters, and counts no white space. */
const sizeOf = (text: string): number => {
  try {
    return policyText(text).replace(/\s/g, "").length;
  } catch {
    return 0;
  }
};

/** @param text as IAM sends it: percent-encoded or plain */
export const policyFacts = (name: string, arn: string | null, text: string | undefined): PolicyFacts => ({
  name,
  arn,
  document: policyDocument(text),
  size: text === undefined ? 0 : sizeOf(text),
});

/** A policy that could not be read. */
export const unreadPolicy = (arn: string, why: string): PolicyFacts => ({
  name: nameOfArn(arn),
  arn,
  document: unknownFact(why),
  size: 0,
});

export const byPolicyName = (a: PolicyFacts, b: PolicyFacts): number =>
  byCodeUnit(a.name, b.name) || byCodeUnit(a.arn ?? "", b.arn ?? "");

const inlineOf = (list: readonly PolicyDetail[] | undefined): readonly PolicyFacts[] =>
  (list ?? [])
    .map(({ PolicyName = "", PolicyDocument }) => policyFacts(PolicyName, null, PolicyDocument))
    .sort(byPolicyName);

const arnsOf = (list: readonly AttachedPolicy[] | undefined): readonly string[] =>
  (list ?? []).flatMap(({ PolicyArn }) => (PolicyArn === undefined ? [] : [PolicyArn]));

/** What the details of a user, role or group say of its policies: those that are managed only by ARN. */
export interface NamedPolicies {
  readonly inline: readonly PolicyFacts[];
  readonly attached: readonly string[];
  /** By name. */
  readonly groups: readonly string[];
  readonly boundary: string | null;
}

export const namedPolicies = (detail: UserDetail | RoleDetail | GroupDetail): NamedPolicies => ({
  inline: inlineOf(
    "UserPolicyList" in detail
      ? detail.UserPolicyList
      : "RolePolicyList" in detail
        ? detail.RolePolicyList
        : "GroupPolicyList" in detail
          ? detail.GroupPolicyList
          : [],
  ),
  attached: arnsOf(detail.AttachedManagedPolicies),
  groups: ("GroupList" in detail ? (detail.GroupList ?? []) : []).toSorted(byCodeUnit),
  boundary: ("PermissionsBoundary" in detail && detail.PermissionsBoundary?.PermissionsBoundaryArn) || null,
});

/** A managed policy by its default version. */
export const managedPolicy = ({ Arn = "", PolicyName, PolicyVersionList }: ManagedPolicyDetail): PolicyFacts =>
  policyFacts(PolicyName ?? nameOfArn(Arn), Arn, PolicyVersionList?.find((one) => one.IsDefaultVersion)?.Document);

/** Everything that principals of an account refer to by name. */
export interface PolicyCatalogue {
  /** By ARN. */
  readonly managed: ReadonlyMap<string, PolicyFacts>;
  /** By name. */
  readonly groups: ReadonlyMap<string, NamedPolicies>;
}

const managedBy = ({ managed }: PolicyCatalogue, arn: string): PolicyFacts =>
  managed.get(arn) ?? unreadPolicy(arn, "iam:GetAccountAuthorizationDetails did not list the policy");

/** The ARNs of managed policies that are in force somewhere and not in the catalogue. */
export const missingArns = (
  named: Iterable<NamedPolicies>,
  { managed }: Pick<PolicyCatalogue, "managed">,
): readonly string[] => {
  const missing = new Set<string>();
  for (const { attached, boundary } of named) {
    for (const arn of attached) if (!managed.has(arn)) missing.add(arn);
    if (boundary !== null && !managed.has(boundary)) missing.add(boundary);
  }
  return [...missing].sort(byCodeUnit);
};

export const attachedPolicies = (arns: readonly string[], catalogue: PolicyCatalogue): readonly PolicyFacts[] =>
  arns.map((arn) => managedBy(catalogue, arn)).sort(byPolicyName);

/** Puts together what a principal may do; unknown where it is in a group that nobody listed. */
export const principalPolicies = (named: NamedPolicies, catalogue: PolicyCatalogue): Fact<PrincipalPolicies> => {
  const groups: PrincipalPolicies["groups"][number][] = [];
  for (const name of named.groups) {
    const group = catalogue.groups.get(name);
    if (group === undefined) return unknownFact("iam:GetAccountAuthorizationDetails did not list a group of the user");
    groups.push({ name, inline: group.inline, attached: attachedPolicies(group.attached, catalogue) });
  }
  return known({
    inline: named.inline,
    attached: attachedPolicies(named.attached, catalogue),
    groups,
    boundary: named.boundary === null ? null : managedBy(catalogue, named.boundary),
  });
};
