import fc from "fast-check";
import { expect, test } from "vitest";
import { isVisible, visibleLength, visibleText } from "../shared/visible-text.ts";

test.each([
  ["plain names", "ops+bot@example.com", "ops+bot@example.com"],
  ["other scripts", "Büro 東京 🔑", "Büro 東京 🔑"],
  ["a line break", "a\r\nb", "a\\u{d}\\u{a}b"],
  ["a terminal escape", "\u001b[31mred\u009b0m", "\\u{1b}[31mred\\u{9b}0m"],
  ["a right-to-left override", "gpj.\u202eexe", "gpj.\\u{202e}exe"],
  ["a zero-width space", "ad\u200bmin", "ad\\u{200b}min"],
  ["a Hangul filler", "\u3164", "\\u{3164}"],
  ["half a surrogate pair", "\ud800", "\\u{d800}"],
  ["a line separator", "a\u2028b", "a\\u{2028}b"],
])("%s", (_name, text, expected) => {
  expect(visibleText(text)).toBe(expected);
});

test("no text, however hostile, keeps a character that acts, and none loses one that shows", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = visibleText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(shown.isWellFormed()).toBe(true);
      for (const character of text) {
        const shows = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/\p{Default_Ignorable_Code_Point}/u.test(character);
        if (shows) expect(shown).toContain(character);
      }
    }),
  );
});

test.each([
  ["", 0],
  [" \t\n\u00a0\u3000", 0],
  ["\u200b\u202e\u00ad\ufeff\u3164\u2800", 0],
  ["a b\u0301c", 3],
  ["東京 🔑", 3],
  ["\ud800", 0],
])("somebody sees of %j so many characters: %j", (text, expected) => expect(visibleLength(text)).toBe(expected));

test.each([
  ["Büro 東京 🔑", true],
  ["a\nb", false],
  ["ad\u200bmin", false],
])("all of %j shows: %j", (text, expected) => expect(isVisible(text)).toBe(expected));
