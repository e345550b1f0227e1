import type { RequestContext } from "../language/variables.ts";
import { type Answer, byWorth, everything, type Grant, worst } from "./answer.ts";
import { can, givenOnEvery } from "./effective.ts";
import { ofIam, type PrincipalLayers, sourcesOf } from "./layers.ts";

/** Each of these on everything is enough to give oneself, or a role that one enters, whatever a policy can allow. */
const waysToGrant = [
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:AttachGroupPolicy",
  "iam:PutRolePolicy",
  "iam:PutUserPolicy",
  "iam:PutGroupPolicy",
  "iam:CreatePolicyVersion",
  "iam:UpdateAssumeRolePolicy",
];

/**
 * A service that no policy names: what is allowed of it is allowed of every service that none names. IAM takes no service with a space,
 * so that nobody can leave out this one alone.
 */
const unnamed = "iam-warden example";

/** What a policy has to allow something of to have a say in who is an administrator. */
export const waysToBeAdministrator: readonly string[] = [`${unnamed}:*`, ...waysToGrant];

/**
 * Whether a principal is an administrator: its own policies allow it everything on everything, or everything but what they leave
 * out, and of all that its policies, its boundary and the SCPs deny or do not allow, one way to grant permissions is left to it
 * everywhere. A Deny of a few actions, on a few resources or with a condition therefore leaves an administrator, and is told with
 * it; so does a boundary that leaves IAM whole. A layer that takes away all ways to grant leaves a power user.
 * @returns the decision, with the statements that give everything, and what confines and excepts
 */
export const administration = (layers: PrincipalLayers, principal: RequestContext = new Map()): Answer => {
  // Resources of the one service only: what leaves out a bucket leaves IAM whole.
  const [, partition = "aws"] = principal.get("aws:principalarn")?.[0]?.split(":") ?? [];
  const given = ofIam(principal, partition);
  const account = given.get("aws:principalaccount")?.[0] ?? "*";
  const grants = givenOnEvery(layers, `${unnamed}:*`, `arn:${partition}:${unnamed}:*`, given);
  const [widest] = grants;
  if (widest === undefined) return { ...nobody, takenAwayBy: { layer: "identity" } };
  const allOfIam = { every: `arn:${partition}:iam::${account}:*` };
  const [way] = waysToGrant.map((action) => can(layers, action, allOfIam, given)).sort(byWorth);
  if (way === undefined || way.decision === "no") return way ?? nobody;
  const whole = can(layers, "*", everything, given);
  const confining =
    widest.decision === "yes" ? [] : grants.map(({ decision, resources, ...confinement }) => confinement);
  const confinedBy = new Map([...confining, ...way.confinedBy].map((each) => [each.statement, each]));
  return {
    decision: worst(widest.decision, way.decision),
    grants,
    confinedBy: [...confinedBy.values()],
    exceptions: whole.decision === "no" ? way.exceptions : whole.exceptions,
  };
};

/** The answer to who can do nothing of what was asked. */
export const nobody: Answer = { decision: "no", grants: [], confinedBy: [], exceptions: [] };

/** Every action of a service, on everything. */
export interface ServiceWideGrant {
  /** `s3:*`; `*`: of every service that no policy names. */
  readonly actions: string;
  readonly decision: Grant["decision"];
  readonly answer: Answer;
}

/**
 * The services of which a principal has every action on everything, by the names that its policies, boundary and SCPs use for
 * them. An administrator has them all: ask `administration` first.
 */
export const serviceWideGrants = (layers: PrincipalLayers, given?: RequestContext): readonly ServiceWideGrant[] => {
  const named = sourcesOf(layers).flatMap(({ policies }) =>
    policies.flatMap(({ document }) =>
      document.statements.flatMap(({ effect, actions = [] }) =>
        effect === "Allow" ? actions.flatMap((pattern) => wholeService(pattern) ?? []) : [],
      ),
    ),
  );
  return [...new Set(["*", ...named])].flatMap((actions) => {
    const answer = can(layers, actions === "*" ? `${unnamed}:*` : actions, everything, given);
    const { decision } = answer;
    return decision === "no" ? [] : [{ actions, decision, answer }];
  });
};

/** The service, as a pattern of actions, of which a pattern holds every action: `s3:*` of `S3:**`; none of `*`, of `s3:Get*`. */
const wholeService = (pattern: string): string | undefined => {
  const [, service, open] = /^([^:]*[^:*][^:]*):\??\*+$|^([^:*]+)\*+$/.exec(pattern.toLowerCase()) ?? [];
  return service === undefined ? open && `${open}*:*` : `${service}:*`;
};
