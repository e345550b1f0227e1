import { describe, expect, it } from "vitest";
import { noteAccess } from "../../sandbox/callers.ts";
import { hourOf } from "../../shared/remediation/breaker.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { bob, boundedRole, policyName, policyOf, rootWithKeys } from "../remediation/worlds.ts";
import { failing } from "../support/iam-account.ts";
import { ann, operatorWorld, planOf, zoe } from "./world.ts";

const why = "Agreed with bob in ticket 4711";

describe("plan", () => {
  it("says what would be done, what holds it and what an approval has to name, and writes nothing", async () => {
    const world = await operatorWorld(bob());
    const before = JSON.stringify(await world.stored());
    const plan = await planOf(world);
    expect(plan).toMatchObject({
      outcome: "ready",
      stage: "repair",
      steps: [
        {
          does: `puts the inline policy ${policyName} on user bob`,
          undo: `deletes the inline policy ${policyName} of user bob`,
          before: { kind: "userPolicy", document: null },
        },
      ],
      digest: expect.stringMatching(/^[0-9a-f]{20}$/),
      holds: [{ interlock: "optedIn", why: "Nobody has been told yet that it will be repaired." }],
      losses: [],
    });
    expect(world.writes).toEqual([]);
    expect(JSON.stringify(await world.stored())).toBe(before);
    expect({ queued: world.queued, notices: world.notices }).toEqual({ queued: [], notices: [] });
  });

  it("names every interlock that holds it, not only the first", async () => {
    const world = await operatorWorld(bob(), {
      mode: "notify",
      settings: { protectedPrincipals: { users: ["bob"], roles: [], paths: [] } },
    });
    const { id } = world.finding;
    await world.done("exempt", { id, reason: "The vendor needs time until spring", until: "2026-12-31" });
    const { holds } = await planOf(world);
    expect(holds.map(({ interlock }) => interlock)).toEqual(["optedIn", "notExempt", "notProtected"]);
    expect(holds.map(({ why }) => why).join("\n")).toMatch(
      /mode notify[\s\S]*exempt until 2026-12-31[\s\S]*settings protect bob/,
    );
  });

  it("says when the ladder comes to it", async () => {
    const world = await operatorWorld(bob(), { finding: { warnedAt: "2026-11-20T08:00:00.000Z" } });
    expect(await planOf(world)).toMatchObject({
      dueAt: "2026-11-27T08:00:00.000Z",
      holds: [{ interlock: "optedIn", why: "The ladder repairs it at 2026-11-27T08:00:00.000Z." }],
    });
  });

  it("neither trips a breaker nor takes a slot of it", async () => {
    const none = { count: 1, percent: 1 };
    const world = await operatorWorld(bob(), { settings: { breaker: { perAccount: none, organization: none } } });
    const hour = hourOf(world.clock());
    const window = { scope: { account: world.account.id }, hour } as const;
    const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
    await world.breakers.take({ ...take, remediationId: "other-0001" });
    expect((await planOf(world)).holds.map(({ interlock }) => interlock)).toEqual(["optedIn"]);
    expect(await world.breakers.tripOf(window)).toBeUndefined();
    await world.breakers.take({ ...take, remediationId: "another-0001" });
    expect((await planOf(world)).holds.map(({ interlock }) => interlock)).toEqual(["optedIn", "withinBreaker"]);
    expect(world.notices).toEqual([]);
  });

  it("says that nothing violates any more, and what cannot be read", async () => {
    const world = await operatorWorld(bob());
    const stop = failing(world.sandbox, "GetLoginProfile");
    expect(await planOf(world)).toMatchObject({ outcome: "none", why: expect.stringContaining("iam:GetLoginProfile") });
    stop();
    delete world.user.loginProfile;
    expect(await planOf(world)).toMatchObject({ outcome: "notViolating" });
  });

  it("plans all findings of a control, in parts", async () => {
    const world = await operatorWorld(bob());
    const others = ["cem", "dot"].map((name, index) => ({
      ...world.finding,
      id: `${index}${world.finding.id.slice(1)}`,
      subject: { ...world.finding.subject, name },
    }));
    for (const other of others) await world.store.put(other);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.done("plan", { control: world.finding.control, limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ finding, outcome }) => `${finding.subject.name} ${outcome}`));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(["bob ready", "cem notViolating", "dot notViolating"]);
    expect((await world.done("plan", { control: "stale-access-key" })).items).toEqual([]);
  });

  it("keeps one that throttling stops from stopping the others", async () => {
    const world = await operatorWorld(bob());
    failing(world.sandbox, "GetUser", "Throttling", { status: 400 });
    const { items } = await world.done("plan");
    expect(items).toMatchObject([{ outcome: "unknown", why: expect.stringContaining("Throttling") }]);
    expect(await planOf(world)).toMatchObject({ outcome: "unknown" });
    // To approve it is to ask again later.
    const digest = "0".repeat(20);
    expect(await world.ask("approve", { id: world.finding.id, digest, why })).toMatchObject({
      ok: false,
      error: { name: "ThrottledError", retryable: true },
    });
  });
});

