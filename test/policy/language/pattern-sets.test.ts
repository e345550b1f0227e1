import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, exampleOf, literalOf, meet, overlap } from "../../../shared/policy/language/pattern-sets.ts";
import { matchesPattern, type Pattern, wildcardPattern } from "../../../shared/wildcard.ts";

const parsed = wildcardPattern;
const patternOf = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength }).map(parsed);
const pattern = patternOf(6);
/** Every text of up to seven letters. */
const texts = Array.from({ length: 8 }, (_, length) => length).flatMap((length) =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    Array.from({ length }, (_, at) => ((bits >> at) & 1 ? "b" : "a")).join(""),
  ),
);
const matching = (each: Pattern) => texts.filter((text) => matchesPattern(each, text));

describe("sets of texts", () => {
  test.each([
    ["*", "arn:aws:s3:::b/*", true],
    ["arn:aws:s3:::*", "arn:aws:s3:::b/*", true],
    ["arn:aws:s3:::b/*", "arn:aws:s3:::*", false],
    ["iam:*", "iam:?*", true],
    ["iam:?*", "iam:?*", true],
    ["iam:Get*", "iam:?*", false],
    ["a?c", "abc", true],
    ["a?c", "a*c", false],
    ["*a*", "bab", true],
  ])("%s covers %s: %s", (wide, narrow, expected) => {
    expect(covers(parsed(wide), parsed(narrow))).toBe(expected);
  });

  test("what covers holds every text", () => {
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (covers(wide, narrow)) expect(matching(narrow).filter((text) => !matchesPattern(wide, text))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test("covers is exact for a text, and everything covers itself", () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom(...texts), (wide, text) => {
        expect(covers(wide, [...text])).toBe(matchesPattern(wide, text));
        expect(covers(wide, wide)).toBe(true);
      }),
    );
  });

  test("two patterns overlap if, and only if, some text matches both", () => {
    // Of three each, so that a text of seven letters is never too short to match both.
    fc.assert(
      fc.property(patternOf(3), patternOf(3), (a, b) => {
        expect(overlap(a, b)).toBe(matching(a).some((text) => matchesPattern(b, text)));
      }),
      { numRuns: 1000 },
    );
  });

  test("what meets matches both", () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const met = meet(a, b);
        expect(met !== undefined).toBe(overlap(a, b));
        if (met === undefined) return;
        expect([matchesPattern(a, exampleOf(met)), matchesPattern(b, exampleOf(met))]).toEqual([true, true]);
        expect(matching(met).filter((text) => !matchesPattern(a, text) || !matchesPattern(b, text))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test("only a pattern without wildcards is one text", () => {
    expect(literalOf(parsed("role/app"))).toBe("role/app");
    expect(literalOf(parsed("role/app-?"))).toBeUndefined();
  });
});
