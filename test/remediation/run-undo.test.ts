import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
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
  redeployed,
  repairing,
  settingsOf,
  watchWrites,
  withStaleKey,
} from "../support/repair-flow.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

const repaired = async (settings = repairing("stale-access-key")) => {
  const world = await withStaleKey(settings);
  await askFor(world, world.found);
  const [remediation] = await world.remediations.ofFinding(world.data.id, world.found.id);
  if (remediation === undefined || world.key.status !== "Inactive") throw new Error("nothing was repaired");
  return { ...world, remediation };
};

describe("an undo", () => {
  it("is made whatever the settings say by now, and recorded with who asked and why", async () => {
    const world = await repaired();
    const after = redeployed(world, settingsOf("version: 1\ncontrols:\n  stale-access-key: { mode: off }\n"));
    await askToUndo(after, world.remediation);
    expect(world.key.status).toBe("Active");
    const undone = await nowOf(after, world.found);
    expect(undone).toMatchObject({ repair: { state: "undone", why: "It broke the build." } });
    expect(undone.history.find(({ what }) => what === "undone")).toMatchObject({ by: "alice" });
    expect(await world.remediations.get(world.data.id, world.remediation.id)).toMatchObject({
      state: "undone",
      undo: { by: "alice", why: "It broke the build." },
    });
  });

  it("that comes twice restores once and tells once", async () => {
    const world = await repaired();
    await askToUndo(world, world.remediation);
    const writes = watchWrites(world);
    const told = kinds(world);
    await askToUndo(world, world.remediation);
    expect(writes).toEqual([]);
    expect(kinds(world)).toEqual(told);
    expect(told.filter((kind) => kind === "undone")).toHaveLength(1);
  });

  it("that comes again after a later repair leaves that as it stands", async () => {
    const world = await repaired();
    await askToUndo(world, world.remediation);
    for (const digest of ["of another plan", undefined]) {
      world.sandbox.clock.advance(hourMs);
      await approve(world, world.found, { stage: "repair", ...(digest !== undefined && { digest }) });
      await askFor(world, world.found);
    }
    const before = await nowOf(world, world.found);
    expect(before.repair).toMatchObject({ state: "repaired", remediationId: `${world.found.id}-0002` });
    await askToUndo(world, world.remediation);
    expect(await nowOf(world, world.found)).toEqual(before);
  });

  it("of nothing is warned of and forgotten", async () => {
    const world = await repaired();
    const { account, id } = world.remediation;
    const writes = watchWrites(world);
    await askToUndo(world, { account, id: `${id.slice(0, -4)}0007` });
    await askToUndo(world, { account: { id: world.web.id }, id });
    expect(writes).toEqual([]);
    expect(world.wiring.deadLetters).toEqual([]);
    expect(world.telemetry.lines.filter(({ message }) => message.includes("no such remediation"))).toHaveLength(2);
  });
});

describe("an undo that is refused", () => {
  const drifted = async () => {
    const world = await repaired();
    // Somebody made it active themselves: there is nothing to undo.
    world.user.accessKeys.length = 0;
    return world;
  };

  it("is told once, and the repair stands as it stood", async () => {
    const world = await drifted();
    const before = await nowOf(world, world.found);
    const writes = watchWrites(world);
    await askToUndo(world, world.remediation);
    await askToUndo(world, world.remediation);
    expect(writes).toEqual([]);
    const after = await nowOf(world, world.found);
    expect(after.repair).toEqual(before.repair);
    expect(kinds(world)).toEqual(["repaired", "failed"]);
    expect(after.history.find(({ what }) => what === "failed")?.reason).toContain(
      "The undo that alice asked for was not made.",
    );
    const mail = world.sandbox.deliveries.findLast(({ protocol }) => protocol === "email");
    expect(mail?.subject).toContain("UNDO FAILED");
  });

  it("is told again to whoever asks again a day later", async () => {
    const world = await drifted();
    await askToUndo(world, world.remediation);
    world.sandbox.clock.advance(dayMs + hourMs);
    await askToUndo(world, world.remediation);
    expect(kinds(world)).toEqual(["repaired", "failed", "failed"]);
  });

  it("of an earlier remediation leaves the later one's standing alone", async () => {
    const world = await repaired(repairing("stale-access-key"));
    const { store, sandbox, key, remediations, data } = world;
    // Made active again by somebody, told again, repaired again.
    key.status = "Active";
    sandbox.clock.advance(5 * hourMs);
    await world.wiring.sweep();
    await askFor(world, world.found);
    const [first, second] = await remediations.ofFinding(data.id, world.found.id);
    if (first === undefined || second === undefined) throw new Error("it was not repaired twice");
    const before = await nowOf(world, world.found);
    expect(before.repair).toMatchObject({ state: "repaired", remediationId: second.id });
    await askToUndo(world, first);
    expect(key.status).toBe("Inactive");
    expect((await store.get(data.id, world.found.id))?.repair).toEqual(before.repair);
  });

  it("by IAM is told with the permission that it lacks, and can be asked for again", async () => {
    const world = await repaired();
    const restore = failing(world.sandbox, "UpdateAccessKey");
    await askToUndo(world, world.remediation);
    restore();
    expect(world.key.status).toBe("Inactive");
    expect((await nowOf(world, world.found)).history.find(({ what }) => what === "failed")?.reason).toContain(
      "iam:UpdateAccessKey was denied",
    );
    await askToUndo(world, world.remediation);
    expect(world.key.status).toBe("Active");
    expect(await nowOf(world, world.found)).toMatchObject({ repair: { state: "undone" } });
  });
});

