/** True, false, or nobody can say. */
export type Ternary = true | false | "unknown";

export const not = (value: Ternary): Ternary => (value === "unknown" ? value : !value);

/** True if all are; one false decides it, whatever the unknown ones are. */
export const all = (values: Iterable<Ternary>): Ternary => {
  let result: Ternary = true;
  for (const value of values) {
    if (value === false) return false;
    if (value === "unknown") result = "unknown";
  }
  return result;
};

/** True if at least one is. */
export const any = (values: Iterable<Ternary>): Ternary => {
  let result: Ternary = false;
  for (const value of values) {
    if (value === true) return true;
    if (value === "unknown") result = "unknown";
  }
  return result;
};
