import type { AccountRef } from "../../shared/subject.ts";
import type { KeptPlan } from "../../shared/sweep/kept-plan.ts";
import type { SweepPlan } from "../../shared/sweep/plan.ts";
import type { SandboxState } from "../state.ts";

/** A plan with its accounts, wherever it is kept. @throws Error if no bucket has it */
export const planOf = ({ buckets }: Pick<SandboxState, "buckets">, { accountsKey, ...plan }: KeptPlan): SweepPlan => {
  for (const { objects } of buckets.values()) {
    const kept = objects.get(accountsKey);
    if (kept !== undefined) return { ...plan, accounts: JSON.parse(kept.body) as AccountRef[] };
  }
  throw new Error(`no bucket has ${accountsKey}`);
};
