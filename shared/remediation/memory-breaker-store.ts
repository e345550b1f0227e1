import type { SubjectKind } from "../subject.ts";
import type { BreakerWindow, Trip } from "./breaker.ts";
import { type BreakerStore, checkAllowance, type Looked, type Take, tellingMs } from "./breaker-store.ts";

interface Counters {
  readonly takers: Set<string>;
  total: number;
  readonly ofKind: Map<SubjectKind, number>;
  trip?: Trip;
  claimedAt?: Date;
  told: boolean;
}

/** Circuit breakers in this process's memory. */
export const createMemoryBreakerStore = (): BreakerStore => {
  const windows = new Map<string, Counters>();
  const of = (window: BreakerWindow): Counters => {
    const key = JSON.stringify([window.scope, window.hour]);
    const counters = windows.get(key) ?? { takers: new Set<string>(), total: 0, ofKind: new Map(), told: false };
    windows.set(key, counters);
    return counters;
  };
  const heldBy = (trip: Trip): Counters | undefined => {
    const counters = of(trip.window);
    return counters.trip?.at === trip.at ? counters : undefined;
  };
  /** Whether there is room, or is held already; trips the breaker where there is none. */
  const look = ({ window, remediationId, kind, allowance, at }: Take): Looked => {
    checkAllowance(allowance);
    const counters = of(window);
    if (counters.takers.has(remediationId)) return { outcome: "room" };
    const ofKind = counters.ofKind.get(kind) ?? 0;
    if (counters.trip === undefined && counters.total < allowance.total && ofKind < allowance.ofKind)
      return { outcome: "room" };
    counters.trip ??= { window: structuredClone(window), at: at.toISOString(), remediationId };
    return { outcome: "tripped", trip: structuredClone(counters.trip) };
  };
  return {
    look: async (take) => look(take),
    take: async (take) => {
      const looked = look(take);
      if (looked.outcome === "tripped") return looked;
      const counters = of(take.window);
      if (counters.takers.has(take.remediationId)) return { outcome: "taken" };
      counters.takers.add(take.remediationId);
      counters.total += 1;
      counters.ofKind.set(take.kind, (counters.ofKind.get(take.kind) ?? 0) + 1);
      return { outcome: "taken" };
    },
    claimTelling: async (trip, now) => {
      const counters = heldBy(trip);
      if (counters === undefined || counters.told) return false;
      if (counters.claimedAt && now.getTime() - counters.claimedAt.getTime() < tellingMs) return false;
      counters.claimedAt = now;
      return true;
    },
    markTold: async (trip) => {
      const counters = heldBy(trip);
      if (counters) counters.told = true;
    },
    tripOf: async (window) => structuredClone(of(window).trip),
    resume: async (trip) => {
      const counters = heldBy(trip);
      if (counters === undefined) return false;
      counters.total = 0;
      counters.ofKind.clear();
      counters.trip = undefined;
      counters.claimedAt = undefined;
      counters.told = false;
      return true;
    },
  };
};
