import type { EvaluationContext } from "../../../control.ts";
import { type Fact, known, type Neighbour, type PrincipalPolicies, type RoleFacts } from "../../../facts/facts.ts";
import type { OpenPath } from "../../../policy/escalation/open-paths.ts";
import { isOpen } from "../../../policy/principal/open-conditions.ts";
import type { Questions } from "../../../policy/principal/questions.ts";
import { readTrustPolicy } from "../../../policy/trust/trust.ts";
import { type PrincipalFacts, standingWith } from "./permissions.ts";

/** A path to somebody whom a policy names, and what that one is: `Role admin is an administrator.` */
export interface PathToPrivileged {
  readonly path: OpenPath;
  readonly whom: string;
}

/** The paths to those named who are more than ordinary. */
export interface PrivilegedTargets {
  readonly open: readonly PathToPrivileged[];
  /** Why there may be more. */
  readonly why?: string;
}

/**
 * Which of the paths that lead to users, roles and groups by name lead to an administrator, or to a group that makes or can make the
 * principal one.
 */
export const pathsToPrivileged = (
  principal: PrincipalFacts,
  paths: readonly OpenPath[],
  questions: Questions,
  context: EvaluationContext<unknown>,
): PrivilegedTargets => {
  const open: PathToPrivileged[] = [];
  const unclear: string[] = [];
  for (const named of paths)
    for (const arn of named.onlyTo) {
      const whom = standingOf(arn, principal, named, context);
      if (whom === undefined) continue;
      if (typeof whom !== "string") {
        unclear.push(whom.why);
        continue;
      }
      const path = questions.openPathTo(named.path, arn);
      if (path?.needs.every(({ answer }) => isOpen(answer))) open.push({ path, whom });
      else if (path?.decision === "unknown") unclear.push("a condition has an operator that is not known");
    }
  const [why] = unclear;
  return { open, ...(why !== undefined && { why }) };
};

/** What makes the named one more than ordinary, as a sentence; `undefined`: nothing. */
const standingOf = (
  arn: string,
  principal: PrincipalFacts,
  { path }: OpenPath,
  context: EvaluationContext<unknown>,
): string | undefined | { readonly why: string } => {
  const gain = path.needs.flatMap(({ action }) => gains[action] ?? [])[0];
  if (gain === undefined) return undefined;
  if (gain === "whatItsMembersGet")
    return isMember(principal, nameOf(arn)) ? `It is in group ${nameOf(arn)}.` : undefined;
  const found = context.neighbours(arn);
  if (!found.known) return { why: found.why };
  const neighbour = found.value;
  if (neighbour === undefined) return undefined;
  if (gain === "throughService" && neighbour.kind === "role" && !trusts(neighbour, path.passedTo ?? []))
    return undefined;
  const standing = standingBy(gain, neighbour, principal, context);
  if (typeof standing === "object") return standing;
  if (standing === "ordinary") return undefined;
  const name = `${kindNames[neighbour.kind]} ${neighbour.name}`;
  if (standing === "tooIntricate") return `${name} may be an administrator: it is too intricate to judge.`;
  if (neighbour.kind === "group") return `${name} makes its members administrators.`;
  return `${name} ${gain === "withoutBoundary" ? "would be an administrator without its boundary" : "is an administrator"}.`;
};

const kindNames: Readonly<Record<Neighbour["kind"], string>> = { user: "User", role: "Role", group: "Group" };

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

const isMember = ({ policies }: PrincipalFacts, group: string): boolean =>
  policies.known && policies.value.groups.some(({ name }) => name === group);

type Gain = "whatItMay" | "throughService" | "withoutBoundary" | "byJoining" | "whatItsMembersGet";

/**
 * What somebody gets by an action on one that is named. Of what a role grants to a user nobody knows whether the user is behind it,
 * and a policy of another's gives it nothing.
 */
const gains: Readonly<Partial<Record<string, Gain>>> = {
  "iam:AddUserToGroup": "byJoining",
  "iam:AttachGroupPolicy": "whatItsMembersGet",
  "iam:CreateAccessKey": "whatItMay",
  "iam:CreateLoginProfile": "whatItMay",
  "iam:DeleteRolePermissionsBoundary": "withoutBoundary",
  "iam:PassRole": "throughService",
  "iam:PutGroupPolicy": "whatItsMembersGet",
  "iam:UpdateAssumeRolePolicy": "whatItMay",
  "iam:UpdateLoginProfile": "whatItMay",
};

const standingBy = (
  gain: Gain,
  neighbour: Neighbour,
  principal: PrincipalFacts,
  context: EvaluationContext<unknown>,
): ReturnType<typeof standingWith> => {
  if (neighbour.kind === "group") return standingWith(joined(principal, neighbour), principal, context);
  const { policies } = neighbour;
  if (gain !== "withoutBoundary" || !policies.known) return standingWith(policies, neighbour, context);
  if (policies.value.boundary === null) return "ordinary";
  return standingWith(known({ ...policies.value, boundary: null }), neighbour, context);
};

/** What a user has once it is in the group; of a role, what the group alone gives to a user behind it. */
const joined = (principal: PrincipalFacts, group: Neighbour & { readonly kind: "group" }): Fact<PrincipalPolicies> => {
  if (!principal.policies.known) return principal.policies;
  if (!group.policies.known) return group.policies;
  const entry = { name: group.name, ...group.policies.value };
  if (principal.kind === "role") return known({ inline: [], attached: [], groups: [entry], boundary: null });
  const { value } = principal.policies;
  return known({ ...value, groups: [...value.groups, entry] });
};

/** Whether a role lets in one of the services that it may be passed to. What nobody can read may. */
const trusts = ({ trustPolicy }: RoleFacts, services: readonly string[]): boolean => {
  const policy = trustPolicy.known ? readTrustPolicy(trustPolicy.value) : undefined;
  if (policy === undefined || "malformed" in policy || policy.unclear.length > 0) return true;
  return policy.trusts.some(
    ({ principal, action }) =>
      action === "sts:AssumeRole" &&
      (principal.type === "everyone" || (principal.type === "service" && services.includes(plain(principal.name)))),
  );
};

/** Some services have a name for each Region, and in China another suffix: `states.eu-west-1.amazonaws.com.cn`. */
const plain = (service: string): string =>
  service.replace(/\.[a-z]{2}(?:-[a-z]+)+-\d(?=\.amazonaws\.com)/, "").replace(/\.cn$/, "");
