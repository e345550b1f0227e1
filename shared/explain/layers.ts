import type { PolicyFacts } from "../facts/facts.ts";
import type { ViewNode } from "../organization/view.ts";
import { type PolicyDocument, readPolicyDocument } from "../policy/language/document.ts";
import type { LayerRef, NamedPolicy } from "../policy/principal/layers.ts";
import type { Layer, PolicyLayers } from "../policy/request/authorize.ts";

/** A policy where it stands. */
export interface HeldPolicy extends Omit<NamedPolicy, "kind"> {
  /** Why nobody could read it: then its document decides nothing. */
  readonly unread?: string;
}

/** The root, a unit or the account itself, and the SCPs attached to it. */
export interface HeldNode extends Omit<ViewNode, "policies"> {
  readonly policies: readonly HeldPolicy[];
}

/** What has a say in a request, as `PolicyLayers`, with what people call it. */
export interface HeldLayers {
  readonly identity: readonly HeldPolicy[];
  readonly boundary?: readonly HeldPolicy[];
  readonly session?: readonly HeldPolicy[];
  /** From the root of the organization down to the account. */
  readonly serviceControl?: readonly HeldNode[];
  /** The policy on the resource: for a role its trust policy. */
  readonly resource?: readonly HeldPolicy[];
}

/** Where a policy has its say. */
export interface Place extends Pick<LayerRef, "node"> {
  readonly layer: Layer;
}

/** Of what nobody read, nobody can say what it denies: every decision that it could change is unknown. */
const undecided: PolicyDocument = {
  statements: [{ effect: "Deny", conditions: {}, actions: ["*"], unknownElements: ["unread"] }],
};

export const unreadPolicy = (name: string, why: string): HeldPolicy => ({ name, document: undecided, unread: why });

/** A policy by its text or parsed JSON. What is no policy document is as good as unread. */
export const heldPolicy = (name: string, document: unknown, from: Pick<HeldPolicy, "arn" | "via"> = {}): HeldPolicy => {
  const read = readPolicyDocument(document);
  return "malformed" in read ? { ...unreadPolicy(name, read.malformed), ...from } : { name, ...from, document: read };
};

/** A policy as the readers of facts hold it. */
export const heldFacts = ({ name, arn, document }: PolicyFacts, via?: string): HeldPolicy => {
  const from = { ...(arn !== null && { arn }), ...(via !== undefined && { via }) };
  return document.known ? heldPolicy(name, document.value, from) : { ...unreadPolicy(name, document.why), ...from };
};

const documentsOf = (policies: readonly HeldPolicy[]): readonly PolicyDocument[] =>
  policies.map(({ document }) => document);

/** The layers as `authorize` takes them. */
export const plainLayers = ({ identity, boundary, session, serviceControl, resource }: HeldLayers): PolicyLayers => ({
  identity: documentsOf(identity),
  ...(boundary && { boundary: documentsOf(boundary) }),
  ...(session && { session: documentsOf(session) }),
  ...(serviceControl && { serviceControl: serviceControl.map(({ policies }) => documentsOf(policies)) }),
  ...(resource && { resource: documentsOf(resource) }),
});

/** Every place that policies stand in: the SCPs first, the caller's own last, as `authorize` asks them. */
export const placesOf = (layers: HeldLayers): readonly (Place & { readonly policies: readonly HeldPolicy[] })[] => [
  ...(layers.serviceControl ?? []).map(({ id, policies }) => ({
    layer: "serviceControl" as const,
    node: id,
    policies,
  })),
  ...(["boundary", "session", "resource", "identity"] as const).flatMap((layer) => {
    const policies = layers[layer];
    return policies === undefined ? [] : [{ layer, policies }];
  }),
];

/** The same layers with the policies of one place, or of all, made others. */
export const mapPolicies = (
  layers: HeldLayers,
  map: (policies: readonly HeldPolicy[], place: Place) => readonly HeldPolicy[],
): HeldLayers => ({
  identity: map(layers.identity, { layer: "identity" }),
  ...(layers.boundary && { boundary: map(layers.boundary, { layer: "boundary" }) }),
  ...(layers.session && { session: map(layers.session, { layer: "session" }) }),
  ...(layers.serviceControl && {
    serviceControl: layers.serviceControl.map((node) => ({
      ...node,
      policies: map(node.policies, { layer: "serviceControl", node: node.id }),
    })),
  }),
  ...(layers.resource && { resource: map(layers.resource, { layer: "resource" }) }),
});
