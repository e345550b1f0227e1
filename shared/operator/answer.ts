import { messageOf, WardenError } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";

export interface Refusal {
  readonly ok: false;
  readonly error: {
    /** Of the error's class, such as `NotFoundError`. */
    readonly name: string;
    /** For people: sentences, or a line for each problem. */
    readonly message: string;
    /** The same request may succeed later. */
    readonly retryable: boolean;
  };
}

/** What the operator answers, as JSON. */
export type Answer<Result extends object = object> = ({ readonly ok: true } & Result) | Refusal;

const statuses: Readonly<Record<string, number>> = {
  MalformedRequestError: 400,
  NotAuthenticatedError: 401,
  AccessDeniedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
  DriftError: 409,
  IrreversibleError: 409,
};

/** The HTTP status that goes with an answer. */
export const statusOf = (answer: Answer): number => {
  if (answer.ok) return 200;
  const { name, retryable } = answer.error;
  if (Object.hasOwn(statuses, name)) return statuses[name] ?? 500;
  return retryable ? 503 : 500;
};

/** An error as whoever asked is told of it. What nobody foresaw is told to the log alone. */
export const refusalOf = (error: unknown, telemetry: Telemetry): Refusal => {
  if (error instanceof WardenError) {
    const { name, message, retryable } = error;
    if (!Object.hasOwn(statuses, name)) telemetry.error(`A command failed: ${messageOf(error)}`, { error });
    return { ok: false, error: { name, message, retryable } };
  }
  telemetry.error(`A command failed: ${messageOf(error)}`, { error });
  const message = "The command failed in a way that was not foreseen; the log of the function operator says how.";
  return { ok: false, error: { name: "InternalError", message, retryable: false } };
};
