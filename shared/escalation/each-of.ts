import { OutOfTimeError } from "../errors.ts";

/**
 * Works on each item, however others fail: a notice that a channel refuses keeps nobody else from theirs.
 * @param isTimeUp asked before each item; then the rest is left
 * @throws the first error, once all have been tried; OutOfTimeError if some were left
 */
export const eachOf = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  isTimeUp: () => boolean = () => false,
): Promise<void> => {
  const errors: unknown[] = [];
  for (const [index, item] of items.entries()) {
    if (isTimeUp()) {
      errors.push(new OutOfTimeError(`The time was too short for the last ${items.length - index} of ${items.length}`));
      break;
    }
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
};
