import { conditionHolds } from "../language/condition.ts";
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
  if (times.test(lower)) return inTime(lower, wanted, given, effect, holdsWith);
  if (!given.has(lower)) return "unknown";
  const holds = holdsWith(given);
  return isUsual(lower, given) && !(effect === "Allow" && holds === true) ? "unknown" : holds;
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
