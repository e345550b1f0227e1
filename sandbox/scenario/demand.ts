import { isDeepStrictEqual } from "node:util";

/** An expectation of the scenario that is not met: what people would not get. */
export class UnmetError extends Error {
  override readonly name = "UnmetError";
}

const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined"));

/** @throws UnmetError that says what was demanded, and what is instead */
export const demand = (holds: boolean, what: string, instead?: unknown): void => {
  if (!holds) throw new UnmetError(instead === undefined ? what : `${what}: ${shown(instead).slice(0, 2_000)}`);
};

/** @throws UnmetError unless both are the same, all the way down */
export const demandEqual = (actual: unknown, expected: unknown, what: string): void =>
  demand(isDeepStrictEqual(actual, expected), what, `${shown(actual)} instead of ${shown(expected)}`);

/** The name of the error that a call ends with, such as `AccessDenied`; `done` where it does not. */
export const codeOf = (send: Promise<unknown>): Promise<string> =>
  send.then(
    () => "done",
    (error: Error) => error.name,
  );
