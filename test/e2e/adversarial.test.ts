import { CreateRoleCommand, TagRoleCommand, TagUserCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import type { EventBridgeEvent } from "../../sandbox/sandbox.ts";
import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { MalformedInputError } from "../../shared/errors.ts";
import { newExemption } from "../../shared/exemptions/new-exemption.ts";
import { type Finding, findingId } from "../../shared/findings/finding.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import type { SubjectRef } from "../../shared/subject.ts";
import {
  addKey,
  askFor,
  askToUndo,
  dayMs,
  hourMs,
  kinds,
  nowOf,
  repairing,
  watchWrites,
} from "../support/repair-flow.ts";
import { addPolicy } from "../support/repair-world.ts";
import { settingsOf, textOf } from "../support/settings.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// Whoever can name things in a member account, make calls there, or put messages on a queue, tries to be left alone, to have
// others repaired, or to blind whoever watches.

const longAgo = ({ sandbox }: SmallOrganization) => new Date(sandbox.clock.now().getTime() - 200 * dayMs);

const roles = (more = "") =>
  repairing("role-without-boundary", `repairs: { permissionsBoundary: TeamBoundary${more} }\n`);

/** An organization whose roles get the boundary TeamBoundary. */
const withRoles = (names: readonly string[], options: Parameters<typeof smallOrganization>[0] = {}) => {
  const organization = smallOrganization({ settings: roles(), ...options });
  const { data, web, sandbox } = organization;
  for (const account of [data, web]) addPolicy(account, `arn:aws:iam::${account.id}:policy/TeamBoundary`);
  for (const name of names) addRole(data, sandbox.ids, { name, createdAt: longAgo(organization) });
  return organization;
};

/** An organization with one stale key, swept and told: its repair is due. */
const withStaleKey = async () => {
  const organization = smallOrganization({ settings: repairing("stale-access-key") });
  const { user, key } = addKey(organization, organization.data);
  await organization.wiring.sweep();
  return { ...organization, user, key, found: await organization.finding(organization.data, "stale-access-key") };
};

const openRoles = async ({ store, data }: SmallOrganization): Promise<readonly Finding[]> =>
  (await store.listOpen(data.id)).filter(({ control }) => control === "role-without-boundary");

/** An hour, another hour: what is due is asked for and made. */
const pass = async ({ sandbox, functions, wiring }: SmallOrganization, hours: number): Promise<void> => {
  for (let hour = 0; hour < hours; hour++) {
    sandbox.clock.advance(hourMs);
    await functions.escalate();
    await wiring.settle();
  }
};

describe("an exemption that matches too much", () => {
  const scope = { organization: true };
  const week = { reason: "It is too loud for us", until: "2026-11-20" };
  it.each([
    ["everybody", { controls: ["stale-access-key"], scope }],
    ["everybody below the root", { controls: ["stale-access-key"], scope: { ou: "Root" } }],
    ["whoever has a name", { controls: ["stale-access-key"], scope, subject: { kind: "accessKey", pattern: "*" } }],
    ["whoever has a letter", { controls: ["stale-access-key"], scope, subject: { kind: "accessKey", pattern: "*a*" } }],
    [
      "stars between letters",
      { controls: ["stale-access-key"], scope, subject: { kind: "accessKey", pattern: "a*b*c*" } },
    ],
    [
      "every control for an OU",
      { controls: "all", scope: { ou: "Root/Prod" }, subject: { kind: "user", pattern: "ci-*" } },
    ],
    ["every root", { controls: ["root-without-mfa"], scope, subject: { kind: "root", pattern: "root*" } }],
    ["a look-alike star", { controls: ["stale-access-key"], scope, subject: { kind: "accessKey", pattern: "＊" } }],
    ["for ever", { controls: ["stale-access-key"], scope: { account: "111122223333" }, until: "9999-12-31" }],
    ["in somebody else's name", { controls: ["stale-access-key"], scope: { account: "111122223333" }, by: "ciso" }],
  ])("is refused: %s", (_, request) => {
    expect(() =>
      newExemption({ ...week, ...request }, { by: "mallory", now: new Date("2026-11-02T08:00:00Z") }),
    ).toThrow(MalformedInputError);
  });

  it("that somebody put into the table all the same holds every repair and excuses nobody", async () => {
    const world = await withStaleKey();
    const { exemptions, sandbox, data } = world;
    const stored = {
      ...{ id: "0123456789abcdef", controls: "all" as const, scope: { organization: true } as const },
      ...{ reason: "Because", by: "mallory", createdAt: sandbox.clock.now().toISOString(), version: 1 },
      until: new Date(sandbox.clock.now().getTime() + 30 * dayMs).toISOString(),
    };
    const isKept = await exemptions.put(stored).then(
      () => true,
      () => false,
    );
    const writes = watchWrites(world);
    await pass(world, 2);
    const after = await world.finding(data, "stale-access-key");
    expect(after.exemption).toBeUndefined();
    if (isKept) {
      expect(writes).toEqual([]);
      expect(after.repair).toMatchObject({ state: "held", interlock: "notExempt" });
    } else expect(after.repair).toMatchObject({ state: "repaired" });
  });
});

describe("a principal that tags itself", () => {
  it.each([
    ["as exempt", { "iam-warden:exempt": "true", exempt: "true", exemption: "stale-access-key" }],
    ["as protected", { protected: "true", "iam-warden:protected": "yes" }],
    ["as nobody's", { owner: "" }],
    ["as somebody else's", { owner: "mallory@example.com" }],
  ])("%s is told of, reminded of and repaired like any other", async (_, tags) => {
    const settings = repairing("stale-access-key", "owners: { principalTag: owner, accountTag: team }\n");
    const organization = smallOrganization({ settings });
    const { data, iam, sandbox } = organization;
    data.tags.set("team", "payments@example.com");
    const { key } = addKey(organization, data);
    await iam(data, "mallory").send(
      new TagUserCommand({ UserName: "robot", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    );
    await organization.wiring.settle();
    await organization.wiring.sweep();
    const found = await organization.finding(data, "stale-access-key");
    expect(found.owners).toContain("payments@example.com");
    await pass(organization, 1);
    expect(key.status).toBe("Inactive");
    // The topic's own subscription has no filter: whatever owners a notice names, it reaches everybody.
    const notice = sandbox.deliveries.find(({ attributes }) => attributes.kind?.value === "repaired");
    expect(notice?.attributes.owner?.value).toContain("payments@example.com");
  });

  it("is reminded of to the account's owner too", async () => {
    const week = "version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n  unused-access-key: { mode: off }\n";
    const settings = settingsOf(`${week}owners: { principalTag: owner, accountTag: team }\n`);
    const organization = smallOrganization({ settings });
    const { data, sandbox } = organization;
    data.tags.set("team", "payments@example.com");
    const { user } = addKey(organization, data);
    user.tags.set("owner", "mallory@example.com");
    await organization.wiring.sweep();
    await pass(organization, 6 * 24 + 1);
    const reminder = sandbox.deliveries.find(({ attributes }) => attributes.kind?.value === "reminder");
    expect(JSON.parse(reminder?.attributes.owner?.value ?? "[]")).toEqual([
      "mallory@example.com",
      "payments@example.com",
    ]);
  });

  it("by a tag on a role escapes no boundary unless the settings trust tags", async () => {
    const organization = withRoles(["app"]);
    const { data, iam } = organization;
    const Tags = [{ Key: "iam-warden", Value: "exclude" }];
    await iam(data, "mallory").send(new TagRoleCommand({ RoleName: "app", Tags }));
    await organization.wiring.settle();
    await organization.wiring.sweep();
    await pass(organization, 1);
    expect(data.roles.get("app")?.boundary).toMatch(/TeamBoundary$/);
  });
});

describe("roles made to drain the breaker", () => {
  it("use up an hour's slots and no more; people hear of it, and the next hour has its own", async () => {
    const breaker = "breaker: { perAccount: { count: 5, percent: 100 }, organization: { count: 8, percent: 100 } }";
    const settings = settingsOf(textOf(roles()).replace(/^breaker: .*$/m, breaker));
    const organization = withRoles([], { settings });
    const { data, web, iam, sandbox, breakers } = organization;
    await organization.wiring.sweep();
    const AssumeRolePolicyDocument = trusting({ Service: "lambda.amazonaws.com" });
    for (let index = 0; index < 60; index++)
      await iam(data, "mallory").send(new CreateRoleCommand({ RoleName: `decoy-${index}`, AssumeRolePolicyDocument }));
    await organization.wiring.settle();
    const bounded = ({ roles: all }: typeof data) => [...all.values()].filter(({ boundary }) => boundary).length;
    await pass(organization, 1);
    expect(bounded(data)).toBe(5);
    expect(kinds(organization).filter((kind) => kind === "breakerTripped")).toHaveLength(1);

    // The attack: a role in another account. The drained account's breaker is none of its own.
    await iam(web, "mallory").send(new CreateRoleCommand({ RoleName: "door", AssumeRolePolicyDocument }));
    await organization.wiring.settle();
    await pass(organization, 1);
    expect(bounded(web)).toBe(1);
    // And it was told at once, whatever breakers hold.
    expect(sandbox.deliveries.some(({ message }) => message.includes("door"))).toBe(true);
    await pass(organization, 3);
    expect(bounded(data)).toBeLessThanOrEqual(5 * 5);
    expect(await breakers.tripOf({ scope: "organization", hour: "2026-11-02T09" })).toBeUndefined();
  }, 60_000);

  it("are counted right if they are ten thousand", async () => {
    const store = createMemoryBreakerStore();
    const at = new Date("2026-11-03T02:10:00Z");
    const window = { scope: { account: "111122223333" }, hour: "2026-11-03T02" } as const;
    const allowance = { total: 10, ofKind: 10 };
    let taken = 0;
    for (let index = 0; index < 10_000; index++) {
      const take = { window, remediationId: `r${index}-0001`, kind: "role" as const, allowance, at };
      if ((await store.take(take)).outcome === "taken") taken += 1;
    }
    expect(taken).toBe(10);
    const other = { scope: { account: "444455556666" }, hour: window.hour } as const;
    const next = { ...window, hour: "2026-11-03T03" } as const;
    for (const free of [other, next])
      expect(await store.take({ window: free, remediationId: "door-0001", kind: "role", allowance, at })).toEqual({
        outcome: "taken",
      });
  });
});

describe("names chosen to collide", () => {
  const account = "111122223333";
  const subjects: readonly SubjectRef[] = [
    { kind: "user", name: "a" },
    { kind: "role", name: "a" },
    { kind: "user", name: "a/b" },
    { kind: "user", name: 'a","b' },
    { kind: "user", name: "user/a" },
    { kind: "accessKey", name: "a", accessKeyId: "AKIAEXAMPLE000000001" },
    { kind: "accessKey", name: "a/AKIAEXAMPLE000000001", accessKeyId: "" },
    { kind: "user", name: "a/AKIAEXAMPLE000000001" },
    { kind: "root", name: "root" },
    { kind: "user", name: "root" },
    { kind: "user", name: "A" },
    { kind: "user", name: "а" },
  ];

  it("make no two findings one", () => {
    const ids = subjects.flatMap((subject) =>
      ["stale-access-key", "role-without-boundary"].map((control) => findingId(account, control, subject)),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(findingId("111122223333", "x", { kind: "user", name: "a" })).not.toBe(
      findingId("11112222333", "3x", { kind: "user", name: "a" }),
    );
  });

  it("make nobody hear another's denials", async () => {
    const watches = createMemoryWatchStore();
    const now = new Date("2026-11-03T08:00:00Z");
    const principal = { accountId: account, kind: "role", name: "app" } as const;
    const until = "2026-11-04T08:00:00.000Z";
    await watches.put({ principal, findingId: "f1", remediationId: "f1-0001", until });
    for (const other of [
      { ...principal, kind: "user" as const },
      { ...principal, name: "App" },
      { ...principal, name: "app#f1" },
      { ...principal, name: "app/" },
      { ...principal, name: "" },
      { ...principal, accountId: `${account}#role` },
    ])
      expect(await watches.of(other, now)).toEqual([]);
  });

  it("excuse no key by the id of another, and nobody by a name in another case", async () => {
    const world = await withStaleKey();
    const { exemptions, sandbox, data, key } = world;
    // A user who is called like the pattern of another key's exemption.
    const twin = addKey(world, data, key.id);
    const { ids } = sandbox;
    addUser(data, ids, { name: "other", createdAt: longAgo(world) });
    const request = {
      ...{ controls: ["stale-access-key"], scope: { account: data.id }, reason: "It migrates in December" },
      ...{ subject: { kind: "accessKey", pattern: key.id }, until: "2026-11-20" },
    };
    await exemptions.put(newExemption(request, { by: "alice", now: sandbox.clock.now() }));
    sandbox.clock.advance(5 * hourMs);
    await world.wiring.sweep();
    await pass(world, 2);
    expect([key.status, twin.key.status]).toEqual(["Active", "Inactive"]);
  });
});

describe("look-alikes of protected names", () => {
  const settings = settingsOf(
    `${textOf(roles())}protectedPrincipals: { roles: [break-glass], paths: [/emergency/] }\n`,
  );
  it.each([
    ["the name itself", "break-glass", false],
    ["in another case", "Break-Glass", false],
    ["with a Cyrillic e", "br\u0435ak-glass", false],
    ["with a zero-width space", "break\u200b-glass", false],
    ["with a fullwidth hyphen", "break－glass", false],
    ["ours in another case", "IAM-Warden-audit2", false],
    ["with one letter more, an ordinary name", "break-glass2", true],
  ])("%s", async (_, name, isRepaired) => {
    const organization = withRoles([name], { settings });
    const { data } = organization;
    await organization.wiring.sweep();
    const writes = watchWrites(organization);
    await pass(organization, 1);
    expect(writes).toEqual(isRepaired ? [`PutRolePermissionsBoundary ${data.id}`] : []);
    const [finding] = await openRoles(organization);
    if (!isRepaired && finding !== undefined) expect(finding.repair).toMatchObject({ state: "held" });
  });
});

describe("forged messages", () => {
  it("an event with another account's id opens, resolves and repairs nothing", async () => {
    const organization = withRoles([]);
    const { data, web, iam, events } = organization;
    await organization.wiring.sweep();
    await iam(web, "mallory").send(
      new CreateRoleCommand({ RoleName: "door", AssumeRolePolicyDocument: trusting({ Service: "ec2.amazonaws.com" }) }),
    );
    const real = events.findLast(({ detail }) => JSON.stringify(detail).includes("door"));
    if (real === undefined) throw new Error("no event");
    const forged: EventBridgeEvent = JSON.parse(JSON.stringify(real));
    // Its envelope is the sender's; what it says of itself is another's.
    Object.assign(forged.detail, { recipientAccountId: data.id });
    await organization.wiring.settle();
    const before = await organization.findings(data);
    organization.wiring.send(JSON.stringify(forged));
    await organization.wiring.settle();
    expect(await organization.findings(data)).toEqual(before);
    expect(organization.telemetry.counted("EventsRefused")).toBe(1);
    expect(organization.wiring.deadLetters).toEqual([]);
  });

  /** A role that was repaired a minute ago, and a record of a call that AWS denied it. */
  const repairedRole = async (autoUndo = true) => {
    const organization = withRoles(["app"], { settings: roles(autoUndo ? ", autoUndo: true" : "") });
    const { data, web, sandbox, events } = organization;
    await organization.wiring.sweep();
    await pass(organization, 1);
    const role = data.roles.get("app");
    if (role?.boundary === undefined) throw new Error("nothing was repaired");
    role.attachedPolicies.add("arn:aws:iam::aws:policy/AdministratorAccess");
    expect(sandbox.use(data.id, { role: "app" }, { service: "ec2", action: "DescribeInstances" })).toBe("denied");
    const real = events.findLast(({ detail }) => JSON.stringify(detail).includes("DescribeInstances"));
    if (real === undefined) throw new Error("no record of the denial");
    return { ...organization, role, data, web, denial: JSON.stringify(real) };
  };

  it("a denial record of another account's principal is not believed", async () => {
    const settled = await repairedRole(false);
    await settled.wiring.settle();
    const world = settled;
    const { data, web } = world;
    const told = kinds(world).length;
    // Mallory's own account says what AWS refused the victim's role.
    const forged = JSON.parse(world.denial);
    forged.account = web.id;
    forged.detail.recipientAccountId = web.id;
    forged.detail.errorMessage = String(forged.detail.errorMessage).replaceAll("ec2:DescribeInstances", "s3:PutObject");
    world.wiring.send(JSON.stringify(forged));
    await world.wiring.settle();
    expect(kinds(world)).toHaveLength(told);
    const finding = await world.finding(data, "role-without-boundary");
    expect(finding.repair?.denied).toEqual(["ec2:DescribeInstances"]);
  });

  it("a denial message that names an action falsely is told as nothing", async () => {
    const world = await repairedRole(false);
    await world.wiring.settle();
    const { length } = kinds(world);
    const forged = JSON.parse(world.denial);
    forged.detail.eventID = "00000000-0000-4000-8000-000000000001";
    forged.detail.errorMessage = `User: arn:aws:sts::${world.data.id}:assumed-role/app/x is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/because no permissions boundary allows the iam:DeleteRole action`;
    world.wiring.send(JSON.stringify(forged));
    await world.wiring.settle();
    expect(kinds(world)).toHaveLength(length);
    expect((await world.finding(world.data, "role-without-boundary")).repair?.denied).toEqual([
      "ec2:DescribeInstances",
    ]);
  });

  it("an undo of another finding's remediation, or by another account's id, undoes that or nothing", async () => {
    const world = await withStaleKey();
    const { data, web, wiring, remediations } = world;
    const other = addKey(world, data, "other");
    world.sandbox.clock.advance(5 * hourMs);
    await wiring.sweep();
    await pass(world, 1);
    expect([world.key.status, other.key.status]).toEqual(["Inactive", "Inactive"]);
    const [remediation] = await remediations.ofFinding(data.id, world.found.id);
    if (remediation === undefined) throw new Error("nothing was repaired");
    await askToUndo(world, { account: { id: web.id }, id: remediation.id });
    expect(world.key.status).toBe("Inactive");
    wiring.sendRepair(
      JSON.stringify({
        ...{ kind: "undo", accountId: data.id, remediationId: remediation.id, findingId: "another" },
        ...{ by: "mallory", why: "x", force: false },
      }),
    );
    await wiring.settle();
    expect(world.key.status).toBe("Inactive");
    expect(wiring.deadLetters).toHaveLength(1);
    await askToUndo(world, remediation);
    expect([world.key.status, other.key.status]).toEqual(["Active", "Inactive"]);
  });

  it("a repair of a finding by another account's id, of an activity, or in the final stage repairs nothing", async () => {
    const world = await withStaleKey();
    const { data, web, sandbox, wiring, store } = world;
    data.root.passwordEnabled = true;
    sandbox.signIn(data.id, "root", { mfa: true });
    await wiring.settle();
    const root = await world.finding(data, "root-activity");
    const writes = watchWrites(world);
    await askFor(world, { ...world.found, account: { id: web.id } });
    await askFor(world, root);
    await askFor(world, world.found, "final");
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({ status: "open" });
    expect((await store.listAll(web.id)).map(({ id }) => id)).not.toContain(world.found.id);
  });
});
