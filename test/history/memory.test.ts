import { createClock } from "../../sandbox/clock.ts";
import { createMemoryItems } from "../../shared/findings/memory-items.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { forgetFindingAt, forgetRemediationAt } from "../../shared/history/forget.ts";
import { createMemoryRemediationStore } from "../../shared/remediation/memory-store.ts";
import { describeForgetting } from "./forgetting-contract.ts";

describeForgetting(async (history) => {
  const clock = createClock(new Date("2026-11-03T00:00:00.000Z"));
  const kept = { findings: createMemoryItems(clock.now), remediations: createMemoryItems(clock.now) };
  const under = (settings: typeof history) => {
    const remediations = createMemoryRemediationStore({
      items: kept.remediations,
      forgetAt: forgetRemediationAt(settings),
    });
    return {
      remediations,
      store: createMemoryStore({ items: kept.findings, forgetAt: forgetFindingAt(settings, remediations) }),
    };
  };
  return { clock, under, ...under(history) };
});
