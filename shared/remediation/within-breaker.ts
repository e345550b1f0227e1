import type { Fact } from "../facts/facts.ts";
import type { SubjectKind } from "../subject.ts";
import type { Interlock } from "./authorization.ts";
import {
  allowanceOf,
  type BreakerLimits,
  type BreakerScope,
  hourOf,
  scopeName,
  type Trip,
  tripReason,
} from "./breaker.ts";
import type { BreakerStore, Looked, Take, Taken } from "./breaker-store.ts";
import { remediationId } from "./remediation.ts";

/** How many subjects of a kind there are: what a percentage is of. What cannot be read is not known. */
export type Population = (scope: BreakerScope, kind: SubjectKind) => Promise<Fact<number>>;

/**
 * The circuit breakers of the subject's account and of the organization. `look` says whether both have room; `take` takes a
 * slot of this hour in each, the account's first, so that one account can never use up more of the organization's than its
 * own. Either trips a breaker that has no room. A slot of the account that was taken before the organization's breaker
 * refused stays taken, and serves the next try of the same remediation within the hour.
 * @param tell tells people of a trip: once, or again where telling failed or its teller died
 */
export const withinBreaker = ({
  store,
  limits,
  population,
  tell,
  clock,
}: {
  readonly store: BreakerStore;
  readonly limits: BreakerLimits;
  readonly population: Population;
  readonly tell: (trip: Trip) => Promise<void>;
  readonly clock: () => Date;
}): { readonly look: Interlock; readonly take: Interlock } => {
  const tellOnce = async (trip: Trip): Promise<void> => {
    if (!(await store.claimTelling(trip, clock()))) return;
    await tell(trip);
    await store.markTold(trip, clock());
  };
  const asking =
    (ask: (take: Take) => Promise<Looked | Taken>): Interlock =>
    async ({ request: { finding }, number }) => {
      const { kind } = finding.subject;
      const scopes = [
        { scope: { account: finding.account.id }, limit: limits.perAccount },
        { scope: "organization", limit: limits.organization },
      ] as const;
      // All that can refuse without a counter is asked first: a repair that cannot be uses up no slot.
      const takes = await Promise.all(
        scopes.map(async ({ scope, limit }) => ({
          scope,
          allowance: allowanceOf(limit, kind, await population(scope, kind)),
        })),
      );
      for (const { scope, allowance } of takes) {
        if (typeof allowance === "string") return `The circuit breaker of ${scopeName(scope)} holds: ${allowance}.`;
      }
      const at = clock();
      // A trip whose notice failed until its hour was over is told by whoever asks next.
      const before = hourOf(new Date(at.getTime() - 3_600_000));
      for (const { scope } of takes) {
        const trip = await store.tripOf({ scope, hour: before });
        if (trip !== undefined) await tellOnce(trip);
      }
      for (const { scope, allowance } of takes) {
        if (typeof allowance === "string") continue;
        const window = { scope, hour: hourOf(at) };
        const asked = await ask({ window, remediationId: remediationId(finding.id, number), kind, allowance, at });
        if (asked.outcome !== "tripped") continue;
        await tellOnce(asked.trip);
        return tripReason(asked.trip);
      }
      return undefined;
    };
  return { look: asking(store.look), take: asking(store.take) };
};
