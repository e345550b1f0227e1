import { CreatePolicyCommand, CreatePolicyVersionCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { addRole, addUser, trusting } from "../../sandbox/state.ts";
import { MalformedInputError } from "../../shared/errors.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { historyLimit } from "../../shared/findings/bounds.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
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

const notifyOnly = settingsOf("version: 1\ncontrols:\n  stale-access-key: { mode: notify }\n");

describe("a repair that is not to be made any more", () => {
  it("is not made once the settings only notify, and nothing is said of it", async () => {
    const world = await withStaleKey();
    const after = redeployed(world, notifyOnly);
    const writes = watchWrites(world);
    await askFor(after, world.found);
    expect(writes).toEqual([]);
    expect(await nowOf(after, world.found)).toEqual(world.found);
  });

  it("is not made after its account has moved to an OU that nobody opted in", async () => {
    const settings = repairing("stale-access-key", "", ", scopes: [{ ou: Root/Quiet, mode: notify }]");
    const world = await withStaleKey(settings);
    const { organization } = world.sandbox.state;
    const id = `ou-${organization.rootId.slice(2)}-quiet001`;
    organization.units.set(id, { id, name: "Quiet", parentId: organization.rootId, tags: new Map() });
    world.data.parentId = id;
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect((await nowOf(world, world.found)).repair).toBeUndefined();
  });

  it("is not made after its account has left the organization", async () => {
    const world = await withStaleKey();
    world.data.status = "SUSPENDED";
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect((await nowOf(world, world.found)).repair).toBeUndefined();
  });

  it("is not made of what was resolved, and of what is back waits for a new warning", async () => {
    const world = await withStaleKey();
    world.key.status = "Inactive";
    await world.wiring.sweep();
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect((await nowOf(world, world.found)).status).toBe("resolved");

    world.key.status = "Active";
    const { store } = world;
    const resolved = await nowOf(world, world.found);
    const { warnedAt: _warnedAt, notifiedAt: _notifiedAt, ...open } = resolved;
    await store.put({ ...open, status: "open", version: open.version + 1 });
    await askFor(world, world.found);
    expect(writes).toEqual([]);
  });

  it("is not made where live facts say that nothing violates: the finding is resolved and told so", async () => {
    const world = await withStaleKey();
    world.key.status = "Inactive";
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({ status: "resolved", outbox: [] });
    expect(kinds(world)).toEqual(["resolved"]);
  });
});

describe("a breaker", () => {
  it("that nobody can count for holds the repair, and that is told", async () => {
    const store: FindingStore = { ...createMemoryStore(), populations: async () => [] };
    const world = await withStaleKey(undefined, { store });
    await askFor(world, world.found);
    expect(await nowOf(world, world.found)).toMatchObject({
      repair: { state: "held", interlock: "withinBreaker", why: expect.stringContaining("is not known") },
      outbox: [{ kind: "held", delivery: "digest" }],
    });
  });

  it("that tripped tells so itself, and not on each finding that it holds", async () => {
    const settings = {
      ...repairing("stale-access-key"),
      breaker: { perAccount: { count: 1, percent: 100 }, organization: { count: 9, percent: 100 } },
    };
    const world = await withStaleKey(settings);
    addKey(world, world.data, "second");
    world.sandbox.clock.advance(5 * hourMs); // The next credential report knows of it.
    await world.wiring.sweep();
    for (const finding of await world.store.listOpen(world.data.id)) await askFor(world, finding);
    const [left] = await world.store.listOpen(world.data.id);
    expect(left).toMatchObject({ repair: { state: "held", interlock: "withinBreaker" }, outbox: [] });
    expect(kinds(world)).toEqual(["repaired", "breakerTripped"]);
  });
});

describe("several repairs in a minute", () => {
  it("list the organization's accounts once, and the next minute's anew", async () => {
    const world = await withStaleKey(settingsOf("version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n"));
    const { calls } = world.aws;
    const listed = () => Object.values(calls()).reduce((sum, of) => sum + (of["organizations:ListAccounts"] ?? 0), 0);
    const before = listed();
    for (let times = 0; times < 3; times++) await askFor(world, world.found);
    expect(listed() - before).toBe(1);
    world.sandbox.clock.advance(60_000);
    await askFor(world, world.found);
    expect(listed() - before).toBe(2);
  });
});

describe("what cannot be read", () => {
  it("keeps a message for people if it is the finding", async () => {
    const store = createMemoryStore();
    let isBroken = false;
    const broken: FindingStore = {
      ...store,
      get: (...args) => {
        if (isBroken) throw new MalformedInputError("The stored finding cannot be read");
        return store.get(...args);
      },
    };
    const world = await withStaleKey(undefined, { store: broken });
    isBroken = true;
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect(world.wiring.deadLetters).toHaveLength(1);
    expect(world.telemetry.counted("RepairsBroken")).toBe(5);
  });

  it("holds every repair if it is the list of accounts, and people are told", async () => {
    const world = await withStaleKey();
    failing(world.sandbox, "ListAccounts", "AccessDeniedException");
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({
      repair: { state: "held", interlock: "optedIn", why: expect.stringContaining("organizations:ListAccounts") },
      outbox: [{ kind: "held" }],
    });
    expect(world.wiring.deadLetters).toEqual([]);
  });

  it("holds every repair if it is an exemption, and people are told", async () => {
    const exemptions = createMemoryExemptionStore();
    const error = new MalformedInputError("The stored exemption abc cannot be read");
    const broken = {
      ...exemptions,
      list: async ({ unreadable }: Parameters<typeof exemptions.list>[0] = {}) => {
        if (unreadable === undefined) throw error;
        unreadable("abc", error);
        return [];
      },
    };
    const world = await withStaleKey(undefined, { exemptions: broken });
    const writes = watchWrites(world);
    await askFor(world, world.found);
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({
      repair: { state: "held", interlock: "notExempt", why: expect.stringContaining("abc cannot be read") },
      outbox: [{ kind: "held" }],
    });
  });
});

describe("a repair that was begun", () => {
  const diesAfterWriting = async () => {
    const world = await withStaleKey();
    // The write takes effect, then IAM answers nobody any more.
    let isDown = false;
    const restore = world.sandbox.intercept(({ operation }) => {
      if (isDown && operation !== "UpdateAccessKey") throw new Error("socket hang up");
      if (operation === "UpdateAccessKey") isDown = true;
    });
    const { account, id: findingId } = world.found;
    world.wiring.sendRepair(JSON.stringify({ kind: "repair", accountId: account.id, findingId, stage: "repair" }));
    await world.wiring.deliverDue();
    restore();
    expect(world.key.status).toBe("Inactive");
    expect(await nowOf(world, world.found)).toMatchObject({ repair: { state: "remediating" } });
    return world;
  };

  it("is completed by the same message, and made once", async () => {
    const world = await diesAfterWriting();
    const writes = watchWrites(world);
    await world.wiring.settle();
    expect(writes).toEqual([]);
    expect(await nowOf(world, world.found)).toMatchObject({ status: "resolved", repair: { state: "repaired" } });
    // The event of the write came before anybody could say that it was a repair.
    expect(kinds(world)).toEqual(["resolved", "repaired"]);
  });

  it("and may not be gone on with is held, told, and can be undone", async () => {
    const world = await diesAfterWriting();
    const after = redeployed(world, notifyOnly);
    const writes = watchWrites(world);
    world.sandbox.clock.advance(hourMs);
    await after.functions.escalate();
    await after.wiring.settle();
    expect(writes).toEqual([]);
    const held = await nowOf(after, world.found);
    const remediationId = `${world.found.id}-0001`;
    expect(held).toMatchObject({
      repair: { state: "held", interlock: "optedIn", remediationId, why: expect.stringContaining("is not finished") },
      outbox: [{ kind: "held" }],
    });
    // Nobody forgets it, though nothing is to be repaired here.
    world.sandbox.clock.advance(hourMs);
    await after.functions.escalate();
    expect((await nowOf(after, world.found)).repair).toEqual(held.repair);
    await askToUndo(after, { account: world.found.account, id: remediationId });
    expect(world.key.status).toBe("Active");
    expect(await nowOf(after, world.found)).toMatchObject({ repair: { state: "undone" } });
  });

  it("is seen to its end though somebody has excused it meanwhile", async () => {
    const world = await diesAfterWriting();
    const { data, exemptions, sandbox } = world;
    await exemptions.put({
      ...{ id: "0123456789abcdef", controls: ["stale-access-key"], scope: { account: data.id }, version: 1 },
      ...{ reason: "Migrates in December", by: "alice", createdAt: sandbox.clock.now().toISOString() },
      until: new Date(sandbox.clock.now().getTime() + 30 * dayMs).toISOString(),
    });
    const after = redeployed(world, repairing("stale-access-key"));
    sandbox.clock.advance(hourMs);
    await after.functions.escalate();
    await after.wiring.settle();
    expect(await nowOf(after, world.found)).toMatchObject({
      repair: { state: "held", remediationId: `${world.found.id}-0001` },
      exemption: { by: "alice" },
    });
  });

  it("is forgotten where it wrote nothing and nothing violates any more", async () => {
    const world = await withStaleKey();
    const restore = failing(world.sandbox, "UpdateAccessKey", "ServiceUnavailable", { status: 503 });
    const { account, id: findingId } = world.found;
    world.wiring.sendRepair(JSON.stringify({ kind: "repair", accountId: account.id, findingId, stage: "repair" }));
    await world.wiring.deliverDue();
    restore();
    expect((await nowOf(world, world.found)).repair?.state).toBe("remediating");
    world.user.accessKeys.length = 0;
    addKey(world, world.data, "other", 1);
    await world.wiring.settle();
    expect((await nowOf(world, world.found)).repair).toBeUndefined();
    world.sandbox.clock.advance(5 * hourMs);
    await world.wiring.sweep();
    const after = await nowOf(world, world.found);
    expect(after.repair).toBeUndefined();
    expect(after.status).toBe("resolved");
  });
});

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

describe("a repair that only contains", () => {
  const contained = async () => {
    const world = wiredOrganization({ settings: repairing("console-user-without-mfa") });
    const { data, sandbox } = world;
    const createdAt = new Date(sandbox.clock.now().getTime() - dayMs);
    const loginProfile = { createdAt, changedAt: createdAt, resetRequired: false };
    const user = addUser(data, sandbox.ids, { name: "bob", createdAt, loginProfile });
    await world.wiring.sweep();
    const found = await world.finding(data, "console-user-without-mfa");
    await askFor(world, found);
    expect(user.inlinePolicies.has("iam-warden-deny-until-mfa")).toBe(true);
    return { ...world, user, found };
  };

  it("is told once, however often it is looked at", async () => {
    const world = await contained();
    for (let look = 0; look < 3; look++) await askFor(world, world.found);
    expect(kinds(world).filter((kind) => kind === "repaired")).toHaveLength(1);
    expect(world.telemetry.counted("RepairsMade")).toBe(1);
  });

  it("is told once where its user came to have a device and lost it", async () => {
    const world = await contained();
    const { user, found, remediations, data } = world;
    const [made] = await remediations.ofFinding(data.id, found.id);
    if (made === undefined) throw new Error("nothing was repaired");
    const { contained: _contained, ...complied } = made;
    await remediations.put({ ...complied, version: made.version + 1 });
    expect(user.mfaDevices).toEqual([]);
    const { length } = kinds(world);
    world.sandbox.clock.advance(dayMs);
    const before = await nowOf(world, found);
    await world.store.put({
      ...before,
      observedAt: world.sandbox.clock.now().toISOString(),
      version: before.version + 1,
    });
    await askFor(world, found);
    expect(kinds(world)).toHaveLength(length);
    expect((await nowOf(world, found)).status).toBe("open");
  });

  it("is made again, and told, after somebody removed its policy", async () => {
    const world = await contained();
    const { user, found, remediations, data } = world;
    user.inlinePolicies.clear();
    // One user alone is a slot an hour.
    world.sandbox.clock.advance(hourMs);
    await askFor(world, found);
    expect(user.inlinePolicies.has("iam-warden-deny-until-mfa")).toBe(true);
    expect(kinds(world).filter((kind) => kind === "repaired")).toHaveLength(2);
    expect((await remediations.ofFinding(data.id, found.id)).map(({ state }) => state)).toEqual([
      "verified",
      "verified",
    ]);
  });
});

describe("root's access keys", () => {
  const withRootKey = async (more = "repairs: { centralRootAccess: true }\n") => {
    const world = wiredOrganization({ settings: repairing("root-access-key-exists", more) });
    for (const account of [world.data, world.sandbox.state.accounts.get(managementOf(world))]) {
      const { now } = world.sandbox.clock;
      account?.root.accessKeys.push({ id: "AKIAROOT000000000001", secret: "x", status: "Active", createdAt: now() });
    }
    centralizeRoot(world.sandbox.state.organization, world.hub.id, world.sandbox.clock.now());
    await world.wiring.sweep();
    return world;
  };
  const managementOf = ({ sandbox }: ReturnType<typeof wiredOrganization>): string =>
    sandbox.state.organization.managementAccountId;

  it("of a member are deleted, once a person approved just that", async () => {
    const world = await withRootKey();
    const { data } = world;
    const found = await world.finding(data, "root-access-key-exists");
    await askFor(world, found);
    expect(data.root.accessKeys).toHaveLength(1);
    expect(await nowOf(world, found)).toMatchObject({ repair: { state: "held", interlock: "approved" } });
    world.sandbox.clock.advance(1_000);
    await approve(world, found);
    await askFor(world, found);
    expect(data.root.accessKeys).toEqual([]);
    expect(await nowOf(world, found)).toMatchObject({ status: "resolved", repair: { state: "repaired" } });
  });

  it.each([
    ["the management account", true, undefined],
    ["nobody may ask which account that is", false, "DescribeOrganization"],
  ])("are out of reach: %s", async (_, isManagement, denied) => {
    const world = await withRootKey();
    const id = isManagement ? managementOf(world) : world.data.id;
    const account = world.sandbox.state.accounts.get(id);
    if (account === undefined) throw new Error("no such account");
    const found = await world.finding(account, "root-access-key-exists");
    if (denied !== undefined) failing(world.sandbox, denied, "AccessDeniedException");
    const writes = watchWrites(world);
    await askFor(world, found);
    expect(writes).toEqual([]);
    expect(account.root.accessKeys).toHaveLength(1);
    expect(await nowOf(world, found)).toMatchObject({
      repair: { state: "held", interlock: "plan", why: expect.stringContaining("Nothing says that account") },
    });
  });
});

describe("one call of a repair", () => {
  /** Every operation that the repair of a key calls, by service. */
  const operationsOf = async (): Promise<readonly string[]> => {
    const world = await withStaleKey();
    const operations = new Set<string>();
    world.sandbox.intercept(({ operation }) => {
      operations.add(operation);
    });
    await askFor(world, world.found);
    expect(world.key.status).toBe("Inactive");
    return [...operations];
  };

  it("that is not answered brings the message again, and the repair is made and told once", async () => {
    const operations = await operationsOf();
    expect(operations).toEqual(
      expect.arrayContaining(["ListAccounts", "ListAccessKeys", "UpdateAccessKey", "Publish"]),
    );
    for (const operation of operations) {
      const world = await withStaleKey();
      failing(world.sandbox, operation, "ServiceUnavailable", { status: 503, times: 1 });
      await askFor(world, world.found);
      expect([operation, world.key.status, kinds(world)]).toEqual([operation, "Inactive", ["repaired"]]);
      expect([operation, await nowOf(world, world.found)]).toMatchObject([
        operation,
        { status: "resolved", repair: { state: "repaired" }, outbox: [] },
      ]);
      expect([operation, ...world.wiring.deadLetters]).toEqual([operation]);
    }
  }, 60_000);

  it("that is denied leaves the key as it is, or repaired and told; and somebody hears of it", async () => {
    for (const operation of await operationsOf()) {
      const world = await withStaleKey();
      const writes = watchWrites(world);
      const restore = failing(world.sandbox, operation);
      await askFor(world, world.found);
      restore();
      const { repair, status } = await nowOf(world, world.found);
      const isMade = world.key.status === "Inactive";
      if (isMade && status === "resolved") expect([operation, repair?.state]).toEqual([operation, "repaired"]);
      else expect([operation, status, world.key.status]).toEqual([operation, "open", "Active"]);
      const isHeard =
        repair?.state === "repaired" ||
        (repair?.why ?? "").includes(operation) ||
        world.telemetry.lines.some(({ fields }) => String(fields.error).includes(operation)) ||
        // Without its OU nothing says that the account is opted in; the hourly run tells that aloud.
        world.telemetry.lines.some(({ message }) => message.startsWith("A repair waits: The OU of account"));
      expect([operation, isHeard]).toEqual([operation, true]);
      expect([operation, writes.length <= 1]).toEqual([operation, true]);
    }
  }, 60_000);
});

describe("a boundary that is attached", () => {
  const allowing = (action: string): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });

  /** A role that used EC2, which its account's boundary does not allow; `strict` is another policy of the account. */
  const withRole = async () => {
    const organization = wiredOrganization({ settings: boundedBy("developer") });
    const { data, sandbox, iam, wiring } = organization;
    const role = addRole(data, sandbox.ids, {
      name: "app",
      createdAt: new Date(sandbox.clock.now().getTime() - dayMs),
      trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
    });
    const arns = new Map<string, string>();
    for (const [name, action] of Object.entries({ developer: "s3:*", strict: "s3:Get*" })) {
      const made = new CreatePolicyCommand({ PolicyName: name, PolicyDocument: allowing(action) });
      arns.set(name, (await iam(data).send(made)).Policy?.Arn ?? "");
    }
    await wiring.sweep();
    return { ...organization, role, arns, found: await organization.finding(data, "role-without-boundary") };
  };

  const boundedBy = (name: string) => repairing("role-without-boundary", `repairs: { permissionsBoundary: ${name} }`);

  it("is not attached by an approval of what it allowed before somebody changed it", async () => {
    const world = await withRole();
    const { data, sandbox, iam, role, arns, found } = world;
    sandbox.use(data.id, { role: "app" }, { service: "ec2", action: "DescribeInstances" });
    sandbox.clock.advance(5 * hourMs);
    await askFor(world, found);
    expect((await nowOf(world, found)).repair).toMatchObject({ state: "held", interlock: "blastRadius" });
    await approve(world, found);
    const PolicyArn = arns.get("developer");
    const PolicyDocument = allowing("sts:GetCallerIdentity");
    await iam(data).send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    await askFor(world, found);
    expect(role.boundary).toBeUndefined();
    expect((await nowOf(world, found)).repair).toMatchObject({ state: "held", interlock: "blastRadius" });
    await approve(world, found);
    await askFor(world, found);
    expect(role.boundary).toBe(PolicyArn);
  });

  it("is the one that the settings name now, not that of an earlier try of which nothing stands", async () => {
    const world = await withRole();
    const { sandbox, role, arns, found } = world;
    let isTakenOff = true;
    sandbox.subscribe(({ detail }) => {
      if (isTakenOff && detail.eventName === "PutRolePermissionsBoundary") delete role.boundary;
    });
    await askFor(world, found);
    expect((await nowOf(world, found)).repair?.state).toBe("failed");
    isTakenOff = false;
    const after = redeployed(world, boundedBy("strict"));
    await askFor(after, found);
    expect(role.boundary).toBe(arns.get("strict"));
  });
});

describe("the history of a repair", () => {
  it("outlasts whoever breaks and mends the same again and again", async () => {
    const world = await withStaleKey();
    const { data, sandbox, iam, wiring, key, found } = world;
    await askFor(world, found);
    expect((await nowOf(world, found)).history.map(({ what }) => what)).toContain("repaired");
    for (let round = 0; round < 20; round++)
      for (const Status of ["Active", "Inactive"] as const) {
        await iam(data).send(new UpdateAccessKeyCommand({ UserName: "robot", AccessKeyId: key.id, Status }));
        sandbox.clock.advance(60_000);
        await wiring.settle();
      }
    const { history } = await nowOf(world, found);
    expect(history).toHaveLength(historyLimit);
    expect(history.map(({ what }) => what).slice(0, 3)).toEqual(["opened", "repaired", "reopened"]);
    expect(history.map(({ at }) => at)).toEqual(history.map(({ at }) => at).sort());
  });
});
