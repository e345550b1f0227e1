import { spend } from "../../effort.ts";
import { anyOne, anyRun, matchesPattern, type Pattern } from "../../wildcard.ts";

// Patterns as the sets of texts that match them. Each takes time proportional to the product of both lengths at worst, and mostly to
// their sum.

type Position = Pattern[number];

/** Whether pattern `a` from a position on matches `b` from one on, taken as a text, whose positions match by `fits`. */
const takes = (a: Pattern, b: Pattern, [i, j]: readonly [number, number], fits: typeof canBeOne): boolean => {
  let runAt = -1;
  let retryAt = j;
  let steps = 0;
  while (j < b.length) {
    steps++;
    const wanted = a[i];
    const given = b[j];
    if (wanted === anyRun) {
      runAt = i++;
      retryAt = j;
    } else if (wanted !== undefined && given !== undefined && fits(wanted, given)) {
      i++;
      j++;
    } else if (runAt >= 0) {
      i = runAt + 1;
      j = ++retryAt;
    } else {
      break;
    }
  }
  spend(steps);
  while (a[i] === anyRun) i++;
  return j >= b.length && i === a.length;
};

/** Whether two positions, neither a run, can be the same character. */
const canBeOne = (a: Position, b: Position): boolean => a === b || a === anyOne || b === anyOne;

/** Whether a position, no run itself, holds all that another stands for. */
const holds = (wide: Position, narrow: Position): boolean => narrow !== anyRun && (wide === anyOne || wide === narrow);

/** How many characters two patterns have in common before the first wildcard; `undefined`: they begin with different ones. */
const sharedStart = (a: Pattern, b: Pattern): number | undefined => {
  // Far cheaper than what else is counted, and not for nothing.
  spend(1);
  let at = 0;
  for (; at < a.length && at < b.length; at++) {
    const left = a[at];
    const right = b[at];
    if (typeof left !== "string" || typeof right !== "string") return at;
    if (left !== right) return undefined;
  }
  return at;
};

const isAll = (pattern: Pattern): boolean => pattern.length === 1 && pattern[0] === anyRun;

const noPositions: ReadonlySet<number> = new Set();

/**
 * Whether every text that matches `narrow` surely matches `wide`. Errs to no where only the sum of the wildcards' possibilities
 * says so (`*a` is within `?*`).
 * @param variablesAt where in `wide` a `*` stands for one text that nobody knows: it may be any, but is not all of them
 */
export const covers = (wide: Pattern, narrow: Pattern, variablesAt = noPositions): boolean => {
  if (isAll(wide) && variablesAt.size === 0) return true;
  const start = sharedStart(wide, narrow);
  if (start === undefined) return false;
  if (variablesAt.size === 0) return takes(wide, narrow, [start, start], holds);
  return coversWithVariables(wide, narrow, start, variablesAt);
};

/** Runs that take different things have to be tried in all ways: a table of answers for each pair of positions. */
const coversWithVariables = (
  wide: Pattern,
  narrow: Pattern,
  start: number,
  variablesAt: ReadonlySet<number>,
): boolean => {
  const width = narrow.length - start + 1;
  const height = wide.length - start + 1;
  spend(height * width);
  const table = new Uint8Array(height * width);
  const rest = (i: number, j: number) => table[(i - start) * width + j - start] === 1;
  const answer = (i: number, j: number): boolean => {
    const wanted = wide[i];
    const given = narrow[j];
    if (wanted === undefined) return given === undefined;
    if (wanted !== anyRun) return given !== undefined && holds(wanted, given) && rest(i + 1, j + 1);
    const isTaken = given !== undefined && (typeof given === "string" || !variablesAt.has(i));
    return rest(i + 1, j) || (isTaken && rest(i, j + 1));
  };
  for (let i = wide.length; i >= start; i--)
    for (let j = narrow.length; j >= start; j--) if (answer(i, j)) table[(i - start) * width + j - start] = 1;
  return rest(start, start);
};

/**
 * Whether some text matches what two patterns have from a position of each on. Where both have a run there, only what stands before
 * the first one and behind the last one can keep them apart: a run takes whatever the other pattern wants in between.
 */
const overlapFrom = (a: Pattern, b: Pattern, at: readonly [number, number]): boolean => {
  const [i, j] = at;
  if (a.lastIndexOf(anyRun) < i) return takes(b, a, [j, i], canBeOne);
  if (b.lastIndexOf(anyRun) < j) return takes(a, b, at, canBeOne);
  return agree(a, b, at, 1) && agree(a, b, [a.length - 1, b.length - 1], -1);
};

/** Whether two patterns can be the same from a position of each on, in a direction, until one has a run. */
const agree = (a: Pattern, b: Pattern, [i, j]: readonly [number, number], step: 1 | -1): boolean => {
  for (let steps = 1; ; i += step, j += step, steps++) {
    const left = a[i];
    const right = b[j];
    const isOver = left === undefined || right === undefined || left === anyRun || right === anyRun;
    if (!isOver && canBeOne(left, right)) continue;
    spend(steps);
    return isOver;
  }
};

/** Whether some text matches both. */
export const overlap = (a: Pattern, b: Pattern): boolean => {
  if (isAll(a) || isAll(b)) return true;
  const start = sharedStart(a, b);
  return start !== undefined && overlapFrom(a, b, [start, start]);
};

/** A pattern of which every text matches both, as wide as one pass finds; `undefined` if no text matches both. */
export const meet = (a: Pattern, b: Pattern): Pattern | undefined => {
  if (isAll(a) || isAll(b)) return isAll(a) ? b : a;
  const start = sharedStart(a, b);
  if (start === undefined) return undefined;
  // Most that policies name is one thing.
  if (literalOf(a) !== undefined) return matchesPattern(b, a.join("")) ? a : undefined;
  if (literalOf(b) !== undefined) return matchesPattern(a, b.join("")) ? b : undefined;
  const met = meetRest(a.slice(start), b.slice(start));
  return met && [...a.slice(0, start), ...met];
};

const meetRest = (a: Pattern, b: Pattern): Pattern | undefined => {
  const rest = (i: number, j: number) => overlapFrom(a, b, [i, j]);
  if (!rest(0, 0)) return undefined;
  const met: Pattern[number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left === anyRun && right !== undefined && rest(i, j + 1)) {
      met.push(right);
      j++;
    } else if (right === anyRun && left !== undefined && rest(i + 1, j)) {
      met.push(left);
      i++;
    } else if (left === anyRun && rest(i + 1, j)) {
      i++;
    } else if (right === anyRun && rest(i, j + 1)) {
      j++;
    } else {
      met.push(left === anyOne ? (right ?? anyOne) : (left ?? anyOne));
      i++;
      j++;
    }
  }
  return met;
};

/** A text that matches, with names that nobody is likely to have given. */
export const exampleOf = (pattern: Pattern): string =>
  pattern.map((each) => (each === anyRun ? "warden-example" : each === anyOne ? "0" : each)).join("");

/** The one text that matches, if the pattern has no wildcards. */
export const literalOf = (pattern: Pattern): string | undefined =>
  pattern.some((each) => typeof each === "symbol") ? undefined : pattern.join("");
