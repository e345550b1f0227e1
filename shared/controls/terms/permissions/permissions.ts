import { type EvaluationContext, notApplicable, unknown, type Verdict, violation } from "../../../control.ts";
import { TooIntricateError, withEffort } from "../../../effort.ts";
import type { Fact, PolicyFacts, PrincipalPolicies, RoleFacts, UserFacts } from "../../../facts/facts.ts";
import { isUnlimited, type OrganizationView, pathOf, type ViewNode } from "../../../organization/view.ts";
import { parsePolicy } from "../../../policy/language/document.ts";
import type { Ternary } from "../../../policy/language/ternary.ts";
import { type RequestContext, requestContext } from "../../../policy/language/variables.ts";
import {
  type NamedPolicy,
  type PrincipalLayers,
  principalContext,
  type ServiceControlNode,
} from "../../../policy/principal/layers.ts";
import { isOpen } from "../../../policy/principal/open-conditions.ts";
import { type Questions, questionsOf } from "../../../policy/principal/questions.ts";
import { lazily, rememberFor, rememberForText } from "../../../remember.ts";
import { serviceLinkedRoles } from "../roles/role-scope.ts";
import { readPolicy } from "./read-policy.ts";

export type PrincipalFacts = UserFacts | RoleFacts;

/** The events after which a user or role may be able to do something else. */
export const permissionHints = [
  "iam:AcquireRole",
  "iam:AddUserToGroup",
  "iam:AttachGroupPolicy",
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:CreatePolicyVersion",
  "iam:CreateRole",
  "iam:CreateUser",
  "iam:DeleteGroupPolicy",
  "iam:DeleteRole",
  "iam:DeleteRolePermissionsBoundary",
  "iam:DeleteRolePolicy",
  "iam:DeleteUser",
  "iam:DeleteUserPermissionsBoundary",
  "iam:DeleteUserPolicy",
  "iam:DetachGroupPolicy",
  "iam:DetachRolePolicy",
  "iam:DetachUserPolicy",
  "iam:PutGroupPolicy",
  "iam:PutRolePermissionsBoundary",
  "iam:PutRolePolicy",
  "iam:PutUserPermissionsBoundary",
  "iam:PutUserPolicy",
  "iam:RemoveUserFromGroup",
  "iam:SetDefaultPolicyVersion",
  "iam:TagRole",
  "iam:TagUser",
  "iam:UntagRole",
  "iam:UntagUser",
  "iam:UpdateUser",
] as const;

/** Stands for a limit that nobody can read: it takes nothing away, but it is there. */
const noLimit = parsePolicy({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });

interface Layers {
  readonly layers: PrincipalLayers;
  /** Why the principal's own policies are not all known. */
  readonly unreadOwn?: string;
  /** Why nobody can tell what the boundary takes away, or a service control policy. */
  readonly unreadBoundary?: string;
  readonly unreadNode?: string;
}

type MaybeRead = NamedPolicy | { readonly name: string; readonly why: string };

/** By the policy and how somebody has it: managed policies and groups are the same for all who have them. */
const namedBefore = rememberFor((policy: PolicyFacts) =>
  rememberForText((_, kind: NamedPolicy["kind"], via?: string) => nameIt(policy, kind, via)),
);

const named = (policies: readonly PolicyFacts[], kind: NamedPolicy["kind"], via?: string): readonly MaybeRead[] =>
  policies.map((policy) => {
    if (kind === "inline") return nameIt(policy, kind);
    return namedBefore(policy)(`${kind} ${via ?? ""}`, kind, via);
  });

const nameIt = (policy: PolicyFacts, kind: NamedPolicy["kind"], via?: string): MaybeRead => {
  const { name, arn } = policy;
  const read = readPolicy(policy);
  if ("why" in read) return { name, why: read.why };
  return { name, ...(arn !== null && { arn }), kind, ...(via !== undefined && { via }), document: read.document };
};

const isRead = (policy: MaybeRead): policy is NamedPolicy => !("why" in policy);
const whyOf = (policies: readonly MaybeRead[]): string | undefined =>
  policies.flatMap((policy) => ("why" in policy ? [policy.why] : []))[0];

interface Limits {
  readonly nodes: readonly ServiceControlNode[];
  readonly why?: string;
}

/** One for all whom nothing limits: answers are shared by the object. */
const noNodes: Limits["nodes"] = [];

