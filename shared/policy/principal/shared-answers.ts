import type { PolicyDocument } from "../language/document.ts";
import type { RequestContext } from "../language/variables.ts";
import type { NamedPolicy, PrincipalLayers } from "./layers.ts";
import { isAlikeFor } from "./same-for-all.ts";

/** A principal, as questions are asked of it. */
export interface Asked {
  /** Of the user or role itself. */
  readonly arn: string;
  readonly layers: PrincipalLayers;
  /** What every request of it has: `principalContext`, and more. */
  readonly given: RequestContext;
  /** Tells apart what `given` says of all principals of an account alike: the organization. */
  readonly about: string;
  /** The users, or roles, of its account as a pattern of ARNs: `arn:aws:iam::111122223333:role/*`. */
  readonly among: string;
}

/** Sets of policies with one policy in them; accounts of many more are rare, and then some are asked twice. */
const setsAtMost = 5_000;

/**
 * A question that is answered once for all who have the same policies: thousands of principals do. Where the policies tell them
 * apart, each is asked by itself. An answer is kept as long as the first of the policies is.
 * @param detailName tells questions apart that differ in a detail
 */
export const createShared = <T, D = void>(
  find: (asked: Asked, detail: D) => T,
  detailName: (detail: D) => string = () => "",
): ((asked: Asked, detail: D) => T) => {
  const remembered = new WeakMap<PolicyDocument, Map<string, { readonly answer: T }>>();
  return (asked, detail) => {
    const { layers, about, among } = asked;
    const { identity, boundary, serviceControl } = layers;
    const [first] = identity;
    if (first === undefined) return find(asked, detail);
    const policies = boundary ? [...identity, boundary] : identity;
    const isAlike = ({ document }: NamedPolicy): boolean => isAlikeFor(document, among);
    if (!policies.every(isAlike) || !serviceControl.every((node) => node.policies.every(isAlike)))
      return find(asked, detail);
    const known = remembered.get(first.document) ?? new Map<string, { readonly answer: T }>();
    remembered.set(first.document, known);
    const key = [among, about, detailName(detail), nodesName(serviceControl), ...policies.map(nameOf)].join("\n");
    const before = known.get(key);
    if (before) return before.answer;
    const answer = find(asked, detail);
    if (known.size >= setsAtMost) known.clear();
    known.set(key, { answer });
    return answer;
  };
};

const nodeNames = new WeakMap<PrincipalLayers["serviceControl"], string>();

const nodesName = (nodes: PrincipalLayers["serviceControl"]): string => {
  const known = nodeNames.get(nodes);
  if (known !== undefined) return known;
  const name = JSON.stringify(nodes.map(({ node, policies }) => [node, policies.map(nameOf)]));
  nodeNames.set(nodes, name);
  return name;
};

const names = new WeakMap<NamedPolicy, string>();

const nameOf = (policy: NamedPolicy): string => {
  const known = names.get(policy);
  if (known !== undefined) return known;
  const { kind, name, arn, via, document } = policy;
  const made = JSON.stringify([numberOf(document), kind, name, arn, via]);
  names.set(policy, made);
  return made;
};

const numbers = new WeakMap<PolicyDocument, number>();
let lastNumber = 0;

const numberOf = (document: PolicyDocument): number => {
  const known = numbers.get(document) ?? ++lastNumber;
  numbers.set(document, known);
  return known;
};
