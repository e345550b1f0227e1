/** Stands in a text for what only a deployment can tell. Guillemets are in no ARN, name or account id, and no wildcard. */
export const unresolved = (what: string): string => `«${what}»`;

/** Whether something of a value stands for what only a deployment can tell. */
export const isUnresolved = (value: unknown): boolean => {
  if (typeof value === "string") return /«[^»]*»/.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isUnresolved);
};

/** A text without what stands for something else. */
export const withoutUnresolved = (text: string): string => text.replace(/«[^»]*»/g, "");
