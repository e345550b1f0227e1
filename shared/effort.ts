import { MalformedInputError } from "./errors.ts";

/** Policies that take more comparing than a judgement may: whoever writes policies does not choose how long they are judged. */
export class TooIntricateError extends MalformedInputError {}

let left = Number.POSITIVE_INFINITY;

/** Counts compared characters. @throws TooIntricateError past the limit of the judgement that is under way */
export const spend = (steps: number): void => {
  left -= steps;
  if (left < 0) throw new TooIntricateError("comparing the patterns in its policies takes more than a judgement may");
};

/**
 * Runs a judgement that may compare so many characters and no more. Judgements are synchronous, so that one runs at a time; one
 * within another has what is left of that.
 */
export const withEffort = <T>(steps: number, judge: () => T): T => {
  const before = left;
  left = Math.min(before, steps);
  const start = left;
  try {
    return judge();
  } finally {
    left = before - (start - left);
  }
};