const serviceControlOf = (organization: Fact<OrganizationView>): Limits => {
  if (isUnlimited(organization)) return { nodes: noNodes };
  if (!organization.known) return { nodes: noNodes, why: organization.why };
  const { serviceControl } = organization.value;
  return serviceControl.known ? limitsOf(serviceControl.value) : { nodes: noNodes, why: serviceControl.why };
};

const limitsOf = rememberFor((nodes: readonly ViewNode[]): Limits => {
  const read = nodes.map(({ id, policies }) => ({ node: id, all: named(policies, "serviceControl") }));
  const why = whyOf(read.flatMap(({ all }) => all));
  return {
    // A node with a policy that nobody can read is left out: it takes nothing away, and the verdict says so.
    nodes: read.flatMap(({ node, all }) => (all.every(isRead) ? [{ node, policies: all }] : [])),
    ...(why !== undefined && { why }),
  };
});

/** A boundary that nobody can read, as one that limits nothing; the same for all who have it. */
const unlimiting = rememberForText((name): NamedPolicy => ({ name, kind: "boundary", document: noLimit }));

/** AWS makes service-linked roles, and no service control policy limits them. */
const isServiceLinked = (facts: PrincipalFacts): boolean => facts.kind === "role" && serviceLinkedRoles.excludes(facts);

const layersOf = (
  { inline, attached, groups, boundary }: PrincipalPolicies,
  { nodes, why: unreadNode }: Limits,
): Layers => {
  const own = [
    ...named(inline, "inline"),
    ...named(attached, "managed"),
    ...groups.flatMap((group) => named([...group.inline, ...group.attached], "group", group.name)),
  ];
  const [bounding] = boundary === null ? [] : named([boundary], "boundary");
  const unreadOwn = whyOf(own);
  const unreadBoundary = bounding && whyOf([bounding]);
  return {
    layers: {
      identity: own.filter(isRead),
      ...(bounding && {
        boundary: isRead(bounding) ? bounding : unlimiting(bounding.name),
      }),
      serviceControl: nodes,
    },
    ...(unreadOwn !== undefined && { unreadOwn }),
    ...(unreadBoundary !== undefined && { unreadBoundary }),
    ...(unreadNode !== undefined && { unreadNode }),
  };
};

/** `User bob`, `Role app`: as a sentence begins. */
export const principalName = ({ kind, name }: PrincipalFacts): string => `${kind === "user" ? "User" : "Role"} ${name}`;

/** A principal's policies, and what there is to ask of them. */
interface Readable extends Layers {
  readonly questions: Questions;
}

/** With what they rest on: the policies, who has them, where and when. */
type Remembered = Readable & { readonly by: readonly unknown[] };

/** What is remembered, if it rests on the same; else a principal's policies put together anew. */
const readableAgain = (
  known: Remembered | undefined,
  facts: PrincipalFacts,
  policies: PrincipalPolicies,
  context: EvaluationContext<unknown>,
): Remembered => {
  const by = [policies, facts.arn, facts.tags, context.organization, context.now.getTime()];
  if (known?.by.every((each, at) => Object.is(each, by[at]))) return known;
  const layers = layersOf(policies, serviceControlOf(context.organization));
  return { ...layers, questions: asked(facts, layers.layers, context), by };
};

/** Each control asks of the same principal at the same time. Only the last one is kept: those of a whole account would pile up. */
let latest: Remembered | undefined;

/** Neighbours are few, and many may name the same. */
const neighbours = new WeakMap<PrincipalPolicies, Remembered>();

const asked = (facts: PrincipalFacts, layers: PrincipalLayers, context: EvaluationContext<unknown>): Questions => {
  const { organization } = context;
  const about = organization.known ? (pathOf(organization.value) ?? organization.value.id) : "";
  return questionsOf({ arn: facts.arn, layers, about, given: lazily(() => givenOf(facts, context)) });
};

/** What every request of a principal has. */
const givenOf = ({ arn, tags }: PrincipalFacts, { organization, now }: EvaluationContext<unknown>): RequestContext => {
  const path = organization.known ? pathOf(organization.value) : undefined;
  const more = requestContext({
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
    ...(organization.known && organization.value.id !== "" && { "aws:PrincipalOrgID": organization.value.id }),
    ...(path !== undefined && { "aws:PrincipalOrgPaths": path }),
    ...(Number.isNaN(now.getTime()) ? {} : { "aws:CurrentTime": now.toISOString() }),
    ...(Number.isNaN(now.getTime()) ? {} : { "aws:EpochTime": String(Math.floor(now.getTime() / 1000)) }),
  });
  return new Map([...principalContext(arn), ...more]);
};

