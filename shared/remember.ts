/** Finds something out when it is first asked for, and once. */
export const lazily = <T>(find: () => T): (() => T) => {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
};

/**
 * Asks about each object once; what was found goes with the object. Of what differs by more than the object, each is its own
 * question.
 */
export const rememberFor = <K extends WeakKey, V extends NonNullable<unknown>>(
  find: (about: K) => V,
): ((about: K) => V) => {
  const remembered = new WeakMap<K, V>();
  return (about) => {
    const known = remembered.get(about);
    if (known !== undefined) return known;
    const found = find(about);
    remembered.set(about, found);
    return found;
  };
};

/** How many texts are remembered at once. */
const textsAtMost = 5_000;

/**
 * Asks once about each JSON value, whether it is the same object or only says the same: thousands of roles made from one template have
 * policies that were each read by themselves.
 */
export const rememberForJson = <V extends NonNullable<unknown>>(
  find: (value: unknown) => V,
): ((value: unknown) => V) => {
  const byText = new Map<string, V>();
  const read = (value: unknown): V => {
    const text = JSON.stringify(value) ?? "";
    const known = byText.get(text);
    if (known !== undefined) return known;
    const found = find(value);
    if (byText.size >= textsAtMost) byText.clear();
    byText.set(text, found);
    return found;
  };
  const byObject = rememberFor<object, V>(read);
  return (value) => (typeof value === "object" && value !== null ? byObject(value) : read(value));
};
