import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

/** Columns of the terminal; 80 where there is none, and at most 140, so that lines stay readable. */
export const terminalWidth = (): number => Math.min(Math.max(process.stdout.columns ?? 80, 80), 140);

const gap = 2;
const narrowestLastColumn = 24;

/**
 * A table without lines: every column as wide as its content, but the last, which wraps at spaces within what is left of `width`.
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
  const lasts = rows.map((row) => wrapped(row.at(-1) ?? "", lastWidth));
  // The table would cut what is wider than its column.
  const widest = lasts.flat().reduce((most, line) => Math.max(most, columnsOf(line)), lastWidth);
  const table = new Table({
    head: [...head],
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap, compact: true },
    colWidths: [...widths, widest].map((columnWidth) => columnWidth + gap),
  });
  for (const [index, row] of rows.entries()) table.push([...row.slice(0, -1), (lasts[index] ?? []).join("\n")]);
  return table
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
};

/** Breaks a text's lines at spaces alone. A word (an ARN) that no line would hold stands out over the edge: it can be copied whole. */
const wrapped = (text: string, width: number): readonly string[] =>
  text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    for (const word of line.split(" ")) {
      const last = lines.at(-1);
      if (last === undefined || columnsOf(last) + 1 + columnsOf(word) > width) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });

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
