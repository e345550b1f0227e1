import { rememberFor } from "../../remember.ts";
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
  readonly given: () => RequestContext;
  /** Tells apart what `given` says of all principals of an account alike: the organization. */
  readonly about: string;
  /** The users, or roles, of its account as a pattern of ARNs: `arn:aws:iam::111122223333:role/*`. */
  readonly among: string;
}

/** Sets of policies with one policy in them; accounts of many more are rare, and then some are asked twice. */
const setsAtMost = 5_000;

/**
 * A question that is answered once for all who have the same policies: thousands of principals do. Where the policies tell them
 * apart, and where an inline one has a say, each is asked by itself. An answer is kept as long as the first of the policies is.
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
    // An inline policy is one principal's: to remember those of thousands costs more than it saves.
    if (first === undefined || identity.some(({ kind }) => kind === "inline")) return find(asked, detail);
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

const nodesName = rememberFor((nodes: PrincipalLayers["serviceControl"]): string =>
  JSON.stringify(nodes.map(({ node, policies }) => [node, policies.map(nameOf)])),
);

const nameOf = rememberFor(({ kind, name, arn, via, document }: NamedPolicy): string =>
  JSON.stringify([numberOf(document), kind, name, arn, via]),
);

let lastNumber = 0;
const numberOf = rememberFor((_: PolicyDocument): number => ++lastNumber);
