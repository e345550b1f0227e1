import { type Check, problem } from "../check.ts";
import { overdueMs } from "../overdue.ts";
import type { Kept } from "./mark.ts";

/** What events do not tell, the sweep finds. */
export const sweep: Check<Kept> = {
  id: "sweep",
  title: "the account was swept within a day",
  severity: "high",
  isWatching: true,
  look: async ({ sweptAt, now }) => {
    const todo = "The last digest names the accounts that could not be swept, and why.";
    if (sweptAt === undefined) return [problem("it was never swept to its end", todo)];
    if (now.getTime() - Date.parse(sweptAt) <= overdueMs) return [];
    return [problem("it was not swept to its end for more than a day", todo, { detail: `the last at ${sweptAt}` })];
  },
};
