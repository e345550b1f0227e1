import { UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { historyLimit } from "../../shared/findings/bounds.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { failing } from "../support/iam-account.ts";
import {
  addKey,
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
