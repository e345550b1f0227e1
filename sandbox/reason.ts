/** Why it is no fault that nothing in the scenario needs something. Reviewed: whoever adds one takes a check away. */
export interface Reason {
  /** What it is for, by its name. */
  readonly of: RegExp;
  readonly why: string;
}

/** The first of some reasons for a name; undefined if nobody knows one. */
export const reasonIn = (reasons: readonly Reason[], name: string): string | undefined =>
  reasons.find(({ of }) => of.test(name))?.why;
