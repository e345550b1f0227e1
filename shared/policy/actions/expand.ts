import { matchesWildcard } from "../../wildcard.ts";
import type { KnownAction } from "./decode.ts";
import { known } from "./known.ts";

/** A pattern of a policy that stands for no documented action: misspelt, retired, or newer than the table. */
export interface UnknownPattern {
  readonly pattern: string;
  /** `form`: neither `*` nor `service:name`. `service`: no service has such a prefix. `action`: the service has no such action. */
  readonly missing: "form" | "service" | "action";
}

export interface Expansion {
  /** Each once; shared between callers. */
  readonly actions: readonly KnownAction[];
  readonly unknown: readonly UnknownPattern[];
}

/** What one pattern stands for. */
type One = readonly KnownAction[] | UnknownPattern["missing"];

const isUnknown = (one: One): one is UnknownPattern["missing"] => typeof one === "string";

// Policies say the same few thousand patterns again and again; whoever makes up patterns must not fill the memory.
const rememberedAtMost = 5_000;
const remembered = new Map<string, One>();

const expandOne = (pattern: string): One => {
  const key = pattern.toLowerCase();
  const found = remembered.get(key);
  if (found !== undefined) return found;
  if (remembered.size >= rememberedAtMost) remembered.clear();
  const made = matching(key);
  remembered.set(key, made);
  return made;
};

const matching = (pattern: string): One => {
  const { all, byService, byId } = known();
  if (/^\*+(?::\*+)?$/.test(pattern)) return all;
  const exact = byId.get(pattern);
  if (exact) return [exact];
  const colon = pattern.indexOf(":");
  const [service, name] = [pattern.slice(0, colon), pattern.slice(colon + 1)];
  // A pattern without a colon is no form that IAM accepts, unless its wildcards may stand for one.
  if (colon < 0 && !pattern.includes("*")) return "form";
  const candidates = colon < 0 ? all : servicesLike(service).flatMap((each) => byService.get(each) ?? []);
  if (candidates.length === 0) return "service";
  if (/^\*+$/.test(name) && colon >= 0) return candidates;
  const matches = candidates.filter(({ id }) => matchesWildcard(pattern, id.toLowerCase()));
  return matches.length > 0 ? matches : "action";
};

const servicesLike = (prefix: string): readonly string[] =>
  /[*?]/.test(prefix) ? [...known().byService.keys()].filter((each) => matchesWildcard(prefix, each)) : [prefix];

/**
 * The documented actions that a statement's Action element stands for, whatever their case. `*` costs nothing: it is the
 * whole table. What is not in the table is told, since AWS may know more than the table does.
 */
export const expandActions = (patterns: readonly string[]): Expansion => {
  const expanded = patterns.map((pattern) => ({ pattern, one: expandOne(pattern) }));
  const unknown = expanded.flatMap(({ pattern, one }) => (isUnknown(one) ? [{ pattern, missing: one }] : []));
  const lists = expanded.flatMap(({ one }) => (isUnknown(one) ? [] : [one]));
  const [first = []] = lists;
  const whole = lists.find((list) => list === known().all);
  if (whole || lists.length <= 1) return { actions: whole ?? first, unknown };
  return { actions: [...new Set(lists.flat())], unknown };
};
