import { OutOfTimeError } from "./errors.ts";

/** Less than this is no time to wait for a call that answers. */
const leastMs = 5_000;

/**
 * Waits so long for work to end, and no longer: a call that hangs must not keep what comes after it from its turn. What goes
 * on then does no harm, for all of it may happen twice.
 * @throws OutOfTimeError, and whatever the work throws
 */
export const within = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  const { promise: outOfTime, reject } = Promise.withResolvers<never>();
  const waitMs = Math.max(leastMs, ms);
  const timer = setTimeout(
    () => reject(new OutOfTimeError(`It was not done in ${Math.round(waitMs / 1000)} s`)),
    waitMs,
  );
  timer.unref();
  try {
    return await Promise.race([work(), outOfTime]);
  } finally {
    clearTimeout(timer);
  }
};
