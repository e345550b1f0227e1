import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Whether there is somebody at a terminal who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY === true;

/**
 * Asks a question on standard error, which is no result. Only `y` or `yes` is one; an input that ends (Ctrl-D) has said nothing.
 */
export const askYes = async (
  question: string,
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<boolean> => {
  const terminal = createInterface({ input, output });
  const ended = once(terminal, "close").then(() => undefined);
  try {
    // By Ctrl-D at a terminal the question is aborted; where any other input ends, it is never settled.
    const answer = await Promise.race([terminal.question(question).catch(undefinedIfAborted), ended]);
    if (answer === undefined) output.write("\n");
    return /^\s*y(?:es)?\s*$/i.test(answer ?? "");
  } finally {
    terminal.close();
  }
};

const undefinedIfAborted = (error: unknown): undefined => {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
};
