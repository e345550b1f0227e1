/** Stands in a text for what only a deployment can tell. Guillemets are in no ARN, name or account id, and no wildcard. */
export const unresolved = (what: string): string => `«${what}»`;

/** The first thing in a value that only a deployment can tell, as it was called; `undefined` if there is none. */
export const firstUnresolved = (value: unknown): string | undefined => {
  if (typeof value === "string") return /«([^»]*)»/.exec(value)?.[1];
  if (typeof value !== "object" || value === null) return undefined;
  for (const each of Object.values(value)) {
    const found = firstUnresolved(each);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Whether something of a value stands for what only a deployment can tell. */
export const isUnresolved = (value: unknown): boolean => firstUnresolved(value) !== undefined;

/** A text without what stands for something else. */
export const withoutUnresolved = (text: string): string => text.replace(/«[^»]*»/g, "");

/** A text in which what stands for something else is only called by its name. */
export const withoutMarks = (text: string): string => text.replace(/[«»]/g, "");
