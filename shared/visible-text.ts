/**
 * Controls, line and paragraph separators, bidirectional and zero-width marks, lone surrogates, and whatever else
 * renders as nothing: what could move a cursor, end a line, reorder or hide text.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text from AWS as one line that shows all of it and does nothing else: each unseen character becomes its escape, e.g.
 * `\u{202e}`. For terminals and plain text; a channel with markup of its own escapes that as well.
 */
export const visibleText = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Whether all of a text shows as it is. */
export const isVisible = (text: string): boolean => visibleText(text) === text;

/** How many characters of a text somebody sees: without spaces, marks that only sit on others, and what is unseen. */
export const visibleLength = (text: string): number =>
  // U+2800 is a Braille cell without dots.
  Array.from(text.replace(unseen, "").replace(/[\s\p{Z}\p{M}\u2800]/gu, "")).length;
