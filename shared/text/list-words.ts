/** `a`, `a and b`, `a, b and c`; `at most` of them, then how many more there are. */
export const listWords = (items: readonly string[], atMost = 3): string => {
  const told = items.slice(0, atMost);
  const all = items.length > atMost ? [...told, `${items.length - atMost} more`] : told;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
};
