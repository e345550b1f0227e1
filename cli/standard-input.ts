import { note } from "./output.ts";

/** Standard input. Whoever is at a terminal is told that it is waited for. */
export const standardInput = (): NodeJS.ReadStream => {
  if (process.stdin.isTTY) note("warden: reads what you type or paste here; end with Ctrl-D (or name a file)");
  return process.stdin;
};

/** What messages call a file that a command line names. */
export const nameOfInput = (file: string): string => (file === "-" ? "standard input" : file);
