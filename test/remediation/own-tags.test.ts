import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { authorize } from "../../shared/remediation/authorization.ts";
import { execute } from "../../shared/remediation/executor.ts";
import { prepare } from "../../shared/remediation/prepare.ts";
import { operatorWorld, planOf } from "../operator/world.ts";
import { failing } from "../support/iam-account.ts";
import { nothingHolds, repairWith, undoWith } from "../support/repair-world.ts";
import { doneOf, idleRole } from "./worlds.ts";

const key = "iam-warden-quarantine";
const dayMs = 86_400_000;

const roleOf = ({ account }: Pick<ReturnType<typeof idleRole>, "account">) => {
  const role = account.roles.get("app");
  if (!role) throw new Error("there is no role app");
  return role;
};

const digestNow = async (world: ReturnType<typeof idleRole>): Promise<string> => {
  const preparation = await prepare(world.run(), world.request);
  if (preparation.outcome !== "ready") throw new Error(JSON.stringify(preparation));
  return preparation.prepared.digest;
};

describe("the tag on a quarantined role", () => {
  it("says for which control, on which day and by which finding it was quarantined; undo removes it", async () => {
    const world = idleRole();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(roleOf(world).tags.get(key)).toBe(`unused-role 2026-11-20 ${world.finding.id}`);
    expect(world.writes.map((write) => write.split(" ")[0])).toEqual(["PutRolePolicy", "TagRole"]);
    await undoWith(world.run(), remediation);
    expect([...roleOf(world).tags]).toEqual([]);
    expect(world.writes.slice(2).map((write) => write.split(" ")[0])).toEqual(["DeleteRolePolicy", "UntagRole"]);
  });

  it("gives back what stood under its key", async () => {
    const world = idleRole();
    roleOf(world).tags.set(key, "ask ann").set("team", "payments");
    const remediation = doneOf(await repairWith(world.run(), world.request));
    await undoWith(world.run(), remediation);
    expect(Object.fromEntries(roleOf(world).tags)).toEqual({ [key]: "ask ann", team: "payments" });
  });

  it("holds up neither the repair, which stands without it, nor its undo, where somebody took it off", async () => {
    const world = idleRole();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    roleOf(world).tags.delete(key);
    expect(await repairWith(world.run(), world.request)).toMatchObject({ outcome: "inForce" });
    expect(await undoWith(world.run(), remediation)).toMatchObject({ state: "undone", undo: { drift: [] } });
    expect(roleOf(world).inlinePolicies.has(key)).toBe(false);
    expect([...roleOf(world).tags]).toEqual([]);
  });

  it("stays as somebody changed it since, unless undo is forced", async () => {
    for (const force of [false, true]) {
      const world = idleRole();
      const remediation = doneOf(await repairWith(world.run(), world.request));
      roleOf(world).tags.set(key, "ann is on it");
      expect(await undoWith(world.run(), remediation, force)).toMatchObject({ state: "undone" });
      expect(roleOf(world).tags.get(key)).toBe(force ? undefined : "ann is on it");
    }
  });

  it("is left out where IAM refuses it: the quarantine stands, says so, and can be undone", async () => {
    const world = idleRole();
    failing(world.sandbox, "TagRole");
    failing(world.sandbox, "UntagRole");
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(remediation).toMatchObject({
      state: "verified",
      contained: true,
      failures: 0,
      verification: expect.stringMatching(
        /^Whoever assumes the role can do nothing with it\. Its tag could not be set: iam:TagRole was denied in account 111122223333/,
      ),
    });
    expect(await undoWith(world.run(), remediation)).toMatchObject({ state: "undone" });
    expect(roleOf(world).inlinePolicies.has(key)).toBe(false);
  });

  it("is left out where the role has as many tags as IAM allows, and set where one of them is it", async () => {
    const full = idleRole();
    for (let number = 0; number < 50; number++) roleOf(full).tags.set(`tag-${number}`, "");
    expect(doneOf(await repairWith(full.run(), full.request))).toMatchObject({ state: "verified" });
    expect(roleOf(full).tags.has(key)).toBe(false);

    const own = idleRole();
    for (let number = 0; number < 49; number++) roleOf(own).tags.set(`tag-${number}`, "");
    roleOf(own).tags.set(key, "mine");
    doneOf(await repairWith(own.run(), own.request));
    expect(roleOf(own).tags.get(key)).toContain("unused-role");
  });

  it("is set on no other role of the same name", async () => {
    const world = idleRole();
    const preparation = await prepare(world.run(), world.request);
    if (preparation.outcome !== "ready") throw new Error(preparation.outcome);
    const authorized = await authorize(nothingHolds, preparation.prepared, { by: "ann", why: "unused" });
    if (authorized.outcome !== "authorized") throw new Error(authorized.why);
    world.sandbox.intercept(({ operation }) => {
      if (operation !== "PutRolePolicy") return;
      world.account.roles.delete("app");
      const createdAt = world.sandbox.clock.now();
      addRole(world.account, world.sandbox.ids, { name: "app", createdAt, id: "AROAQEXAMPLEOTHER0001" });
    });
    expect(await execute(world.run(), authorized.authorization)).toMatchObject({ state: "failed" });
    expect([...roleOf(world).tags]).toEqual([]);
  });
});

