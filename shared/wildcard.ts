import { spend } from "./effort.ts";
import { rememberForText } from "./remember.ts";

export const anyRun = Symbol("*");
export const anyOne = Symbol("?");

/** A text with wildcards: single characters to match as they are, and the two wildcards. */
export type Pattern = readonly (string | typeof anyRun | typeof anyOne)[];

/** Reads `*` (any run of characters) and `?` (any one) as wildcards, everything else as it is. */
export const wildcardPattern = (text: string): Pattern =>
  Array.from(text, (character) => (character === "*" ? anyRun : character === "?" ? anyOne : character));

/** Reads `*` alone as a wildcard: in settings and names `?` is itself. Settings hold few, and ask of every user and role. */
const starPattern = rememberForText(
  (text): Pattern => Array.from(text, (character) => (character === "*" ? anyRun : character)),
);

/** A text without wildcards, even where it holds `*` or `?`. */
export const literalPattern = (text: string): Pattern => Array.from(text);

/**
 * Whether the whole text matches. Takes time proportional to the product of both lengths at worst: patterns come from
 * other people's policies and settings.
 */
export const matchesPattern = (pattern: Pattern, text: string): boolean => {
  const characters: ArrayLike<string> = /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
  let patternAt = 0;
  let textAt = 0;
  let runAt = -1;
  let retryAt = 0;
  let steps = 0;
  while (textAt < characters.length) {
    steps++;
    const wanted = pattern[patternAt];
    if (wanted === anyRun) {
      runAt = patternAt++;
      retryAt = textAt;
    } else if (wanted === anyOne || wanted === characters[textAt]) {
      patternAt++;
      textAt++;
    } else if (runAt >= 0) {
      patternAt = runAt + 1;
      textAt = ++retryAt;
    } else {
      break;
    }
  }
  spend(steps);
  while (pattern[patternAt] === anyRun) patternAt++;
  return textAt === characters.length && patternAt === pattern.length;
};

/** Whether a text matches a pattern with wildcards. Most patterns are one wildcard, or have none. */
export const matchesWildcard = (pattern: string, text: string): boolean =>
  pattern === "*" || (/[*?]/.test(pattern) ? matchesPattern(wildcardPattern(pattern), text) : pattern === text);

/** Whether a text matches a pattern in which `*` stands for any characters, `/` included, and all else for itself. */
export const matchesStars = (pattern: string, text: string): boolean => matchesPattern(starPattern(pattern), text);

/** Actions are matched without regard to case. */
export const matchesWildcardIgnoringCase = (pattern: string, text: string): boolean =>
  matchesWildcard(pattern.toLowerCase(), text.toLowerCase());
