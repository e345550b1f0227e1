import { describe, expect, it } from "vitest";
import { drawPlan } from "../../sandbox/simulation/draw.ts";
import { sabotages } from "../../sandbox/simulation/sabotages.ts";
import { shrink } from "../../sandbox/simulation/shrink.ts";
import { type Outcome, type SimulateOptions, simulate } from "../../sandbox/simulation/simulate.ts";

const run = (seed: number, options: SimulateOptions = {}): Promise<Outcome> => simulate(drawPlan(seed, 2), options);

describe("a simulation", () => {
  it("leaves every invariant standing", async () => {
    for (let seed = 1; seed <= 8; seed++) expect((await run(seed)).violated).toEqual([]);
  });

  it("happens again, to the byte, with the same seed, and otherwise with another", async () => {
    const once = await run(4);
    const again = await run(4);
    expect(again.trace.join("\n")).toBe(once.trace.join("\n"));
    expect(again).toEqual(once);
    expect((await run(5)).trace).not.toEqual(once.trace);
  });

  it("happens with the AWS SDK's own clients exactly as with those that call the sandbox directly", async () => {
    for (const seed of [3, 7]) {
      const direct = await run(seed);
      const withSdk = await run(seed, { withSdk: true });
      expect(withSdk.trace).toEqual(direct.trace);
    }
  });

  it("injects every kind of fault, and lets two handlers meet at one finding", async () => {
    const kinds = new Set<string>();
    let conflicts = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { injected, trace } = await run(seed);
      for (const { kind } of injected) kinds.add(kind);
      conflicts += trace.filter((line) => line.includes("conflict")).length;
    }
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "clock skewed",
        "delayed",
        "duplicated",
        "killed after",
        "killed before",
        "lagging",
        "lost",
        "made twice",
        "refused with 5xx",
        "reordered",
        "settings unreadable",
        "sns down",
        "stalled after",
        "stalled before",
        "throttled",
        "time short",
        "timed out after its effect",
      ]
    `);
    expect(conflicts).toBeGreaterThan(0);
  });
});

describe("a failing seed", () => {
  it("shrinks to a plan that still fails, and always to the same", async () => {
    const seams = sabotages.find(({ what }) => what === "findings of roles are not stored")?.seams();
    const plan = drawPlan(1, 2);
    const { injected, violated } = await simulate(plan, { seams });
    const invariant = violated[0]?.invariant;
    expect(invariant).toBe("every violation has exactly one open finding");
    const fails = async (candidate: typeof plan): Promise<boolean> =>
      (await simulate(candidate, { seams })).violated.some((one) => one.invariant === invariant);
    const keys = injected.map(({ key }) => key);
    const shortest = await shrink(plan, keys, fails);
    expect(await fails(shortest)).toBe(true);
    expect(shortest.days).toBe(1);
    expect({ faults: shortest.only, outages: shortest.outages }).toEqual({ faults: [], outages: [] });
    const roles = shortest.accounts.flatMap((account) => account.roles);
    expect(shortest.accounts.flatMap(({ users }) => users)).toEqual([]);
    // Of roles iam-warden's own are enough, which are administrators in a simulation.
    expect([...roles, ...shortest.changes]).toEqual([]);
    expect(await shrink(plan, keys, fails)).toEqual(shortest);
  }, 120_000);

  it("stays as it is if it fails only by chance", async () => {
    const plan = drawPlan(1, 2);
    expect(await shrink(plan, [], async () => false)).toBe(plan);
  });
});
