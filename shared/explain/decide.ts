import { type Authorization, authorize, type Layer } from "../policy/request/authorize.ts";
import { evaluatePolicies, type Request } from "../policy/request/evaluate.ts";
import { type HeldLayers, plainLayers } from "./layers.ts";

/** One request, and whose the resource is. */
export interface Question {
  /** A key of the context without values is one that the request is known not to have; one that is not there is not known. */
  readonly request: Request;
  /** Twelve digits; absent: the caller's. */
  readonly resourceAccountId?: string;
  /** It is about a session of a role: the role's trust policy has to allow, too, within the account as well. */
  readonly byTrust?: boolean;
  /** AWS said that a statement of this layer denied it. */
  readonly toldDeny?: Layer;
}

const rank = { explicitDeny: 0, implicitDeny: 1, unknown: 2, allow: 3 };

/**
 * What all layers say of a request: `authorize`, and for a session of a role what its trust policy says before. Whom an
 * identity provider or a service vouches for has no policies: there the trust policy alone decides.
 */
export const decide = (
  layers: HeldLayers,
  { request, resourceAccountId, byTrust = false }: Question,
): Authorization => {
  const plain = plainLayers(layers);
  if (!byTrust) return authorize(plain, request, resourceAccountId);
  const trust: Authorization = { layer: "resource", ...evaluatePolicies(plain.resource ?? [], request) };
  if (request.caller !== undefined && request.caller.type !== "AWS") return trust;
  const others = authorize(plain, request, resourceAccountId);
  return rank[trust.decision] <= rank[others.decision] && trust.decision !== "allow" ? trust : others;
};
