import { describe, expect, it } from "vitest";
import { failing } from "../support/iam-account.ts";
import {
  addKey,
  approve,
  askFor,
  askToUndo,
  dayMs,
  hourMs,
  kinds,
  nowOf,
  settingsOf,
  watchWrites,
  withStaleKey,
} from "../support/repair-flow.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

describe("an approval", () => {
  const inUse = async () => {
    const world = await withStaleKey();
    const { key, sandbox } = world;
    Object.assign(key, { lastUsed: { at: sandbox.clock.now(), service: "s3", region: "eu-west-1" } });
    await askFor(world, world.found);
    expect(await nowOf(world, world.found)).toMatchObject({ repair: { state: "held", interlock: "blastRadius" } });
    sandbox.clock.advance(hourMs);
    return world;
  };

  it("that is void is told each time, and lifts nothing", async () => {
    const world = await inUse();
    const writes = watchWrites(world);
    const heldTimes = async () =>
      (await nowOf(world, world.found)).history.filter(({ what }) => what === "held").length;
    expect(await heldTimes()).toBe(1);
    for (const times of [2, 3]) {
      await approve(world, world.found, { digest: "of another plan" });
      await askFor(world, world.found);
      expect(await heldTimes()).toBe(times);
      expect((await nowOf(world, world.found)).outbox).toMatchObject([{ kind: "held" }]);
      world.sandbox.clock.advance(hourMs);
    }
    // Answered, it is not followed hour by hour.
    await world.functions.escalate();
    expect(world.telemetry.counted("RepairsAsked")).toBeLessThanOrEqual(1);
    expect(writes).toEqual([]);
  });

  it("lets what is in use be repaired, and then again nothing", async () => {
    const world = await inUse();
    await approve(world, world.found);
    await askFor(world, world.found);
    expect(world.key.status).toBe("Inactive");
    const repaired = await nowOf(world, world.found);
    expect(repaired).toMatchObject({ status: "resolved", repair: { state: "repaired" } });
    expect(repaired.approval).toBeUndefined();
    expect(repaired.history.find(({ what }) => what === "repaired")).toMatchObject({ by: "alice" });
  });

  it("that only the breaker kept from happening is followed when its hour is over", async () => {
    const week = ", scopes: [], ladder: [{ after: 0d, do: notify }, { after: 7d, do: remediate }]";
    const settings = settingsOf(`version: 1
controls:
  stale-access-key: { mode: remediate${week} }
  unused-access-key: { mode: off }
breaker: { perAccount: { count: 1, percent: 100 }, organization: { count: 1, percent: 100 } }
`);
    const world = wiredOrganization({ settings });
    const keys = ["one", "two"].map((name) => addKey(world, world.data, name).key);
    await world.wiring.sweep();
    world.sandbox.clock.advance(hourMs);
    const findings = (await world.store.listOpen(world.data.id)).filter(
      ({ control }) => control === "stale-access-key",
    );
    for (const finding of findings) {
      // What an approval has to name is learnt from one that names nothing.
      await approve(world, finding, { digest: "?" });
      await askFor(world, finding);
      world.sandbox.clock.advance(1_000);
      await approve(world, finding);
      await askFor(world, finding);
    }
    const inactive = () => keys.filter(({ status }) => status === "Inactive").length;
    expect(inactive()).toBe(1);
    expect(kinds(world)).toEqual(["repaired", "breakerTripped"]);
    expect(world.telemetry.counted("BreakersTripped")).toBe(1);
    world.sandbox.clock.advance(hourMs);
    await world.functions.escalate();
    await world.wiring.settle();
    expect(inactive()).toBe(2);
  });
});

describe("what was undone", () => {
  it("is not repaired again by any message, until a person approves", async () => {
    const world = await withStaleKey();
    await askFor(world, world.found);
    const [remediation] = await world.remediations.ofFinding(world.data.id, world.found.id);
    if (remediation === undefined) throw new Error("nothing was repaired");
    await askToUndo(world, remediation);
    expect(world.key.status).toBe("Active");
    const writes = watchWrites(world);
    for (let day = 0; day < 3; day++) {
      world.sandbox.clock.advance(dayMs);
      await world.wiring.sweep();
      await world.functions.escalate();
      await askFor(world, world.found);
    }
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({ status: "open", repair: { state: "undone" } });
    expect(kinds(world)).not.toContain("reminder");
  });
});

describe("whoever approves what was undone", () => {
  it("hears it if what would be changed cannot be read", async () => {
    const world = await withStaleKey();
    await askFor(world, world.found);
    const [remediation] = await world.remediations.ofFinding(world.data.id, world.found.id);
    if (remediation === undefined) throw new Error("nothing was repaired");
    await askToUndo(world, remediation);
    world.sandbox.clock.advance(hourMs);
    await approve(world, world.found, { stage: "repair", digest: "x" });
    failing(world.sandbox, "GetUser", "AccessDenied", { status: 403, times: 50 });
    await askFor(world, world.found);
    expect(await nowOf(world, world.found)).toMatchObject({
      repair: { state: "held", interlock: "plan", why: expect.stringContaining("cannot be read") },
      outbox: [{ kind: "held" }],
    });
  });
});
