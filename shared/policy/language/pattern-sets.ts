import { anyOne, anyRun, matchesPattern, type Pattern } from "../../wildcard.ts";

// Patterns as the sets of texts that match them. Each takes time proportional to the product of both lengths at worst.

/** A table of answers for each pair of positions in two patterns, the ends included. */
const answers = (
  a: Pattern,
  b: Pattern,
  answer: (i: number, j: number, at: (i: number, j: number) => boolean) => boolean,
) => {
  const width = b.length + 1;
  const table = new Uint8Array((a.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] === 1;
  for (let i = a.length; i >= 0; i--)
    for (let j = b.length; j >= 0; j--) if (answer(i, j, at)) table[i * width + j] = 1;
  return at;
};

/** How many characters two patterns have in common before the first wildcard; `undefined`: they begin with different ones. */
const sharedStart = (a: Pattern, b: Pattern): number | undefined => {
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
  const at = answers(wide.slice(start), narrow.slice(start), (i, j, rest) => {
    const wanted = wide[start + i];
    const given = narrow[start + j];
    if (start + i === wide.length) return start + j === narrow.length;
    if (wanted === anyRun) {
      const takes = given !== undefined && (typeof given === "string" || !variablesAt.has(start + i));
      return rest(i + 1, j) || (takes && rest(i, j + 1));
    }
    return given !== undefined && given !== anyRun && (wanted === anyOne || wanted === given) && rest(i + 1, j + 1);
  });
  return at(0, 0);
};

const meeting = (a: Pattern, b: Pattern) =>
  answers(a, b, (i, j, rest) => {
    const left = a[i];
    const right = b[j];
    if (left === undefined && right === undefined) return true;
    if (left === anyRun && (rest(i + 1, j) || (right !== undefined && rest(i, j + 1)))) return true;
    if (right === anyRun && (rest(i, j + 1) || (left !== undefined && rest(i + 1, j)))) return true;
    if (left === undefined || right === undefined || left === anyRun || right === anyRun) return false;
    return (left === right || left === anyOne || right === anyOne) && rest(i + 1, j + 1);
  });

/** Whether some text matches both. */
export const overlap = (a: Pattern, b: Pattern): boolean => {
  if (isAll(a) || isAll(b)) return true;
  const start = sharedStart(a, b);
  return start !== undefined && meeting(a.slice(start), b.slice(start))(0, 0);
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
  const rest = meeting(a, b);
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
