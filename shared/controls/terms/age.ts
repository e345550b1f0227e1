const millisecondsPerDay = 86_400_000;

/**
 * Whole days of 24 hours that have passed since `then`; negative if it lies in the future. `undefined` if either is not a
 * date, so that a broken date cannot pass for a young one.
 */
export const daysSince = (then: Date, now: Date): number | undefined => {
  const milliseconds = now.getTime() - then.getTime();
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / millisecondsPerDay) : undefined;
};

/** The latest of some dates; `undefined` if there is none or one of them is not a date. */
export const latest = (dates: readonly Date[]): Date | undefined => {
  const time = Math.max(...dates.map((date) => date.getTime()));
  return Number.isFinite(time) ? new Date(time) : undefined;
};
