/** A number in [0, 1) that a seed and a key decide, and nothing else: what is drawn elsewhere does not change it. */
export const drawn = (seed: number, key: string): number => {
  let hash = (seed ^ 0x9e3779b9) >>> 0;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193) >>> 0;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
};

/** One of `items`, by a number in [0, 1). */
export const oneOf = <T>(items: readonly T[], at: number): T => {
  const item = items[Math.floor(at * items.length)];
  if (item === undefined) throw new RangeError("there is nothing to draw from");
  return item;
};