describe("approve", () => {
  it("records who, when and why, and has it repaired before the ladder would", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const { digest } = await planOf(world);
    const { plan, approvedAt } = await world.done("approve", { id: id.slice(0, 8), digest, why });
    expect(plan.holds).toEqual([]);
    expect(await world.stored()).toMatchObject({
      approval: { by: ann, at: approvedAt, digest, stage: "repair", why },
      history: expect.arrayContaining([{ at: approvedAt, what: "approved", by: ann, reason: why }]),
    });
    expect(world.queued).toEqual([{ kind: "repair", accountId: world.account.id, findingId: id, stage: "repair" }]);
    expect(world.writes).toEqual([]);
    await world.work();
    expect(policyOf(world)).toBeDefined();
    const { finding, remediations } = await world.done("show", { id });
    expect(finding.repair).toMatchObject({ state: "repaired" });
    expect(remediations).toMatchObject([{ state: "verified", by: ann, approvedBy: ann, why }]);
  });

  it("refuses another plan than the one that would be made now, and says which that is", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const { digest } = await planOf(world);
    world.user.inlinePolicies.set(policyName, '{"Version":"2012-10-17","Statement":[]}');
    expect(await world.refused("approve", { id, digest, why })).toMatch(
      new RegExp(
        `^ConflictError: The plan is not the one of digest ${digest} any more\\. Now, by digest [0-9a-f]{20}, it puts the`,
      ),
    );
    expect({ queued: world.queued, approval: (await world.stored()).approval }).toEqual({ queued: [] });
  });

  it.each([
    ["mode notify", { mode: "notify" as const }, /mode notify/],
    [
      "a protected principal",
      { settings: { protectedPrincipals: { users: ["b*"], roles: [], paths: [] } } },
      /protected/,
    ],
  ])("refuses what it could not lift: %s", async (_name, options, expected) => {
    const world = await operatorWorld(bob(), options);
    const { digest } = await planOf(world);
    const refusal = await world.refused("approve", { id: world.finding.id, digest, why });
    expect(refusal).toMatch(/^ConflictError: No approval lifts what holds it\./);
    expect(refusal).toMatch(expected);
    expect(world.queued).toEqual([]);
  });

  it("refuses what is exempt, resolved, or has no last step to come", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const { digest } = await planOf(world);
    const { exemption } = await world.done("exempt", { id, reason: "The vendor needs time", until: "2026-12-31" });
    expect(await world.refused("approve", { id, digest, why })).toContain("It is exempt until");
    await world.done("unexempt", { id: exemption.id });
    expect(await world.refused("approve", { id, digest, stage: "final", why })).toContain("waits for no last step");
    const finding = await world.stored();
    await world.store.put({ ...finding, status: "resolved", version: finding.version + 1 });
    expect(await world.refused("approve", { id, digest, why })).toContain("is resolved: there is nothing to approve");
  });

  it("lets happen what cannot be undone, by nobody else's plan", async () => {
    const world = await operatorWorld(rootWithKeys(2));
    const { id } = world.finding;
    const plan = await planOf(world);
    expect(plan.steps).toMatchObject([{ irreversible: "Nothing brings a deleted access key of root back." }]);
    expect(plan.holds.map(({ interlock }) => interlock)).toContain("approved");
    await world.done("approve", { id, digest: plan.digest, why });
    await world.work();
    expect(world.account.root.accessKeys).toEqual([]);
  });

  it("waits for a breaker that has tripped", async () => {
    const world = await operatorWorld(bob());
    const window = { scope: { account: world.account.id }, hour: hourOf(world.clock()) } as const;
    const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
    for (const remediationId of ["a-0001", "b-0001"]) await world.breakers.take({ ...take, remediationId });
    const { digest } = await planOf(world);
    const { plan } = await world.done("approve", { id: world.finding.id, digest, why });
    expect(plan.holds.map(({ interlock }) => interlock)).toEqual(["withinBreaker"]);
    expect(world.queued).toHaveLength(1);
  });

  it("is there to be followed even if asking for the repair fails, and can be given again", async () => {
    const world = await operatorWorld(bob());
    const { id } = world.finding;
    const { digest } = await planOf(world);
    const down = { send: () => Promise.reject(new Error("the connection died")) };
    expect(await world.ask("approve", { id, digest, why }, ann, { repairs: down })).toMatchObject({ ok: false });
    expect(await world.stored()).toMatchObject({ approval: { by: ann, digest } });
    await world.done("approve", { id, digest, why });
    await world.work();
    expect(policyOf(world)).toBeDefined();
  });
});

