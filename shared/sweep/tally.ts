import type { Verdict } from "../control.ts";
import type { AccountSweep } from "../findings/store.ts";
import type { SweepCursor } from "./run.ts";

type Tallied = Pick<AccountSweep, "verdicts" | "unknownReasons">;

/** A cursor stays small: reasons beyond these are counted under one name. */
const maxReasons = 20;
const otherReasons = "other reasons";

export interface Tally {
  add(verdict: Verdict): void;
  total(): Tallied;
}

/** Counts verdicts, from where an earlier part of the same sweep left off. */
export const createTally = (from?: Pick<SweepCursor, "verdicts" | "unknownReasons">): Tally => {
  const verdicts = { violation: 0, compliant: 0, unknown: 0, notApplicable: 0, ...from?.verdicts };
  const reasons = new Map(from?.unknownReasons.map(({ reason, count }) => [reason, count]));
  return {
    add: (verdict) => {
      verdicts[verdict.outcome] += 1;
      if (verdict.outcome !== "unknown") return;
      const isNew = !reasons.has(verdict.reason) && reasons.size >= maxReasons;
      const reason = isNew ? otherReasons : verdict.reason;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
    total: () => ({
      verdicts: { ...verdicts },
      unknownReasons: [...reasons]
        .map(([reason, count]) => ({ reason, count }))
        .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
    }),
  };
};
