import { rememberFor, rememberForText } from "../../remember.ts";
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
  /** Tells apart what `given` says of all principals of an account alike: the organization, and where in it the account is. */
  readonly about: string;
  /** The users, or roles, of its account as a pattern of ARNs: `arn:aws:iam::111122223333:role/*`. */
  readonly among: string;
}

/** Sets of policies that begin with one policy; accounts of many more are rare, and then some are asked twice. */
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
  const rememberedOf = rememberFor((_: NamedPolicy) => new Map<string, { readonly answer: T }>());
  return (asked, detail) => {
    const { layers, about, among } = asked;
    const { identity, boundary, serviceControl } = layers;
    const [first] = identity;
    // An inline policy is one principal's: to remember those of thousands costs more than it saves.
    if (first === undefined || identity.some(({ kind }) => kind === "inline")) return find(asked, detail);
    const policies = boundary ? [...identity, boundary] : identity;
    if (!areAlikeFor(policies, among) || !areAllAlikeFor(serviceControl)(among)) return find(asked, detail);
    const remembered = rememberedOf(first);
    let key = `${among} ${about} ${detailName(detail)} ${numberOf(serviceControl)}`;
    for (const policy of policies) key += ` ${numberOf(policy)}`;
    const known = remembered.get(key);
    if (known) return known.answer;
    const answer = find(asked, detail);
    if (remembered.size >= setsAtMost) remembered.clear();
    remembered.set(key, { answer });
    return answer;
  };
};

const areAlikeFor = (policies: readonly NamedPolicy[], among: string): boolean =>
  policies.every(({ document }) => isAlikeFor(document, among));

/** The same nodes limit a whole account. */
const areAllAlikeFor = rememberFor((nodes: PrincipalLayers["serviceControl"]) =>
  rememberForText((among) => nodes.every(({ policies }) => areAlikeFor(policies, among))),
);

let lastNumber = 0;
/** Tells apart policies, and ways to have one; what was put together as one is one. */
const numberOf = rememberFor((_: NamedPolicy | PrincipalLayers["serviceControl"]): number => ++lastNumber);
