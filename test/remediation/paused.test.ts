import { describe, expect, it } from "vitest";
import { optedIn } from "../../shared/remediation/opted-in.ts";
import { holding } from "../../shared/settings/held.ts";
import { operatorWorld, planOf } from "../operator/world.ts";
import {
  approve,
  askFor,
  askToUndo,
  dayMs,
  kinds,
  nowOf,
  redeployed,
  repairing,
  settingsOf,
  watchWrites,
  withStaleKey,
} from "../support/repair-flow.ts";
import { readyIn, settingsWith } from "./interlock-world.ts";
import { bob } from "./worlds.ts";

const paused = repairing("stale-access-key", "repairs: { paused: true }\n");
const why = "The settings pause all repairs (repairs.paused).";

describe("repairs that the settings pause", () => {
  it("are held by the first interlock, whoever approved them, in mode remediate", async () => {
    const prepared = await readyIn(bob());
    const settings = holding(settingsWith("console-user-without-mfa", "remediate"), why);
    const interlock = optedIn({
      settings,
      presentAccount: async (id) => ({ id, ouPath: "Root" }),
      whyNotDue: () => undefined,
    });
    const approval = { by: "ann", at: prepared.preparedAt, stage: prepared.stage, digest: prepared.digest };
    expect(await interlock(prepared)).toBe(why);
    expect(await interlock({ ...prepared, request: { ...prepared.request, approval } })).toBe(why);
  });

  it("are not made, and nothing is said of it; they are made once the pause is over", async () => {
    const world = await withStaleKey();
    const after = redeployed(world, paused);
    const writes = watchWrites(world);
    await askFor(after, world.found);
    expect(writes).toEqual([]);
    expect(await nowOf(after, world.found)).toEqual(world.found);
    expect(kinds(world)).toEqual([]);
    const again = redeployed(after, repairing("stale-access-key"));
    await askFor(again, world.found);
    expect(world.key.status).toBe("Inactive");
  });

  it("are not made where a person approved one before the pause, who is told", async () => {
    const world = await withStaleKey(settingsOf("version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n"));
    await approve(world, world.found, { digest: "any" });
    const after = redeployed(world, paused);
    const writes = watchWrites(world);
    await askFor(after, world.found);
    expect(writes).toEqual([]);
    expect((await nowOf(after, world.found)).repair).toMatchObject({ state: "held", interlock: "optedIn", why });
  });

  it("leave their ladders as they were: nothing is asked for, nobody is reminded, and no warning is forgotten", async () => {
    const world = await withStaleKey();
    const after = redeployed(world, paused);
    const writes = watchWrites(world);
    const { warnedAt } = await nowOf(world, world.found);
    expect(warnedAt).toBeDefined();
    for (let day = 0; day < 3; day++) {
      world.sandbox.clock.advance(dayMs);
      await after.wiring.sweep();
      await after.functions.escalate();
      await after.wiring.settle();
    }
    expect(writes).toEqual([]);
    expect((await nowOf(after, world.found)).warnedAt).toBe(warnedAt);
    const again = redeployed(after, repairing("stale-access-key"));
    await again.functions.escalate();
    await again.wiring.settle();
    expect(world.key.status).toBe("Inactive");
  });

  it("can be undone still", async () => {
    const world = await withStaleKey();
    await askFor(world, world.found);
    expect(world.key.status).toBe("Inactive");
    const after = redeployed(world, paused);
    await askToUndo(after, { account: world.found.account, id: `${world.found.id}-0001` });
    expect(world.key.status).toBe("Active");
  });

  it("cannot be approved, and say why", async () => {
    const { repairs } = paused;
    const world = await operatorWorld(bob(), { settings: { repairs } });
    const { digest, holds } = await planOf(world);
    expect(holds).toContainEqual(expect.objectContaining({ interlock: "optedIn", why }));
    expect(await world.refused("approve", { id: world.finding.id, digest, why: "Now." })).toContain(why);
    expect(world.queued).toEqual([]);
  });
});
