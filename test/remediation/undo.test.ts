import { describe, expect, it } from "vitest";
import { addUser } from "../../sandbox/iam/state.ts";
import { MalformedInputError, UnderWayError, WriteRefusedError } from "../../shared/errors.ts";
import { remediationId } from "../../shared/remediation/remediation.ts";
import { undo } from "../../shared/remediation/undo.ts";
import { failing } from "../support/iam-account.ts";
import { addPolicy, repairWith, undoWith } from "../support/repair-world.ts";
import { bob, boundedRole, doneOf, policyName, policyOf, staleKey } from "./worlds.ts";

const minuteMs = 60_000;

const oddPolicies: Readonly<Record<string, string>> = {
  "with white space of all kinds": '{\n\t"Version": "2012-10-17",\r\n  "Statement": [ ]   }\n',
  "with a plus sign and percent signs": '{"Version":"2012-10-17","Id":"a+b%20c%2B","Statement":[]}',
  "with its keys in another order, and one twice": '{"Statement":[],"Version":"2008-10-17","Version":"2012-10-17"}',
  "with letters beyond ASCII": '{"Version":"2012-10-17","Id":"Schlüssel-東京-🔑","Statement":[]}',
};

describe("undo", () => {
  it.each(Object.entries(oddPolicies))("brings a policy of the same name back byte for byte: %s", async (_, text) => {
    const statement = '{"Effect":"Allow","Action":"s3:*","Resource":"*"}';
    const document = text.replace(/"Statement":\s*\[\s*\]/, (empty) => empty.replace("]", `${statement}]`));
    const world = bob(document);
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(policyOf(world)).not.toBe(document);
    expect(remediation.steps[0]?.before).toMatchObject({ document });
    await undoWith(world.run(), remediation);
    expect(policyOf(world)).toBe(document);
  });

  it("refuses where somebody changed it since, says what, and is recorded where it is forced", async () => {
    const world = boundedRole();
    const role = world.account.roles.get("app");
    if (!role) throw new Error("no role app");
    const mine = role.boundary;
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const later = "arn:aws:iam::111122223333:policy/Later";
    addPolicy(world.account, later);
    role.boundary = later;
    const drift = [`The permissions boundary of role app is ${later}.`];
    await expect(undoWith(world.run(), remediation)).rejects.toMatchObject({ name: "DriftError", drift });
    expect(role.boundary).toBe(later);
    expect(await world.store.get(world.account.id, remediation.id)).toEqual(remediation);
    const undone = await undoWith(world.run(), remediation, true);
    expect(role.boundary).toBe(mine);
    expect(undone).toMatchObject({ state: "undone", undo: { by: "ann", forced: true, drift } });
  });

  it("refuses where the boundary was taken off, the policy deleted, or the key set active again and deleted", async () => {
    const role = boundedRole();
    const bounded = doneOf(await repairWith(role.run(), role.request));
    delete role.account.roles.get("app")?.boundary;
    await expect(undoWith(role.run(), bounded)).rejects.toThrow(
      "The permissions boundary of role app has been taken off.",
    );

    const user = bob('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}');
    const denied = doneOf(await repairWith(user.run(), user.request));
    user.user.inlinePolicies.delete(policyName);
    await expect(undoWith(user.run(), denied)).rejects.toThrow(`${policyName} of user bob has been deleted.`);

    const key = staleKey();
    const inactive = doneOf(await repairWith(key.run(), key.request));
    const keys = key.account.users.get("bob")?.accessKeys;
    keys?.splice(0, keys.length);
    await expect(undoWith(key.run(), inactive, true)).rejects.toThrow(
      "AKIAQEXAMPLEBOB00001 of bob does not exist any more.",
    );
  });

  it("touches nobody who only has the name, even where it is forced", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const { account, sandbox } = world;
    addUser(account, sandbox.ids, {
      name: "bob",
      createdAt: sandbox.clock.now(),
      inlinePolicies: new Map(world.user.inlinePolicies),
    });
    await expect(undoWith(world.run(), remediation, true)).rejects.toThrow(/is another user's of the same name/);
    account.users.clear();
    await expect(undoWith(world.run(), remediation, true)).rejects.toThrow("user bob does not exist any more");
    expect(world.writes).toHaveLength(1);
  });

  it("takes back what a read does not show yet", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    // The first look is older than the repair.
    failing(world.sandbox, "GetUserPolicy", "NoSuchEntity", { status: 404, times: 1 });
    await undoWith(world.run(), remediation);
    expect(policyOf(world)).toBeUndefined();
  });

  it("waits until IAM shows what it brought back, and else can be called again", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const standing = policyOf(world);
    const stop = world.sandbox.intercept(({ operation }) => {
      // Deletes, and goes on showing what was there.
      if (operation === "GetUserPolicy" && standing) world.user.inlinePolicies.set(policyName, standing);
    });
    await expect(undoWith(world.run(), remediation)).rejects.toMatchObject({ name: "NotYetVisibleError" });
    stop();
    expect(await world.store.get(world.account.id, remediation.id)).toMatchObject({
      state: "verified",
      undo: { by: "ann" },
    });
    expect(await undoWith(world.run(), remediation)).toMatchObject({ state: "undone", undo: { by: "ann" } });
    expect(policyOf(world)).toBeUndefined();
  });

  it("keeps out of the way of a run that may still be at it, unless it is forced", async () => {
    const world = bob();
    await world.die("PutUserPolicy", "before", 0);
    const [intended] = await world.store.ofFinding(world.account.id, world.finding.id);
    if (!intended) throw new Error("nothing was recorded");
    await expect(undoWith(world.run(), intended)).rejects.toThrow(UnderWayError);
    world.sandbox.clock.advance(15 * minuteMs);
    expect(await undoWith(world.run(), intended)).toMatchObject({ state: "undone" });
    expect(policyOf(world)).toBeUndefined();
  });

  it("undoes a repair that failed half way", async () => {
    const world = bob();
    failing(world.sandbox, "GetUserPolicy", "NoSuchEntity", { status: 404, times: 20 });
    world.user.inlinePolicies.delete("own");
    const failed = doneOf(await repairWith(world.run(), world.request));
    expect(failed.state).toBe("failed");
    expect(policyOf(world)).toBeDefined();
    world.sandbox.clock.advance(minuteMs);
    await expect(undoWith(world.run(), failed)).resolves.toMatchObject({ state: "undone" });
    expect(policyOf(world)).toBeUndefined();
  });

  it("says so if the account was repaired again since", async () => {
    const world = boundedRole();
    const role = world.account.roles.get("app");
    if (!role) throw new Error("no role app");
    const first = doneOf(await repairWith(world.run(), world.request));
    const other = "arn:aws:iam::111122223333:policy/Other";
    addPolicy(world.account, other);
    role.boundary = other;
    const second = doneOf(await repairWith(world.run(), world.request));
    expect(second.id).toBe(`${world.finding.id}-0002`);
    await expect(undoWith(world.run(), first)).rejects.toThrow(`It was repaired again later: ${second.id}.`);
    await undoWith(world.run(), second);
    expect(role.boundary).toBe(other);
  });

  it("takes no later repair for one that never wrote anything", async () => {
    const world = bob();
    const first = doneOf(await repairWith(world.run(), world.request));
    world.user.inlinePolicies.delete(policyName);
    const { appliedAt: _applied, verifiedAt: _verified, verification: _seen, contained: _contained, ...begun } = first;
    const steps = first.steps.map(({ step, before }) => ({ step, before }));
    const later = { ...begun, id: remediationId(world.finding.id, 2), state: "intended" as const, steps, version: 1 };
    await world.store.put(later);
    await expect(undoWith(world.run(), first)).rejects.toThrow(`It was repaired again later: ${later.id}.`);
    world.sandbox.clock.advance(15 * minuteMs);
    await expect(undoWith(world.run(), first)).resolves.toMatchObject({ state: "undone" });
  });

  it("says so if IAM refuses what stood there before", async () => {
    const world = boundedRole();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    world.account.policies.delete("arn:aws:iam::111122223333:policy/Mine");
    await expect(undoWith(world.run(), remediation)).rejects.toThrow(WriteRefusedError);
    expect(await world.store.get(world.account.id, remediation.id)).toMatchObject({
      state: "verified",
      undo: { by: "ann" },
    });
  });

  it("knows no remediation that there is not, nor another account's", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    const request = { id: remediation.id, by: "ann", why: "" };
    await expect(undo(world.run(), { ...request, accountId: "444455556666" })).rejects.toThrow(MalformedInputError);
    await expect(undo(world.run(), { ...request, accountId: world.account.id, id: "x" })).rejects.toThrow(
      MalformedInputError,
    );
  });
});
