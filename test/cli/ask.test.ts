import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { askYes } from "../../cli/ask.ts";

/** What comes of a question to somebody who types so, at a terminal or not. */
const asked = async (typed: string, isTerminal: boolean): Promise<boolean> => {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: isTerminal });
  const answer = askYes("Approve this plan? (y/N) ", { input, output });
  if (isTerminal) input.write(typed);
  else input.end(typed);
  return answer;
};

test.each([
  ["y", "y\n", true],
  ["yes, in any case", "  YES \n", true],
  ["n", "n\n", false],
  ["nothing", "\n", false],
  ["what only begins like yes", "yesterday\n", false],
  ["Ctrl-D", "\u0004", false],
])("at a terminal %s is taken for what it says", async (_what, typed, expected) => {
  expect(await asked(typed, true)).toBe(expected);
});

test.each([
  ["answers", "y\n", true],
  ["is empty", "", false],
  ["ends before its line does", "y", false],
])("of an input that %s only a whole line counts", async (_what, typed, expected) => {
  expect(await asked(typed, false)).toBe(expected);
});