describe("undo", () => {
  const repaired = async () => {
    const world = await operatorWorld(bob());
    const { digest } = await planOf(world);
    await world.done("approve", { id: world.finding.id, digest, why });
    await world.work();
    return world;
  };

  it.each([
    ["the finding's id", (id: string) => id],
    ["how that begins", (id: string) => id.slice(0, 10)],
    ["the remediation's id", (id: string) => `${id}-0001`],
  ])("by %s, for whoever asked, with why", async (_name, idOf) => {
    const world = await repaired();
    const { id } = world.finding;
    const asked = await world.done("undo", { id: idOf(id), why: "The nightly job broke" }, zoe);
    expect(asked).toMatchObject({
      remediation: { id: `${id}-0001`, state: "verified" },
      steps: [`deletes the inline policy ${policyName} of user bob`],
      drift: [],
    });
    expect(policyOf(world)).toBeDefined();
    await world.work();
    expect(policyOf(world)).toBeUndefined();
    const { finding, remediations } = await world.done("history", { id });
    expect(finding.history).toContainEqual(expect.objectContaining({ what: "undone", by: zoe }));
    expect(remediations).toMatchObject([{ state: "undone", undo: { by: zoe, why: "The nightly job broke" } }]);
    expect(remediations[0]?.steps[0]?.before).toMatchObject({ kind: "userPolicy", document: null });
    expect(await world.refused("undo", { id, why })).toMatch(/^ConflictError: .*zoe undid .*-0001 at .* already\.$/);
  });

  it("refuses what has changed since, says what, and does it by force", async () => {
    const world = await repaired();
    const { id } = world.finding;
    world.user.inlinePolicies.set(policyName, "{}");
    expect(await world.refused("undo", { id, why })).toBe(
      `DriftError: The inline policy ${policyName} of user bob has another text.`,
    );
    expect(world.queued).toEqual([]);
    expect(await world.done("undo", { id, why, force: true })).toMatchObject({
      drift: [`The inline policy ${policyName} of user bob has another text.`],
    });
    await world.work();
    expect(policyOf(world)).toBeUndefined();
  });

  it("shows what a person would approve after an undo, and needs that approval", async () => {
    const world = await repaired();
    const { id } = world.finding;
    await world.done("undo", { id, why });
    await world.work();
    world.sandbox.clock.advance(3_600_000);
    const plan = await planOf(world);
    expect(plan.holds.map(({ interlock }) => interlock)).toContain("approved");
    await world.done("approve", { id, digest: plan.digest, why });
    await world.work();
    expect(policyOf(world)).toBeDefined();
  });

  it("leaves the ladder's date out: the ladder does not come to it again", async () => {
    const bare = bob();
    const world = await operatorWorld(bare, { finding: { warnedAt: bare.run().clock().toISOString() } });
    const { id } = world.finding;
    const before = await planOf(world);
    expect(before.dueAt).toBeDefined();
    expect(before.holds.map((hold) => hold.why)).toEqual([expect.stringContaining("The ladder repairs it at")]);
    const shownDue = async () => (await world.done("show", { id })).dueAt;
    expect(await shownDue()).toBe(before.dueAt);
    const [asApproved] = (await world.done("plan", { id, approved: before.digest })).items;
    expect(asApproved?.holds).toEqual([]);
    await world.done("approve", { id, digest: before.digest, why });
    await world.work();
    expect(await shownDue()).toBeUndefined();
    await world.done("undo", { id, why });
    await world.work();
    expect(await shownDue()).toBeUndefined();
    const { dueAt, holds } = await planOf(world);
    expect(dueAt).toBeUndefined();
    expect(holds.find(({ interlock }) => interlock === "optedIn")?.why).toBe(
      "The ladder does not repair what was undone.",
    );
  });

  it("refuses what was never repaired, what is not there, and what cannot be undone", async () => {
    const never = await operatorWorld(bob());
    expect(await never.refused("undo", { id: never.finding.id, why })).toMatch(/^NotFoundError: .* was never repaired/);
    expect(await never.refused("undo", { id: "0123456789", why })).toBe(
      "NotFoundError: There is no finding whose id begins with 0123456789; `warden findings` lists those that are open, with --status resolved those that are over.",
    );

    const world = await operatorWorld(rootWithKeys());
    const { id } = world.finding;
    await world.done("approve", { id, digest: (await planOf(world)).digest, why });
    await world.work();
    expect(await world.refused("undo", { id, why })).toBe(
      "IrreversibleError: Nothing brings a deleted access key of root back.",
    );
    expect(await world.refused("undo", { id: `${id}-0007`, why })).toBe(
      `NotFoundError: Finding ${id} has no remediation ${id}-0007; it has ${id}-0001.`,
    );
  });
});

