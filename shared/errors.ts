/**
 * The one error hierarchy. Retryable errors are rethrown to the queue that delivered the work; the rest are
 * reported and kept. Each has a literal `name`, so that a log line can be searched for it.
 */
export abstract class WardenError extends Error {
  abstract override readonly name: string;
  abstract readonly retryable: boolean;
}

/** Input that is not what its format promises; says what, where, and what would be right. */
export class MalformedInputError extends WardenError {
  override readonly name = "MalformedInputError";
  readonly retryable = false;
}

/** An event whose envelope and record disagree on whose account it is about: it is refused. */
export class ForgedEventError extends WardenError {
  override readonly name = "ForgedEventError";
  readonly retryable = false;
}

/** AWS refused a read or write; `permission` is the IAM action that was missing, e.g. `iam:ListMFADevices`. */
export class AccessDeniedError extends WardenError {
  override readonly name = "AccessDeniedError";
  readonly retryable = false;
  readonly permission: string;
  constructor(permission: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.permission = permission;
  }
}

/** AWS throttled the call, or did not answer in time, after the SDK's own retries. */
export class ThrottledError extends WardenError {
  override readonly name = "ThrottledError";
  readonly retryable = true;
}

/** A subject that an event says was just made or changed is not visible yet (IAM is eventually consistent). */
export class NotYetVisibleError extends WardenError {
  override readonly name = "NotYetVisibleError";
  readonly retryable = true;
}

/** An invocation had to answer before it was done with this. */
export class OutOfTimeError extends WardenError {
  override readonly name = "OutOfTimeError";
  readonly retryable = true;
}

/** Somebody else wrote the finding between our read and our write. */
export class VersionConflictError extends WardenError {
  override readonly name = "VersionConflictError";
  readonly retryable = true;
}

/** The findings table did not take or give an item, after the SDK's own retries. */
export class StoreError extends WardenError {
  override readonly name = "StoreError";
  readonly retryable = true;
}

/** A notice was not published, or a message not sent. */
export class DeliveryError extends WardenError {
  override readonly name = "DeliveryError";
  readonly retryable = true;
  /** The channel answered, and refused this very notice; others may pass. */
  readonly refused: boolean;
  /** What was to be told is in an outbox, which the hourly run tells: nothing depends on another try. */
  readonly isKept: boolean;
  constructor(
    message: string,
    {
      refused = false,
      isKept = false,
      ...options
    }: ErrorOptions & Partial<Pick<DeliveryError, "refused" | "isKept">> = {},
  ) {
    super(message, options);
    this.refused = refused;
    this.isKept = isKept;
  }
}

/** The report of a sweep was not kept; writing it again does no harm. */
export class ReportError extends WardenError {
  override readonly name = "ReportError";
  readonly retryable = true;
}

/** The plan of a sweep was not kept, or cannot be read; trying again does no harm. */
export class SweepPlanError extends WardenError {
  override readonly name = "SweepPlanError";
  readonly retryable = true;
}

/** The settings file does not say what the schema asks for; `problems` has a line for each. */
export class SettingsError extends WardenError {
  override readonly name = "SettingsError";
  readonly retryable = false;
  readonly problems: readonly string[];
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join("\n"), options);
    this.problems = problems;
  }
}

/** A Lambda function's environment lacks a variable that it needs. */
export class EnvironmentError extends WardenError {
  override readonly name = "EnvironmentError";
  readonly retryable = false;
}

/** A subject has changed since it was repaired, so that an undo would overwrite what somebody else did. */
export class DriftError extends WardenError {
  override readonly name = "DriftError";
  readonly retryable = false;
  /** A sentence for each thing that is not as it was left. */
  readonly drift: readonly string[];
  constructor(drift: readonly string[], options?: ErrorOptions) {
    super(drift.join(" "), options);
    this.drift = drift;
  }
}

/** What is to be undone cannot be: a deleted key or password does not come back. */
export class IrreversibleError extends WardenError {
  override readonly name = "IrreversibleError";
  readonly retryable = false;
}

/** What a repair goes by was read too long ago for any write: it has to be read again. */
export class StaleFactsError extends WardenError {
  override readonly name = "StaleFactsError";
  readonly retryable = true;
}

/** Writes were asked for without an authorization of the interlocks. */
export class NotAuthorizedError extends WardenError {
  override readonly name = "NotAuthorizedError";
  readonly retryable = false;
}

/** IAM refused a write for what it says, not for who asks: a quota, a subject that is gone, a protected role. */
export class WriteRefusedError extends WardenError {
  override readonly name = "WriteRefusedError";
  readonly retryable = false;
}

/** Of an undo some writes were refused and others made; the message says which. It can be asked for again. */
export class UndoUnfinishedError extends WardenError {
  override readonly name = "UndoUnfinishedError";
  readonly retryable = false;
}

/** Another run may still be at work on the same: a remediation, the reading of the organization. */
export class UnderWayError extends WardenError {
  override readonly name = "UnderWayError";
  readonly retryable = true;
}

/** What a person asked of the operator is not what it understands; says what, where, and what would be right. */
export class MalformedRequestError extends WardenError {
  override readonly name = "MalformedRequestError";
  readonly retryable = false;
}

/** Nobody authenticated whoever asks. */
export class NotAuthenticatedError extends WardenError {
  override readonly name = "NotAuthenticatedError";
  readonly retryable = false;
}

/** What a person named is not there. */
export class NotFoundError extends WardenError {
  override readonly name = "NotFoundError";
  readonly retryable = false;
}

/** What a person asked for does not go with how things stand; says how they do. */
export class ConflictError extends WardenError {
  override readonly name = "ConflictError";
  readonly retryable = false;
}

/** One line that says what went wrong, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
