import { describe, expect, it } from "vitest";
import { drawPlan } from "../../sandbox/simulation/draw.ts";
import { invariantNames } from "../../sandbox/simulation/invariants.ts";
import { sabotages } from "../../sandbox/simulation/sabotages.ts";
import { simulate } from "../../sandbox/simulation/simulate.ts";

/** A sabotage has to be noticed within so many seeds from its first. */
const mostSeeds = 80;

describe("the simulation catches it when", () => {
  it.each(sabotages.map((sabotage) => [sabotage.what, sabotage] as const))(
    "%s",
    async (_what, sabotage) => {
      const failing = new Set<string>();
      const { firstSeed = 1 } = sabotage;
      for (let seed = firstSeed; seed < firstSeed + mostSeeds && !failing.has(sabotage.trips); seed++) {
        const { violated } = await simulate(drawPlan(seed, 2), { seams: sabotage.seams() });
        for (const { invariant } of violated) failing.add(invariant);
      }
      expect(failing).toContain(sabotage.trips);
      expect([sabotage.trips, ...(sabotage.mayTrip ?? [])]).toEqual(expect.arrayContaining([...failing]));
    },
    120_000,
  );
});

it("has a sabotage for each invariant", () => {
  expect(new Set(sabotages.map(({ trips }) => trips))).toEqual(new Set(invariantNames));
});
