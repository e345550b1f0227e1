/** What is not the same in two values of JSON, a line each: `path: before → after`, the paths in order. */
export const differences = (before: unknown, after: unknown): readonly string[] => {
  const old = leaves(before);
  const now = leaves(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path}: ${old.get(path) ?? "not set"} → ${now.get(path) ?? "not set"}`);
};

/** Each value that has no parts, as JSON by its path; an empty list or mapping is one. */
const leaves = (value: unknown, path = ""): ReadonlyMap<string, string> => {
  const isParted = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isParted) return new Map([[path, JSON.stringify(value)]]);
  const parts = Array.isArray(value)
    ? value.map((one, index) => [`${path}[${index}]`, one] as const)
    : Object.entries(value).map(([key, one]) => [path === "" ? key : `${path}.${key}`, one] as const);
  return new Map(parts.flatMap(([at, one]) => [...leaves(one, at)]));
};
