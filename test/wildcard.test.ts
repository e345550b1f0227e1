import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesStars } from "../shared/wildcard.ts";

it.each([
  ["", "", true],
  ["*", "", true],
  ["", "a", false],
  ["a", "a", true],
  ["a", "A", false],
  ["a*", "a", true],
  ["*a", "ba", true],
  ["a*c", "abcbc", true],
  ["a*c", "abcb", false],
  ["*b*", "abc", true],
  ["a**c", "ac", true],
  ["a.c", "abc", false],
  ["a?c", "abc", false],
  ["*/x", "/a/b/x", true],
  ["*ab", "aab", true],
])("%j on %j: %j", (pattern, text, expected) => expect(matchesStars(pattern, text)).toBe(expected));

it("agrees with a regular expression", () => {
  const letters = fc.stringMatching(/^[ab*]{0,8}$/);
  fc.assert(
    fc.property(letters, fc.stringMatching(/^[ab]{0,10}$/), (pattern, text) => {
      expect(matchesStars(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
    }),
  );
});

it("does not explode on a hostile pattern", () => {
  expect(matchesStars(`${"*a".repeat(500)}*b`, "a".repeat(5000))).toBe(false);
});