describe("a plan whose role is tagged besides", () => {
  /** Of the same plan, as it was made before there was a tag. */
  const before = "368adedd9cb00509737c";

  it("is the one that was approved before, on whatever day, and whatever stands under the tag's key", async () => {
    const world = idleRole();
    expect(await digestNow(world)).toBe(before);
    roleOf(world).tags.set(key, "ask ann");
    expect(await digestNow(world)).toBe(before);
    world.sandbox.clock.advance(3 * dayMs);
    expect(await digestNow(world)).toBe(before);
  });

  it("is approved by its digest from before, and refused where the policy under its name is another by now", async () => {
    const why = "Agreed with bob in ticket 4711";
    const world = await operatorWorld(idleRole());
    const { id } = world.finding;
    expect((await planOf(world)).steps.map(({ does }) => does)).toEqual([
      "puts the inline policy iam-warden-quarantine on role app",
      `tags role app with iam-warden-quarantine=unused-role 2026-11-20 ${id}`,
    ]);
    roleOf(world).inlinePolicies.set(key, "{}");
    const refused = await world.refused("approve", { id, digest: before, why });
    expect(JSON.stringify(refused)).toContain(`The plan is not the one of digest ${before} any more.`);
    roleOf(world).inlinePolicies.delete(key);
    expect(await world.done("approve", { id, digest: before, why })).toMatchObject({ plan: { digest: before } });
  });
});

describe("a run that dies around the tag", () => {
  it("leaves what the next one completes, with what stood there before either", async () => {
    const world = idleRole();
    roleOf(world).tags.set(key, "ask ann");
    await world.die("TagRole", "after");
    world.sandbox.clock.advance(2 * dayMs);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(remediation.id).toMatch(/-0001$/);
    expect(roleOf(world).tags.get(key)).toBe(`unused-role 2026-11-20 ${world.finding.id}`);
    await undoWith(world.run(), remediation);
    expect(roleOf(world).tags.get(key)).toBe("ask ann");
  });

  it("leaves a tag that a later repair does not take for somebody else's", async () => {
    const world = idleRole();
    await world.die("TagRole", "after");
    const theirs = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
    roleOf(world).inlinePolicies.set(key, theirs);
    world.sandbox.clock.advance(2 * dayMs);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(remediation.id).toMatch(/-0002$/);
    expect(roleOf(world).tags.get(key)).toContain("2026-11-22");
    await undoWith(world.run(), remediation);
    expect(roleOf(world).inlinePolicies.get(key)).toBe(theirs);
    expect(roleOf(world).tags.has(key)).toBe(false);
  });

  it("does not quarantine a role that was used meanwhile", async () => {
    const world = idleRole();
    await world.die("PutRolePolicy");
    roleOf(world).lastUsed = { at: world.sandbox.clock.now(), region: "eu-west-1" };
    expect(await repairWith(world.run(), world.request)).toMatchObject({ outcome: "notViolating" });
    expect([...roleOf(world).tags]).toEqual([]);
  });
});
