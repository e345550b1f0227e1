import type { Plan } from "./dry-run.ts";

/** Why a plan that counts as approved is held all the same; what waits for a tripped breaker is not. */
export const whyFirm = ({ holds }: Pick<Plan, "holds">): string | undefined => {
  const firm = holds.filter(({ interlock }) => interlock !== "withinBreaker");
  return firm.length === 0 ? undefined : `No approval lifts what holds it. ${firm.map(({ why }) => why).join(" ")}`;
};
