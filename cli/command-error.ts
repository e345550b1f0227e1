import { WardenError } from "../shared/errors.ts";

/** What each exit code means. Where two apply, the one further up in `--help` wins: usage, findings, incomplete. */
export const exitCodes = { ok: 0, findings: 1, refused: 1, usage: 2, incomplete: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0  done; with --fail-on: no finding at or above that severity
  1  a finding at or above --fail-on; refused: nothing of that id, a plan or a
     subject that has changed, a repair or undo that failed; doctor: something
     is wrong; explain: denied
  2  could not start or read its input: usage, settings, credentials, files;
     replay: not one record, with --strict not every record could be read; the
     operator cannot be reached, or did not understand
  3  incomplete: an account could not be read; with --fail-on, a control at or
     above that severity could not be judged somewhere (findings take precedence);
     a repair or undo that was asked for is not done yet; of an organization not
     all could be prepared; doctor: something could not be told; explain: not
     certain`;

/** The command cannot do what was asked; the message is for the person at the terminal. Exit code 2. */
export class CommandError extends WardenError {
  override readonly name = "CommandError";
  readonly retryable = false;
}

/** What was asked was understood, and is not done. Exit code 1. */
export class RefusedError extends WardenError {
  override readonly name = "RefusedError";
  readonly retryable = false;
}
