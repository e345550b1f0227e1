import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

/** Columns of the terminal; 80 where there is none, and at most 140, so that lines stay readable. */
export const terminalWidth = (): number => Math.min(Math.max(process.stdout.columns ?? 80, 80), 140);

const gap = 2;
const narrowestLastColumn = 24;

/**
 * A table without lines: every column as wide as its content, but the last, which wraps within what is left of `width`.
 * Cells may be painted; they must already be harmless (`visibleText`). Ends with a line break.
 */
export const renderTable = (head: readonly string[], rows: readonly (readonly string[])[], width: number): string => {
  const widths = head
    .slice(0, -1)
    .map((title, column) => rows.reduce((most, row) => Math.max(most, columnsOf(row[column] ?? "")), title.length));
  const lastWidth = Math.max(
    width - widths.reduce((sum, columnWidth) => sum + columnWidth + gap, 0),
    narrowestLastColumn,
  );
  const table = new Table({
    head: [...head],
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap, compact: true },
    colWidths: [...widths, lastWidth].map((columnWidth) => columnWidth + gap),
    wordWrap: true,
  });
  for (const row of rows) table.push([...row.slice(0, -1), breakLongWords(row.at(-1) ?? "", lastWidth)]);
  return table
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
};

/** Cuts words (ARNs, long names) that no line would hold; the table would drop their ends. */
const breakLongWords = (text: string, width: number): string =>
  text
    .split(" ")
    .flatMap((word) => {
      const parts: string[] = [""];
      let used = 0;
      for (const character of word) {
        const columns = columnsOf(character);
        if (used + columns > width) {
          parts.push("");
          used = 0;
        }
        parts[parts.length - 1] += character;
        used += columns;
      }
      return parts;
    })
    .join(" ");

/** Columns that a text takes: two for a character from Hangul Jamo upwards, which errs on the wide side. */
const columnsOf = (text: string): number => {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) columns += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
  return columns;
};

const edges =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle";
/** A table without lines, in the words of cli-table3. */
export const noLines = Object.fromEntries(edges.split(" ").map((edge) => [edge, ""]));
