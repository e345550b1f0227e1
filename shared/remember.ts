/** Finds something out when it is first asked for, and once. */
export const lazily = <T>(find: () => T): (() => T) => {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
};

/** Asks about each object once; what was found goes with the object. */
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
 * Asks about each text once, as long as not too many others were asked about since.
 * @param find given what comes with the text, which must not matter
 */
export const rememberForText = <V extends NonNullable<unknown>, A extends readonly unknown[]>(
  find: (text: string, ...rest: A) => V,
): ((text: string, ...rest: A) => V) => {
  const remembered = new Map<string, V>();
  return (text, ...rest) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const found = find(text, ...rest);
    if (remembered.size >= textsAtMost) remembered.clear();
    remembered.set(text, found);
    return found;
  };
};

/**
 * Asks once about each JSON value, whether it is the same object or only says the same: thousands of roles made from one template have
 * policies that were each read by themselves.
 */
export const rememberForJson = <V extends NonNullable<unknown>>(
  find: (value: unknown) => V,
): ((value: unknown) => V) => {
  const byText = rememberForText((_, value: unknown) => find(value));
  const read = (value: unknown): V => byText(JSON.stringify(value) ?? "", value);
  const byObject = rememberFor<object, V>(read);
  return (value) => (typeof value === "object" && value !== null ? byObject(value) : read(value));
};
