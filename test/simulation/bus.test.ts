import { expect, it } from "vitest";
import type { EventBridgeEvent } from "../../sandbox/sandbox.ts";
import { isOrdinaryRead } from "../../sandbox/simulation/bus.ts";
import { drawPlan } from "../../sandbox/simulation/draw.ts";
import { simulate } from "../../sandbox/simulation/simulate.ts";
import { matches } from "../../shared/events/matcher.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";

it("leaves out only records that no rule would pass on", async () => {
  const patterns = eventPatterns();
  const astray: string[] = [];
  let left = 0;
  const onEvent = (event: EventBridgeEvent): void => {
    if (!isOrdinaryRead(event)) return;
    left += 1;
    if (patterns.some(({ pattern }) => matches(pattern, event))) astray.push(String(event.detail.eventName));
  };
  for (const seed of [1, 2, 3]) await simulate(drawPlan(seed, 2), { onEvent });
  expect(left).toBeGreaterThan(200);
  expect(astray).toEqual([]);
});
