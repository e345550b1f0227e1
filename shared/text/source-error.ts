import { WardenError } from "../errors.ts";

/** A text that is not what its format promises, and where; the message says what would be right. */
export class SourceError extends WardenError {
  override readonly name = "SourceError";
  readonly retryable = false;
  /** In the text, from 0. */
  readonly offset: number;
  constructor(offset: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.offset = offset;
  }
}