/**
 * Whether it is one in its account, without a condition that narrows it: then it can do what anybody there can. Service control
 * policies may leave less, but to all others as well.
 */
export const isAdministratorInAccount = ({ administrationInAccount }: Questions): Ternary => {
  const answer = administrationInAccount();
  return answer.decision === "unknown" ? "unknown" : isOpen(answer);
};

/** What a user or role is; `why` nobody can tell. */
type Standing = "administrator" | "tooIntricate" | "ordinary" | { readonly why: string };

/**
 * Whether a user or role would be an administrator of its account with these policies. Policies too intricate to judge are no proof
 * that it would not.
 */
export const standingWith = (
  policies: Fact<PrincipalPolicies>,
  facts: PrincipalFacts,
  context: EvaluationContext<unknown>,
): Standing => {
  if (isServiceLinked(facts)) return "ordinary";
  if (!policies.known) return { why: policies.why };
  const readable = readableAgain(neighbours.get(policies.value), facts, policies.value, context);
  neighbours.set(policies.value, readable);
  const { questions, unreadOwn, unreadBoundary } = readable;
  if (unreadOwn !== undefined) return { why: `a policy could not be read: ${unreadOwn}` };
  try {
    const isAdministrator = withEffort(judgedWithin, () => isAdministratorInAccount(questions));
    if (isAdministrator === "unknown") return { why: notKnown };
    if (isAdministrator && unreadBoundary !== undefined)
      return { why: `what limits it could not be read: ${unreadBoundary}` };
    return isAdministrator ? "administrator" : "ordinary";
  } catch (error) {
    if (!(error instanceof TooIntricateError)) throw error;
    return "tooIntricate";
  }
};

const notKnown = "a policy has an element or condition operator that is not known";

/** Compared characters, a second or two of CPU: a thousand times what most take, and what a role full of policies may. */
export const judgedWithin = 10_000_000;

/** Nobody hides behind policies that nobody can judge: that they are so is told like what they might give. */
const withinEffort = (facts: PrincipalFacts, judge: () => Verdict | undefined): Verdict | undefined => {
  try {
    return withEffort(judgedWithin, judge);
  } catch (error) {
    if (!(error instanceof TooIntricateError)) throw error;
    return violation(
      `${principalName(facts)} is too intricate to judge: ${error.message}. It may be whatever this control looks for; policies with fewer wildcards would say.`,
      { tooIntricate: true },
    );
  }
};

const notCertain = "Not certain";

/** Whether a verdict is unknown only because something unread might take the violation away that its reason tells. */
export const isAllButCertain = (reason: string): boolean => reason.includes(` ${notCertain}: `);

/**
 * Judges what a user or role can do by its policies, its boundary and the service control policies. Unknown where a policy of its own
 * could not be read, which could allow or deny anything; where a limit could not be read, only if it violates but for that.
 * @param judge given what there is to ask; `undefined` where an element or operator of a policy decides that nobody knows
 */
export const judgePermissions = (
  facts: PrincipalFacts,
  context: EvaluationContext<unknown>,
  judge: (questions: Questions) => Verdict | undefined,
): Verdict => {
  if (isServiceLinked(facts))
    return notApplicable(`Role ${facts.name} is service-linked: AWS alone decides what it may do.`);
  const cannotTell = `Cannot tell what ${facts.kind} ${facts.name} may do`;
  if (!facts.policies.known) return unknown(cannotTell, facts.policies.why);
  latest = readableAgain(latest, facts, facts.policies.value, context);
  const { questions, unreadOwn, unreadBoundary, unreadNode } = latest;
  const verdict = withinEffort(facts, () => judge(questions));
  const isViolation = verdict?.outcome === "violation";
  const unlessLess = (why: string): Verdict =>
    unknown(isViolation ? `${verdict.reason} ${notCertain}` : cannotTell, why);
  if (unreadOwn !== undefined) return unlessLess(`a policy could not be read: ${unreadOwn}`);
  if (verdict === undefined) return unknown(cannotTell, notKnown);
  // Whatever else says that a control does not apply asks no service control policy.
  const unread =
    verdict.outcome === "compliant" ? undefined : (unreadBoundary ?? (isViolation ? unreadNode : undefined));
  return unread === undefined ? verdict : unlessLess(`what limits it could not be read: ${unread}`);
};
