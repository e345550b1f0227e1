import { access, constants, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { styleText } from "node:util";
import type { Severity } from "../shared/control.ts";
import { messageOf } from "../shared/errors.ts";
import { CommandError } from "./command-error.ts";

/**
 * A reader that has seen enough (`warden … | head`) ends the command quietly, with the exit code that it has so far.
 * Any other failure to write is an error like any other.
 */
export const endQuietlyOnBrokenPipe = (stream: NodeJS.WriteStream): void => {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
};

/** Writes to standard output and waits while its reader is behind, so that long results take no memory. */
export const print = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await new Promise<void>((resolve) => process.stdout.once("drain", resolve));
};

/** Says something about the run, as opposed to its result. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Finds out before a long run, not after it, that its result could not be kept. */
export const checkWritable = async (file: string): Promise<void> => {
  const present = await stat(file).catch(() => undefined);
  if (present?.isDirectory()) throw new CommandError(`--out: ${file} is a directory`);
  const needed = present === undefined || present.isFile() ? dirname(file) : file;
  try {
    await access(needed, constants.W_OK);
  } catch (cause) {
    throw new CommandError(`--out: cannot write to ${needed}: ${messageOf(cause)}`, { cause });
  }
};

/** Writes a whole file or none of it. What is no regular file, e.g. a pipe, is written to, not replaced. */
export const writeWhole = async (file: string, text: string): Promise<void> => {
  try {
    const target = await realpath(file).catch(() => file);
    const present = await stat(target).catch(() => undefined);
    if (present !== undefined && !present.isFile()) await writeFile(target, text);
    else await replaceFile(target, text);
    note(`warden: wrote ${file}`);
  } catch (cause) {
    throw new CommandError(`--out: cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
};

const replaceFile = async (file: string, text: string): Promise<void> => {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

/** Paints a word, or leaves it plain. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Colours for standard output: only on a terminal, and never where `NO_COLOR` is set. */
export const stdoutPaint: Paint = (format, text) => styleText(format, text, { stream: process.stdout });
export const plainPaint: Paint = (_format, text) => text;

const severityFormats = {
  critical: ["bold", "red"],
  high: "red",
  medium: "yellow",
  low: "blue",
} as const satisfies Record<Severity, unknown>;

export const paintSeverity = (paint: Paint, severity: Severity): string => {
  const format = severityFormats[severity];
  return paint(typeof format === "string" ? format : [...format], severity);
};

/** A line on standard error that replaces itself, on a terminal only. */
export const createProgress = (): { show(text: string): void; clear(): void } => {
  const stream = process.stderr;
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show: (text) => void stream.write(`\r\u001b[2K${text}`),
    clear: () => void stream.write("\r\u001b[2K"),
  };
};
