import type { Action } from "./actions.ts";
import { ascii, plain, type Text, within } from "./escape.ts";

/** An email as SNS sends it: plain text, and a subject of fewer than 100 ASCII characters. */
export interface Email {
  readonly subject: string;
  readonly body: string;
}

/** In characters; a terminal or a phone held sideways shows it without wrapping. */
const width = 78;

/**
 * A subject line as SNS takes it: fewer than 100 ASCII characters. The first of the texts that fits is taken; if none does,
 * long names are shortened in the last.
 */
export const subjectLine = (...texts: readonly [Text, ...Text[]]): string => {
  const fitting = texts.map(ascii).find((line) => line.length < 100);
  return (fitting ?? within(99, texts.at(-1) ?? "", ascii)).trim();
};

export const page = (blocks: readonly string[]): string => `${blocks.join("\n\n")}\n`;
export const rule = "-".repeat(width);
export const section = (title: string): string => `--- ${title} ${"-".repeat(width - title.length - 5)}`;
export const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const labelWidth = 11;

/** A label and its lines, the lines one under the other. */
export const labelled = (label: string, lines: readonly Text[]): string => {
  const indent = " ".repeat(labelWidth);
  const text = lines.map((line) => wrapped(plain(line), "", width - labelWidth).replaceAll("\n", `\n${indent}`));
  return label.padEnd(labelWidth) + text.join(`\n${indent}`);
};

/** An entry of a list, its further lines indented. */
export const entry = (text: Text): string => wrapped(`- ${plain(text)}`, "  ");

/** What for, and the command under it on a line of its own, whole. */
export const actionLines = ({ to, command }: Action): string => `${wrapped(`${to}:`)}\n  ${command}`;

export const remainder = (count: number, noun: string): readonly string[] =>
  count <= 0 ? [] : [`… and ${count.toLocaleString("en-US")} more ${noun}${count === 1 ? "" : "s"}`];

/** The first entries, and how many more there are. */
export const firstOf = (entries: readonly string[], limit: number, of: number, noun: string): string => {
  const shown = entries.slice(0, limit);
  return [...shown, ...remainder(of - shown.length, noun)].join("\n");
};

/** Lines broken at spaces; a word that is longer than a line stays whole, so that it can be copied. */
export const wrapped = (text: string, indent = "", columns = width): string => {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(" ")) {
    const isFull = line !== undefined && line.trim() !== "" && line.length + 1 + word.length > columns;
    if (line !== undefined && isFull) lines.push(line);
    line = isFull ? indent + word : line === undefined ? word : `${line} ${word}`;
  }
  return [...lines, line ?? ""].join("\n");
};
