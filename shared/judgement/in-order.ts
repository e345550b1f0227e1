/**
 * Works on up to `limit` items at a time and yields the results in the order of the items. An error ends it once the
 * work under way has settled.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => R | Promise<R>,
): AsyncGenerator<R> {
  const underWay: { readonly result: R | Promise<R> }[] = [];
  try {
    for (const item of items) {
      const result = work(item);
      // Awaited below, but maybe only after it failed: until then a failure is not unhandled, only not yet seen.
      if (result instanceof Promise) result.catch(() => undefined);
      underWay.push({ result });
      const oldest = underWay.length >= limit ? underWay.shift() : undefined;
      if (oldest) yield await oldest.result;
    }
    for (let oldest = underWay.shift(); oldest; oldest = underWay.shift()) yield await oldest.result;
  } finally {
    await Promise.allSettled(underWay.map(({ result }) => result));
  }
}
