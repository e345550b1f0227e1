import type { Severity } from "../control.ts";
import { AccessDeniedError, messageOf, ThrottledError } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";

/** Something that is wrong, or that cannot be told. Accounts with the same words have the same trouble. */
export interface Trouble {
  readonly status: "problem" | "unknown";
  /** A sentence without a full stop. It names nothing that is one account's alone. */
  readonly what: string;
  /** What to do about it, as a sentence. */
  readonly todo: string;
  /** The permission that is missing, e.g. `events:DescribeRule`, where that is why it cannot be told. */
  readonly permission?: string;
  /** What is only this one's. */
  readonly detail?: string;
  /** Whose trouble it is, where a check of the hub finds one of an account. */
  readonly account?: string;
}

/** One thing that the doctor looks at: one file. */
export interface Check<Context> {
  /** Named like its file. */
  readonly id: string;
  /** What is so if it is well, e.g. `every rule is enabled`. */
  readonly title: string;
  /** How bad it is if it is not. */
  readonly severity: Severity;
  /** Whether an account where it is not so counts as not watched. */
  readonly isWatching: boolean;
  /** What is wrong; nothing, if all is well. What is thrown makes it unknown. */
  readonly look: (context: Context) => Promise<readonly Trouble[]>;
}

/** What came of a check. */
export interface CheckResult extends Pick<Check<never>, "title" | "severity" | "isWatching"> {
  readonly check: string;
  readonly status: "ok" | "problem" | "unknown";
  readonly troubles: readonly Trouble[];
}

/** Makes every check, side by side. One that fails says why, and is unknown; it keeps no other from being made. */
export const makeChecks = async <Context>(
  checks: readonly Check<Context>[],
  context: Context & { readonly telemetry: Telemetry },
): Promise<readonly CheckResult[]> =>
  Promise.all(
    checks.map(async ({ id, title, severity, isWatching, look }): Promise<CheckResult> => {
      const troubles = await look(context).catch((error: unknown) => {
        const trouble = unknownBecause(error);
        if (trouble.permission === undefined)
          context.telemetry.warn(`A check could not be made: ${messageOf(error)}`, { error, check: id });
        return [trouble];
      });
      const isProblem = troubles.some(({ status }) => status === "problem");
      const status = troubles.length === 0 ? "ok" : isProblem ? "problem" : "unknown";
      return { check: id, title, severity, isWatching, status, troubles };
    }),
  );

/** Why something cannot be told, by the error that its reading ended with. */
export const unknownBecause = (error: unknown, where = ""): Trouble => {
  if (error instanceof AccessDeniedError) {
    const { permission } = error;
    return {
      status: "unknown",
      what: `${permission} is denied${where}`,
      todo: `Allow ${permission}: deploy the current templates, and look for service control policies that deny it.`,
      permission,
      detail: error.message,
    };
  }
  const isPassing = error instanceof ThrottledError;
  return {
    status: "unknown",
    what: `AWS ${isPassing ? "did not answer in time" : "refused the question"}${where}`,
    todo: isPassing ? "Ask again." : "The detail says what AWS answered; the log of the function doctor has more.",
    detail: messageOf(error),
  };
};

export const problem = (what: string, todo: string, more: Pick<Trouble, "detail" | "account"> = {}): Trouble => ({
  status: "problem",
  what,
  todo,
  ...more,
});
