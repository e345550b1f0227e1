import type { styleText } from "node:util";
import { interlockWords } from "../../shared/notify/words.ts";
import { type AccountRef, kindWords, type Subject } from "../../shared/subject.ts";
import { visibleText } from "../../shared/visible-text.ts";
import type { Paint } from "../output.ts";
import { stdoutPaint } from "../output.ts";

/** So much of an id tells it from others, and can be typed. */
export const shortId = (id: string): string => id.slice(0, 12);

export const accountWords = ({ id, name, ouPath }: AccountRef): string =>
  visibleText([id, ...(name === undefined ? [] : [name]), ...(ouPath === undefined ? [] : [`(${ouPath})`])].join(" "));

export const subjectWords = ({ kind, name, accessKeyId }: Subject): string => {
  if (kind === "accessKey") return visibleText(`access key ${accessKeyId ?? "of unknown id"} of ${name}`);
  if (kind === "root" || kind === "account") return kind;
  return visibleText(`${kindWords[kind]} ${name}`);
};

/** What stops a repair; an interlock that this version does not know by its name. */
export const stopWords = (interlock: string): string => interlockWords[interlock] ?? visibleText(interlock);

const statusFormats: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  held: "yellow",
  failed: "red",
  exempt: "dim",
  resolved: "green",
  remediating: "cyan",
};

export const paintStatus = (status: string, paint: Paint = stdoutPaint): string => {
  const format = statusFormats[status];
  return format === undefined ? status : paint(format, status);
};

/** Rows of a name and what it is, without those that are nothing. */
export const rowsOf = (values: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, visibleText(value)] as const]));