describe("a boundary", () => {
  it("shows what it would cut off, which an approval lets happen", async () => {
    const settings = defaultSettings();
    const own = settings.controls["role-with-unapproved-boundary"];
    if (own === undefined) throw new Error("no such control");
    const options = { approvedBoundaries: ["TeamBoundary"] };
    const world = await operatorWorld(boundedRole(), {
      settings: {
        controls: { ...settings.controls, "role-with-unapproved-boundary": { ...own, mode: "remediate", options } },
      },
    });
    const role = world.account.roles.get("app");
    const mine = world.account.policies.get(`arn:aws:iam::${world.account.id}:policy/Mine`)?.versions[0];
    if (role === undefined || mine === undefined) throw new Error("the role or its boundary is not there");
    const everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
    role.inlinePolicies.set("own", everything);
    Object.assign(mine, { document: everything });
    noteAccess(role, { at: world.clock(), service: "sqs", operation: "SendMessage", region: "eu-west-1" });
    const plan = await planOf(world);
    expect(plan).toMatchObject({ outcome: "ready", losses: [{ service: "sqs" }] });
    expect(plan.holds.map(({ interlock }) => interlock)).toEqual(["optedIn", "blastRadius"]);
    const { plan: approved } = await world.done("approve", { id: world.finding.id, digest: plan.digest, why });
    expect(approved.holds).toEqual([]);
  });
});
