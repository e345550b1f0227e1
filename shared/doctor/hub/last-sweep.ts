import { type Check, problem } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";
import { overdueMs } from "../overdue.ts";

/** Whether the sweep runs at all; of which account it does not, that account's own row says. */
export const lastSweep: Check<DoctorDependencies> = {
  id: "last-sweep",
  title: "the daily sweep runs",
  severity: "high",
  isWatching: false,
  look: async ({ store, clock }) => {
    const counted = (await store.populations()).map(({ countedAt }) => countedAt);
    const last = counted.toSorted().at(-1);
    const todo =
      "Look at the state machine iam-warden-sweep: whether its schedule is enabled, and how its last run ended.";
    if (last === undefined) return [problem("no account was ever swept", todo)];
    if (clock().getTime() - Date.parse(last) <= overdueMs) return [];
    return [problem("no account was swept for more than a day", todo, { detail: `the last at ${last}` })];
  },
};
