import { describe, expect, it } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { NotAuthorizedError, StaleFactsError, ThrottledError, VersionConflictError } from "../../shared/errors.ts";
import { authorize, type Interlocks, interlockNames } from "../../shared/remediation/authorization.ts";
import { execute } from "../../shared/remediation/executor.ts";
import { type Approval, type Prepared, prepare, type RepairRequest } from "../../shared/remediation/prepare.ts";
import type { Stage } from "../../shared/remediation/remediation.ts";
import { failing } from "../support/iam-account.ts";
import { nothingHolds, repairWith, undoWith } from "../support/repair-world.ts";
import { bob, boundedRole, doneOf, policyName, policyOf, rootWithKeys } from "./worlds.ts";

const minuteMs = 60_000;
const theirs = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const asker = { by: "ladder", why: "7 days open" };

const preparedOf = async (world: Pick<ReturnType<typeof bob>, "run" | "request">): Promise<Prepared> => {
  const preparation = await prepare(world.run(), world.request);
  if (preparation.outcome !== "ready") throw new Error(JSON.stringify(preparation));
  return preparation.prepared;
};

const authorizationOf = async (world: ReturnType<typeof bob>) => {
  const authorized = await authorize(nothingHolds, await preparedOf(world), asker);
  if (authorized.outcome !== "authorized") throw new Error(authorized.why);
  return authorized.authorization;
};

