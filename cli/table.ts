import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

const widthWithoutTerminal = 100;
const readable = { from: 80, to: 140 };

/** How wide tables are: as `COLUMNS` says, else as the terminal is, else 100 columns; 80 to 140, so that lines stay readable. */
export const widthOf = ({ COLUMNS }: NodeJS.ProcessEnv, terminal: number | undefined): number => {
  const told = /^[1-9]\d{0,4}$/.test(COLUMNS ?? "") ? Number(COLUMNS) : (terminal ?? widthWithoutTerminal);
  return Math.min(Math.max(told, readable.from), readable.to);
};

export const terminalWidth = (): number => widthOf(process.env, process.stdout.columns);

const gap = 2;
const narrowestLastColumn = 24;

/**
 * A table without lines: every column as wide as its content, but the last, which wraps within what is left of `width`.
 * Cells but the last may be painted; they must already be harmless (`visibleText`). Ends with a line break.
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
  const table = new Table({
    head: [...head],
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap, compact: true },
    colWidths: [...widths, lastWidth].map((columnWidth) => columnWidth + gap),
  });
  for (const [index, row] of rows.entries()) table.push([...row.slice(0, -1), (lasts[index] ?? []).join("\n")]);
  return table
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
};

/** Breaks a text's lines at spaces. A word that no line would hold (an ARN, JSON) begins a line, and is broken as `pieces` says. */
const wrapped = (text: string, width: number): readonly string[] =>
  text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    for (const word of line.split(" ")) {
      const last = lines.at(-1);
      if (columnsOf(word) > width) lines.push(...pieces(word, width));
      else if (last === undefined || columnsOf(last) + 1 + columnsOf(word) > width) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });

/** Breaks a word behind punctuation, and where a line holds none, anywhere. */
const pieces = (word: string, width: number): readonly string[] => {
  const lines: string[] = [];
  const parts = word.split(/(?<=[/:,;=&])/).flatMap((part) => (columnsOf(part) > width ? [...part] : [part]));
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined || columnsOf(last) + columnsOf(part) > width) lines.push(part);
    else lines[lines.length - 1] = `${last}${part}`;
  }
  return lines;
};

/** Columns that a text takes: two for a character from Hangul Jamo upwards, which errs on the wide side. */
export const columnsOf = (text: string): number => {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) columns += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
  return columns;
};

const edges =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle";
/** A table without lines, in the words of cli-table3. */
export const noLines = Object.fromEntries(edges.split(" ").map((edge) => [edge, ""]));