describe("an undo that is refused in part", () => {
  it("is told as half done, and is done when it is asked for again", async () => {
    const world = wiredOrganization({
      settings: repairing("access-analyzer-missing"),
      watchedRegions: ["us-east-1", "eu-central-1"],
    });
    world.data.analyzers.clear();
    await world.wiring.sweep();
    const found = await world.finding(world.data, "access-analyzer-missing");
    await askFor(world, found);
    const { account, repair } = await nowOf(world, found);
    const remediation = { account, id: repair?.remediationId ?? "" };
    const allow = failing(world.sandbox, "DeleteAnalyzer", "AccessDeniedException", { times: 1 });
    await askToUndo(world, remediation);
    allow();
    expect((await nowOf(world, found)).history.find(({ what }) => what === "failed")?.reason).toMatch(
      /^The undo that alice asked for is half done, .* It deletes the analyzer .* access-analyzer:DeleteAnalyzer was denied/,
    );
    expect(world.data.analyzers.size).toBe(1);
    await askToUndo(world, remediation);
    expect(world.data.analyzers.size).toBe(0);
    expect(await nowOf(world, found)).toMatchObject({ repair: { state: "undone" } });
  });

  it("is told as done where only the tag stays, with the permission that it lacks", async () => {
    const world = wiredOrganization({ settings: repairing("unused-role") });
    const createdAt = new Date(world.sandbox.clock.now().getTime() - 500 * dayMs);
    const role = addRole(world.data, world.sandbox.ids, { name: "app", createdAt });
    await world.wiring.sweep();
    const found = await world.finding(world.data, "unused-role");
    await askFor(world, found);
    const { account, repair } = await nowOf(world, found);
    expect([role.inlinePolicies.size, role.tags.size]).toEqual([1, 1]);
    failing(world.sandbox, "UntagRole");
    await askToUndo(world, { account, id: repair?.remediationId ?? "" });
    expect([role.inlinePolicies.size, role.tags.size]).toEqual([0, 1]);
    expect((await nowOf(world, found)).repair).toMatchObject({
      state: "undone",
      why: expect.stringMatching(/^It broke the build\. \(Its tag could not be taken off: iam:UntagRole was denied/),
    });
  });
});

describe("an undo that is tried in vain", () => {
  it("is told when it is given up, and can be asked for again", async () => {
    const world = await withStaleKey();
    await askFor(world, world.found);
    const { account, repair } = await nowOf(world, world.found);
    const remediation = { account, id: repair?.remediationId ?? "" };
    const restore = failing(world.sandbox, "UpdateAccessKey", "ServiceUnavailable", { status: 503 });
    await askToUndo(world, remediation);
    restore();
    expect(world.wiring.deadLetters).toHaveLength(1);
    expect(kinds(world).at(-1)).toBe("failed");
    expect((await nowOf(world, world.found)).history.at(-2)?.reason).toMatch(
      /alice asked for is not done.*not answered/,
    );
    expect(world.telemetry.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await askToUndo(world, remediation);
    expect(world.key.status).toBe("Active");
    expect(kinds(world)).toContain("undone");
  });
});

describe("one key's undo", () => {
  it("touches no other finding's key", async () => {
    const world = await withStaleKey();
    const other = addKey(world, world.data, "other");
    world.sandbox.clock.advance(5 * hourMs);
    await world.wiring.sweep();
    const findings = (await world.store.listOpen(world.data.id)).filter(
      ({ control }) => control === "stale-access-key",
    );
    for (const finding of findings) await askFor(world, finding);
    expect([world.key.status, other.key.status]).toEqual(["Inactive", "Inactive"]);
    const [remediation] = await world.remediations.ofFinding(world.data.id, world.found.id);
    if (remediation === undefined) throw new Error("nothing was repaired");
    await askToUndo(world, remediation);
    expect([world.key.status, other.key.status]).toEqual(["Active", "Inactive"]);
  });
});
