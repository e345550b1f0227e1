import { createInterface } from "node:readline/promises";

/** Whether there is somebody at a terminal who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY === true;

/** Asks a question on standard error, which is no result; only `y` or `yes` is one. */
export const askYes = async (question: string): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*y(?:es)?\s*$/i.test(await terminal.question(question));
  } finally {
    terminal.close();
  }
};