describe("execute", () => {
  it("records who, why, when and what, before it writes anything", async () => {
    const world = bob();
    await world.die("PutUserPolicy");
    expect(policyOf(world)).toBeUndefined();
    const [intended] = await world.store.ofFinding(world.account.id, world.finding.id);
    expect(intended).toMatchObject({
      id: `${world.finding.id}-0001`,
      state: "intended",
      control: "console-user-without-mfa",
      subject: { kind: "user", name: "bob" },
      by: "ladder",
      why: "7 days open",
      intendedAt: "2026-11-20T08:00:00.000Z",
      steps: [{ before: { kind: "userPolicy", document: null } }],
      version: 1,
    });
  });

  it("reads with the audit role and writes with the remediation role", async () => {
    const world = bob();
    const roles = new Set<string>();
    world.sandbox.intercept(({ service, operation, caller: { principal } }) => {
      if (service !== "iam" || principal.type !== "role") return;
      roles.add(`${/^(?:Get|List)/.test(operation) ? "reads" : "writes"}: ${principal.roleName}`);
    });
    await repairWith(world.run(), world.request);
    expect([...roles].sort()).toEqual(["reads: iam-warden-audit", "writes: iam-warden-remediate"]);
  });

  it("writes nothing without an authorization, with an imitation of one, or with one that is too old", async () => {
    const world = bob();
    const authorization = await authorizationOf(world);
    await expect(execute(world.run(), { ...authorization })).rejects.toThrow(NotAuthorizedError);
    world.sandbox.clock.advance(5 * minuteMs + 1);
    await expect(execute(world.run(), authorization)).rejects.toThrow(StaleFactsError);
    expect(world.writes).toEqual([]);
    expect(await world.store.ofFinding(world.account.id, world.finding.id)).toEqual([]);
  });

  it("lets one of two runs at once go on, and repairs once", async () => {
    const world = bob();
    const authorizations = [await authorizationOf(world), await authorizationOf(world)];
    const results = await Promise.allSettled(authorizations.map((one) => execute(world.run(), one)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((one) => one.status === "rejected")?.reason).toBeInstanceOf(VersionConflictError);
    expect(world.writes).toHaveLength(1);
  });

  it("keeps away from a run that may still be about to write, and takes up what it left a quarter of an hour later", async () => {
    const world = bob();
    let isOnItsWay = (): void => {};
    const reached = new Promise<void>((resolve) => {
      isOnItsWay = resolve;
    });
    let arrive = (): void => {};
    const held = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const stop = world.sandbox.intercept(async ({ operation }) => {
      if (operation !== "PutUserPolicy") return;
      isOnItsWay();
      await held;
    });
    const slow = execute(world.run(), await authorizationOf(world));
    await reached;
    stop();
    expect(await prepare(world.run(), world.request)).toEqual({
      outcome: "underWay",
      why: `${world.finding.id}-0001 was begun at 2026-11-20T08:00:00.000Z and may still be running; try again in a while.`,
    });
    world.sandbox.clock.advance(15 * minuteMs);
    expect(await prepare(world.run(), world.request)).toMatchObject({ outcome: "ready", prepared: { number: 1 } });
    arrive();
    expect(await slow).toMatchObject({ state: "verified" });
    expect(policyOf(world)).toBeDefined();
  });

  it("does not make a step that stands already", async () => {
    const world = bob();
    await world.die("PutUserPolicy", "after");
    expect(world.writes).toHaveLength(1);
    expect(doneOf(await repairWith(world.run(), world.request)).state).toBe("verified");
    expect(world.writes).toHaveLength(1);
  });

  it("writes over nothing that somebody else changed after the before-image", async () => {
    const world = bob();
    const authorization = await authorizationOf(world);
    world.user.inlinePolicies.set(policyName, theirs);
    expect(await execute(world.run(), authorization)).toMatchObject({
      state: "failed",
      failure: `Somebody else was at it: The inline policy ${policyName} of user bob has another text.`,
    });
    expect(world.writes).toEqual([]);
    // The next run begins anew, with what stands there now as its before-image.
    const next = doneOf(await repairWith(world.run(), world.request));
    expect(next).toMatchObject({ id: `${world.finding.id}-0002`, state: "verified" });
    await undoWith(world.run(), next);
    expect(policyOf(world)).toBe(theirs);
  });

  it("waits until IAM shows what was written", async () => {
    const world = bob();
    const start = world.sandbox.clock.now().getTime();
    // Before the repair and before the step there is no such policy; then IAM shows the old state three times more.
    failing(world.sandbox, "GetUserPolicy", "NoSuchEntity", { status: 404, times: 5 });
    world.user.inlinePolicies.delete("own");
    expect(doneOf(await repairWith(world.run(), world.request)).state).toBe("verified");
    expect(world.sandbox.clock.now().getTime() - start).toBe(7_000);
  });

  it("says so if what was written never shows, and can be run again", async () => {
    const world = bob();
    const stop = failing(world.sandbox, "GetUserPolicy", "NoSuchEntity", { status: 404 });
    world.user.inlinePolicies.delete("own");
    expect(doneOf(await repairWith(world.run(), world.request))).toMatchObject({
      state: "failed",
      failures: 1,
      failure: `It was written but does not stand: The inline policy ${policyName} of user bob has been deleted.`,
    });
    stop();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    expect(remediation).toMatchObject({ id: `${world.finding.id}-0001`, state: "verified" });
    expect(remediation).not.toHaveProperty("failure");
  });

  it("says so if the control is still not content", async () => {
    const world = boundedRole();
    world.sandbox.intercept(({ operation }) => {
      if (operation === "PutRolePermissionsBoundary") world.settings.approvedBoundaries = ["SomethingElse"];
    });
    expect(doneOf(await repairWith(world.run(), world.request))).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(/^After the repair, still: Role app has the permissions boundary/),
    });
  });

  it("keeps what IAM refuses as a failure, and after three of them waits for a person", async () => {
    const world = bob();
    failing(world.sandbox, "PutUserPolicy");
    for (const failures of [1, 2, 3]) {
      const failed = doneOf(await repairWith(world.run(), world.request));
      expect(failed).toMatchObject({ id: `${world.finding.id}-0001`, state: "failed", failures });
      expect(failed.failure).toMatch(/^iam:PutUserPolicy was denied in account 111122223333: /);
    }
    expect(await repairWith(world.run(), world.request)).toMatchObject({
      outcome: "held",
      why: expect.stringMatching(
        /-0001 failed 3 times, at last: iam:PutUserPolicy was denied .* It waits for a person\.$/,
      ),
    });
    world.sandbox.clock.advance(1000);
    const approval = { by: "ann", at: world.sandbox.clock.now(), stage: "repair" as const, digest: "" };
    expect(await prepare(world.run(), { ...world.request, approval })).toMatchObject({ outcome: "ready" });
  });

  it.each([
    ["LimitExceeded", 409],
    ["UnmodifiableEntity", 400],
    ["NoSuchEntity", 404],
  ])("keeps %s as a failure that says what was refused", async (code, status) => {
    const world = bob();
    failing(world.sandbox, "PutUserPolicy", code, { status });
    const { failure } = doneOf(await repairWith(world.run(), world.request));
    expect(failure).toContain(`IAM refused a write that puts the inline policy ${policyName} on user bob: ${code}`);
  });

  it.each([
    ["Throttling", 400],
    ["ServiceUnavailable", 503],
    ["ConcurrentModification", 409],
    ["EntityTemporarilyUnmodifiable", 409],
  ])("hands %s back to the queue, with the intent recorded", async (code, status) => {
    const world = bob();
    const stop = failing(world.sandbox, "PutUserPolicy", code, { status });
    await expect(repairWith(world.run(), world.request)).rejects.toThrow(ThrottledError);
    stop();
    world.sandbox.clock.advance(30 * minuteMs);
    expect(doneOf(await repairWith(world.run(), world.request))).toMatchObject({ state: "verified", failures: 0 });
  });

  it("fails where the remediation role is not there, and writes nothing", async () => {
    const world = bob();
    world.account.roles.delete("iam-warden-remediate");
    const { state, failure } = doneOf(await repairWith(world.run(), world.request));
    expect({ state, failure }).toEqual({
      state: "failed",
      failure: expect.stringMatching(/^sts:AssumeRole was denied in account 111122223333: /),
    });
  });

  it("deletes no root key that was made after the approval", async () => {
    const world = rootWithKeys();
    const before = await prepare(world.run(), world.request);
    if (before.outcome !== "ready") throw new Error(before.outcome);
    const approval = {
      by: "ann",
      at: world.sandbox.clock.now(),
      stage: "repair" as const,
      digest: before.prepared.digest,
    };
    const approved = await prepare(world.run(), { ...world.request, approval });
    if (approved.outcome !== "ready") throw new Error(approved.outcome);
    const authorized = await authorize(nothingHolds, approved.prepared, asker);
    if (authorized.outcome !== "authorized") throw new Error(authorized.why);
    const [key] = world.account.root.accessKeys;
    if (!key) throw new Error("root has no key");
    world.account.root.accessKeys.push({ ...key, id: "AKIAQEXAMPLENEWER0001" });
    expect(await execute(world.run(), authorized.authorization)).toMatchObject({
      state: "failed",
      failure: expect.stringContaining("AKIAQEXAMPLENEWER0001"),
    });
    expect(world.account.root.accessKeys).toHaveLength(2);
    // And the approval does not hold for both.
    const later = await prepare(world.run(), { ...world.request, approval });
    if (later.outcome !== "ready") throw new Error(later.outcome);
    expect(await authorize(nothingHolds, later.prepared, asker)).toMatchObject({
      outcome: "held",
      interlock: "approved",
      why: expect.stringMatching(/^What ann approved is not what would be done now\./),
    });
  });

  it("completes a killed run under the approval that it had, while only its own steps are left", async () => {
    const world = rootWithKeys(2);
    const before = await preparedOf(world);
    const approval = { by: "ann", at: world.sandbox.clock.now(), stage: "repair" as const, digest: before.digest };
    await world.die("DeleteAccessKey", "after");
    expect(world.account.root.accessKeys).toHaveLength(1);
    const request = { ...world.request, approval };
    expect(doneOf(await repairWith(world.run(), request, { approves: false }))).toMatchObject({
      id: `${world.finding.id}-0001`,
      state: "verified",
    });
    expect(world.account.root.accessKeys).toEqual([]);
  });

  it("knows two of root's keys half deleted for its own work", async () => {
    const world = rootWithKeys(2);
    let deletions = 0;
    const stop = world.sandbox.intercept(({ operation }) => {
      if (operation !== "DeleteAccessKey") return;
      deletions += 1;
      if (deletions === 2) throw new AwsError("Throttling", "Rate exceeded");
    });
    await expect(repairWith(world.run(), world.request)).rejects.toThrow(ThrottledError);
    stop();
    expect(world.account.root.accessKeys).toHaveLength(1);
    world.sandbox.clock.advance(30 * minuteMs);
    expect(doneOf(await repairWith(world.run(), world.request))).toMatchObject({ state: "verified" });
    expect(world.account.root.accessKeys).toEqual([]);
  });
});

