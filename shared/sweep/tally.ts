import type { Verdict } from "../control.ts";
import type { AccountSweep } from "../findings/store.ts";
import { byCodeUnit } from "../order.ts";
import type { SweepCursor } from "./requests.ts";

type Tallied = Pick<AccountSweep, "verdicts" | "unknownCauses">;

/** A cursor stays small: causes beyond these are counted under one name. */
const maxCauses = 20;
const otherCauses = "other causes";

export interface Tally {
  add(verdict: Verdict): void;
  total(): Tallied;
}

/** Counts verdicts, from where an earlier part of the same sweep left off. */
export const createTally = (from?: Pick<SweepCursor, "verdicts" | "unknownCauses">): Tally => {
  const verdicts = { violation: 0, compliant: 0, unknown: 0, notApplicable: 0, ...from?.verdicts };
  const causes = new Map(from?.unknownCauses.map(({ cause, count }) => [cause, count]));
  return {
    add: (verdict) => {
      verdicts[verdict.outcome] += 1;
      if (verdict.outcome !== "unknown") return;
      const isNew = !causes.has(verdict.cause) && causes.size >= maxCauses;
      const cause = isNew ? otherCauses : verdict.cause;
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    },
    total: () => ({
      verdicts: { ...verdicts },
      unknownCauses: [...causes]
        .map(([cause, count]) => ({ cause, count }))
        .sort((a, b) => b.count - a.count || byCodeUnit(a.cause, b.cause)),
    }),
  };
};
