/**
 * Works on each item, however others fail: a notice that a channel refuses keeps nobody else from theirs.
 * @throws the first error, once all have been tried
 */
export const eachOf = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
};