describe("authorize", () => {
  it("asks every interlock in order, and stops at the first that does not hold", async () => {
    for (const [index, name] of interlockNames.entries()) {
      const asked: string[] = [];
      const ask = (one: keyof Interlocks) => async () => {
        asked.push(one);
        return one === name ? "Not today." : undefined;
      };
      const interlocks: Interlocks = {
        optedIn: ask("optedIn"),
        notExempt: ask("notExempt"),
        notProtected: ask("notProtected"),
        stillViolating: ask("stillViolating"),
        withinBreaker: ask("withinBreaker"),
        blastRadius: ask("blastRadius"),
        breakerSlot: ask("breakerSlot"),
      };
      const authorized = await authorize(interlocks, await preparedOf(bob()), asker);
      expect(authorized).toEqual({ outcome: "held", interlock: name, why: "Not today." });
      expect(asked).toEqual(interlockNames.slice(0, index + 1));
    }
  });

  it("takes the breaker's slot last, after the approval of what cannot be undone", async () => {
    const asked: string[] = [];
    const interlocks = {
      ...nothingHolds,
      breakerSlot: async () => {
        asked.push("breakerSlot");
        return "It is taken.";
      },
    };
    const world = rootWithKeys();
    const unapproved = await preparedOf(world);
    expect(await authorize(interlocks, unapproved, asker)).toMatchObject({ interlock: "approved" });
    expect(asked).toEqual([]);
    const approval = { by: "ann", at: world.sandbox.clock.now(), stage: "repair", digest: unapproved.digest } as const;
    const approved = { ...unapproved, request: { ...unapproved.request, approval } };
    expect(await authorize(interlocks, approved, asker)).toEqual({
      outcome: "held",
      interlock: "withinBreaker",
      why: "It is taken.",
    });
    expect(asked).toEqual(["breakerSlot"]);
  });

  it("takes an approval for nothing but its own stage and plan", async () => {
    const world = rootWithKeys();
    const prepared = await preparedOf(world);
    const { digest } = prepared;
    const authorizing = (approval: Pick<Approval, "stage" | "digest">) => {
      const request = { ...prepared.request, approval: { ...approval, by: "ann", at: prepared.preparedAt } };
      return authorize(nothingHolds, { ...prepared, request }, asker);
    };
    expect(await authorizing({ stage: "repair", digest })).toMatchObject({ outcome: "authorized" });
    for (const approval of [
      { stage: "final", digest },
      { stage: "repair", digest: `${digest}0` },
      { stage: "repair", digest: "" },
    ] as const) {
      expect(await authorizing(approval)).toMatchObject({
        interlock: "approved",
        why: expect.stringMatching(
          /^What ann approved is not what would be done now\. .* A person has to approve it anew\.$/,
        ),
      });
    }
  });

  it("lets only an approval of this very plan go on after an undo, even where the ladder would", async () => {
    const world = bob();
    const remediation = doneOf(await repairWith(world.run(), world.request));
    await undoWith(world.run(), remediation);
    world.sandbox.clock.advance(1000);
    const approving = (digest: string, stage: Stage = "repair"): RepairRequest => ({
      ...world.request,
      approval: { by: "bea", at: world.sandbox.clock.now(), stage, digest },
    });
    expect(await prepare(world.run(), approving("", "final"))).toMatchObject({ outcome: "held" });
    const preparation = await prepare(world.run(), approving(""));
    if (preparation.outcome !== "ready") throw new Error(preparation.outcome);
    expect(await authorize(nothingHolds, preparation.prepared, asker)).toMatchObject({
      interlock: "approved",
      why: expect.stringMatching(/^What bea approved is not what would be done now\. ann undid /),
    });
    const approved = await repairWith(world.run(), approving(preparation.prepared.digest));
    expect(doneOf(approved)).toMatchObject({ state: "verified", approvedBy: "bea" });
  });

  it("takes what cannot be checked for what does not hold", async () => {
    const prepared = await preparedOf(bob());
    const broken = { ...nothingHolds, notExempt: () => Promise.reject(new TypeError("no such field")) };
    expect(await authorize(broken, prepared, asker)).toEqual({
      outcome: "held",
      interlock: "notExempt",
      why: "It cannot be checked: TypeError: no such field",
      isUnchecked: true,
    });
    const throttled = { ...nothingHolds, withinBreaker: () => Promise.reject(new ThrottledError("later")) };
    await expect(authorize(throttled, prepared, asker)).rejects.toThrow(ThrottledError);
  });
});
