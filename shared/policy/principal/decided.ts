import { conditionHolds, parseOperator } from "../language/condition.ts";
import type { Statement } from "../language/document.ts";
import type { Ternary } from "../language/ternary.ts";
import type { RequestContext } from "../language/variables.ts";

type Effect = Statement["effect"];

/** What callers say of themselves as they like, in lower case. */
export const callersWord = /^aws:(?:useragent|referer|sourceidentity)$/;

/** Session tags stand in place of a role's own. */
const isSessionTag = (key: string, given: RequestContext): boolean =>
  key.startsWith("aws:principaltag/") && given.get("aws:principaltype")?.[0] !== "User";

/** Whether the caller has a variable stand for what it likes. */
export const isCallersChoice = (key: string, given: RequestContext): boolean =>
  callersWord.test(key) || isSessionTag(key, given);

/** What is known of most requests, and not of all: it lets an Allow hold, and decides nothing else. */
const isUsual = (key: string, given: RequestContext): boolean =>
  key === "aws:requestedregion" || isSessionTag(key, given);

const times = /^aws:(?:currenttime|epochtime|tokenissuetime)$/;

/**
 * Whether an operator reads a key as what it is. AWS may match nothing under another one, and as which text it has a time nobody here
 * knows: then the condition is left open.
 */
export const fitsKey = (operator: string, key: string, wanted: readonly string[]): boolean => {
  const { name } = parseOperator(operator);
  if (name === "null") return true;
  if (times.test(key)) return name.startsWith("date") || (key === "aws:epochtime" && name.startsWith("numeric"));
  if (name === "bool")
    return (
      /^aws:principal(?:isawsservice$|tag\/)/.test(key) && wanted.every((value) => /^(?:true|false)$/i.test(value))
    );
  if (/^(?:string|arn)/.test(name)) return true;
  return /^(?:numeric|date)/.test(name) && key.startsWith("aws:principaltag/");
};

/**
 * Whether a condition holds in all requests of which this is known. An Allow holds if it holds in those that the caller can choose or
 * wait for; a Deny only if it holds in all of them, from now on for ever.
 */
export const decided = (
  operator: string,
  key: string,
  wanted: readonly string[],
  given: RequestContext,
  effect: Effect,
): Ternary => {
  const lower = key.toLowerCase();
  const holdsWith = (context: RequestContext) => conditionHolds({ [operator]: { [key]: wanted } }, context);
  const isSure = fitsKey(operator, lower, wanted) || given.get(lower)?.length === 0;
  const holds = times.test(lower)
    ? inTime(lower, wanted, given, effect, holdsWith)
    : given.has(lower)
      ? holdsWith(given)
      : "unknown";
  if (effect === "Allow" && holds === true) return true;
  return isSure && !isUsual(lower, given) ? holds : "unknown";
};

/** A time without end, as far as policies go. */
const never = Date.UTC(9999, 0);

const inTime = (
  key: string,
  wanted: readonly string[],
  given: RequestContext,
  effect: Effect,
  holdsWith: (context: RequestContext) => Ternary,
): Ternary => {
  const now = Date.parse(given.get("aws:currenttime")?.[0] ?? "");
  // Of tokens there are also old ones, and keys that have none.
  if (Number.isNaN(now) || (key === "aws:tokenissuetime" && effect === "Deny")) return "unknown";
  const second = 1000;
  const told = wanted.map((text) => (/^\d+$/.test(text) ? Number(text) * second : Date.parse(text)));
  const later = told.flatMap((time) => [time - second, time, time + second]).filter((time) => time > now);
  const found = [now, ...later, never].map((time) => {
    const text = key === "aws:epochtime" ? String(Math.floor(time / second)) : new Date(time).toISOString();
    return holdsWith(new Map([...given, [key, [text]]]));
  });
  const [first] = found;
  if (found.every((each) => each === first)) return first ?? "unknown";
  return effect === "Allow" && found.includes(true) ? true : "unknown";
};
