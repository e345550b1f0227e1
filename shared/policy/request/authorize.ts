import type { PolicyDocument } from "../language/document.ts";
import { type Evaluation, evaluatePolicies, namesAccount, type Request } from "./evaluate.ts";

/** Everything that has a say in a request, by layer. An absent layer does not limit; an empty one allows nothing. */
export interface PolicyLayers {
  /** The caller's own policies, inline and managed, and those of its groups. */
  readonly identity: readonly PolicyDocument[];
  readonly boundary?: readonly PolicyDocument[];
  readonly session?: readonly PolicyDocument[];
  /** Service control policies: an entry for each node from the root to the account; each has to allow. */
  readonly serviceControl?: readonly (readonly PolicyDocument[])[];
  /** The policies on the resource itself. */
  readonly resource?: readonly PolicyDocument[];
}

export type Layer = keyof PolicyLayers;

export interface Authorization extends Evaluation {
  /** The layer that decides. */
  readonly layer: Layer;
}

/**
 * Whether AWS would allow a request: an explicit deny in any layer wins; else every SCP node, the boundary and the session
 * policy have to allow, and the caller's own policies or, within an account, the resource's. A resource policy that names
 * a user or a role's session by its own ARN is not limited by what boundary and session policy leave out; one that names the
 * role is; one that names the account leaves it to the account, whose policies have to allow. Across accounts both sides have to.
 * @param resourceAccountId the resource's account; absent: the caller's
 */
export const authorize = (layers: PolicyLayers, request: Request, resourceAccountId?: string): Authorization => {
  const judged = (layer: Layer, policies: readonly PolicyDocument[] | undefined): Authorization[] =>
    policies === undefined ? [] : [{ layer, ...evaluatePolicies(policies, request) }];
  const nodes = (layers.serviceControl ?? []).flatMap((policies) => judged("serviceControl", policies));
  const limits = [...judged("boundary", layers.boundary), ...judged("session", layers.session)];
  const [resource] = judged("resource", layers.resource);
  const identity: Authorization = { layer: "identity", ...evaluatePolicies(layers.identity, request) };
  const all = [...nodes, ...limits, ...(resource ? [resource] : []), identity];

  const denying = all.find(({ decision }) => decision === "explicitDeny");
  if (denying) return denying;

  const isWithinAccount =
    resourceAccountId === undefined ||
    (request.caller?.type === "AWS" && request.caller.accountId === resourceAccountId);
  const isDirect = isWithinAccount && resource?.decision === "allow" && namesCallerItself(resource, request);
  const [granting] = isWithinAccount ? judged("resource", layers.resource?.map(naming(request))) : [];
  const grants =
    resource === undefined
      ? [identity]
      : isWithinAccount
        ? [better(identity, granting ?? resource)]
        : [resource, identity];
  const required = [...nodes, ...(isDirect ? [] : limits), ...grants];
  const missing = required.find(({ decision }) => decision === "implicitDeny");
  if (missing) return missing;
  const undecided =
    required.find(({ decision }) => decision === "unknown") ??
    all.find(({ decision, statement }) => decision === "unknown" && statement?.effect === "Deny");
  return undecided ?? grants[0] ?? identity;
};

/** A resource's policy without what it leaves to the caller's account. Root is the account. */
const naming =
  ({ caller }: Request) =>
  (policy: PolicyDocument): PolicyDocument => {
    if (caller?.type !== "AWS" || caller.arns.some((arn) => arn.endsWith(":root"))) return policy;
    const statements = policy.statements.map((statement) => {
      const { effect, principals } = statement;
      if (effect === "Deny" || principals === undefined || principals === "*") return statement;
      const AWS = (principals.AWS ?? []).filter((name) => !namesAccount(name, caller.accountId));
      return { ...statement, principals: { ...principals, AWS } };
    });
    return { ...policy, statements };
  };

const rank = { allow: 0, unknown: 1, implicitDeny: 2, explicitDeny: 3 };

const better = (a: Authorization, b: Authorization): Authorization => (rank[a.decision] <= rank[b.decision] ? a : b);

/** By the ARN of the user or session, which is the caller's last and most specific one. */
const namesCallerItself = ({ statement }: Authorization, { caller }: Request): boolean => {
  if (caller?.type !== "AWS" || statement?.principals === undefined || statement.principals === "*") return false;
  const own = caller.arns.at(-1);
  return own !== undefined && (statement.principals.AWS ?? []).includes(own) && !own.includes(":role/");
};
