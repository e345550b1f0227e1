import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { compliant, notApplicable, type Severity, unknown, violation } from "../../shared/control.ts";
import { historyLimit } from "../../shared/findings/bounds.ts";
import type { Actor, Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { clearOutbox } from "../../shared/findings/outbox.ts";
import { type ReconcileOptions, reconcile } from "../../shared/findings/reconcile.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import type { Judgement } from "../../shared/judgement/judgement.ts";
import { countingStore, hostileNames, hubAccount } from "../support/findings.ts";

const minutes = (count: number): Date => new Date(Date.UTC(2026, 10, 3, 2, count));
const isViolation = violation("User alice has no MFA device.", { mfaActive: false });

const aJudgement = (changes: Partial<Judgement> = {}): Judgement => ({
  control: "console-user-without-mfa",
  severity: "high",
  account: hubAccount,
  subject: { kind: "user", name: "alice", arn: "arn:aws:iam::111122223333:user/alice" },
  verdict: isViolation,
  asOf: minutes(0),
  ...changes,
});

const actor: Actor = {
  arn: "arn:aws:iam::111122223333:user/mallory",
  eventName: "DeactivateMFADevice",
  eventId: "e-1",
  at: minutes(0).toISOString(),
  sourceIPAddress: "198.51.100.7",
};

let store: FindingStore & { readonly calls: { get: number; put: number } };
beforeEach(() => {
  store = countingStore(createMemoryStore());
});

/** Reconciles a judgement of that minute, with its facts from then. */
const at = (
  minute: number,
  changes: Partial<Judgement> = {},
  options: Partial<ReconcileOptions> = {},
): Promise<Finding | undefined> =>
  reconcile(store, aJudgement({ asOf: minutes(minute), ...changes }), {
    now: minutes(minute),
    delivery: "single",
    ...options,
  });

const told = async (finding: Finding | undefined, minute: number): Promise<void> => {
  for (const entry of finding?.outbox ?? []) if (finding) await clearOutbox(store, finding, entry, minutes(minute));
};

const stored = async (): Promise<Finding> => {
  const [finding] = await store.listAll(hubAccount.id);
  if (finding === undefined) throw new Error("no finding is stored");
  return finding;
};

const kinds = (finding: Finding): string[] => finding.history.map(({ what }) => what);
const due = (finding: Finding) => finding.outbox.map(({ kind, delivery }) => `${kind} ${delivery}`);

describe("opening", () => {
  test("opens with evidence, actor, history and a notice due, in one write", async () => {
    const finding = await at(0, {}, { actor });
    expect(finding).toMatchObject({
      status: "open",
      severity: "high",
      reason: "User alice has no MFA device.",
      evidence: { mfaActive: false },
      actor,
      openedAt: minutes(0).toISOString(),
      observedAt: minutes(0).toISOString(),
      history: [{ at: minutes(0).toISOString(), what: "opened", by: actor.arn }],
      outbox: [{ id: "v1", kind: "opened", delivery: "single" }],
      version: 1,
    });
    expect(await stored()).toEqual(finding);
    expect(store.calls.put).toBe(1);
  });

  test("opens once, however many see it at the same moment", async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => at(0)));
    expect(new Set(results.map((finding) => finding?.id)).size).toBe(1);
    expect((await stored()).version).toBe(1);
    expect(due(await stored())).toEqual(["opened single"]);
  });

  test("does not write what is just the same, and still gives the finding back", async () => {
    await at(0);
    const again = await at(10, {}, { actor });
    expect(store.calls.put).toBe(1);
    expect(again).toEqual(await stored());
  });

  test.each([
    ["compliant", compliant],
    ["not applicable", notApplicable("no console password")],
    ["unknown", unknown("iam:ListMFADevices was denied")],
  ])("has nothing to say of what is %s", async (_name, verdict) => {
    expect(await at(0, { verdict })).toBeUndefined();
    expect(store.calls.put).toBe(0);
  });
});

describe("seeing again", () => {
  test.each<[string, Partial<Judgement>, Partial<Finding>]>([
    [
      "a reason",
      { verdict: violation("Key is 91 days old.", { mfaActive: false }) },
      { reason: "Key is 91 days old." },
    ],
    ["evidence", { verdict: violation(isViolation.outcome, { mfaActive: null }) }, { evidence: { mfaActive: null } }],
    ["a lower severity", { severity: "low" }, { severity: "low" }],
    [
      "a new name of the account",
      { account: { ...hubAccount, name: "renamed" } },
      { account: { ...hubAccount, name: "renamed" } },
    ],
  ])("keeps %s without telling anybody", async (_name, changes, expected) => {
    await told(await at(0), 1);
    await at(10, changes);
    expect(await stored()).toMatchObject({ ...expected, outbox: [], observedAt: minutes(10).toISOString() });
    expect(kinds(await stored())).toEqual(["opened", "notified"]);
  });

  test("does not forget the account's name because an event knows its id alone", async () => {
    await at(0);
    await at(10, { account: { id: hubAccount.id } });
    expect((await stored()).account).toEqual(hubAccount);
    expect(store.calls.put).toBe(1);
  });

  test("tells when it is worse than before", async () => {
    await told(await at(0, { severity: "medium" }, { delivery: "digest", runId: "r1" }), 1);
    await at(10, { severity: "high" }, { delivery: "digest", runId: "r2" });
    expect(kinds(await stored())).toEqual(["opened", "notified", "escalated"]);
    expect((await stored()).outbox).toMatchObject([{ kind: "escalated", delivery: "digest", runId: "r2" }]);
    await at(20, { severity: "critical" }, { delivery: "digest", runId: "r3" });
    expect(due(await stored())).toEqual(["escalated single"]);
  });
});

describe("resolving and reopening", () => {
  test("resolves with a reason and keeps what it was about", async () => {
    await told(await at(0, {}, { actor }), 1);
    await at(10, { verdict: notApplicable("User alice has no console password.") });
    const finding = await stored();
    expect(finding).toMatchObject({
      status: "resolved",
      resolvedAt: minutes(10).toISOString(),
      reason: "User alice has no MFA device.",
      actor,
      outbox: [{ kind: "resolved", delivery: "single", reason: "User alice has no console password." }],
    });
    expect(kinds(finding)).toEqual(["opened", "notified", "resolved"]);
    await at(11, { verdict: compliant });
    expect((await stored()).version).toBe(finding.version);
  });

  test("reopens with the same id and history, a new opening and a new clock for the ladder", async () => {
    const first = await at(0, {}, { actor });
    await told(first, 1);
    await told(await at(10, { verdict: compliant }), 11);
    const again = await at(20);
    expect(again).toMatchObject({ id: first?.id, status: "open", openedAt: minutes(20).toISOString() });
    expect(again).not.toHaveProperty("resolvedAt");
    expect((await stored()).notifiedAt).toBeUndefined();
    expect((await stored()).actor).toBeUndefined();
    expect(kinds(await stored())).toEqual(["opened", "notified", "resolved", "notified", "reopened"]);
    expect(due(await stored())).toEqual(["reopened single"]);
  });

  test("keeps the first entry of a long history and the latest ones", async () => {
    for (let minute = 0; minute < 200; minute += 2) {
      await at(minute);
      await at(minute + 1, { verdict: compliant });
    }
    const { history } = await stored();
    expect(history).toHaveLength(historyLimit);
    expect(history[0]).toMatchObject({ what: "opened", at: minutes(0).toISOString() });
    expect(history.at(-1)).toMatchObject({ what: "resolved", at: minutes(199).toISOString() });
  });
});

describe("facts from the past", () => {
  test.each<[string, Partial<Judgement>]>([
    ["resolve", { verdict: compliant }],
    ["change", { severity: "critical", verdict: violation("old news", {}) }],
  ])("do not %s what later facts confirmed", async (_name, changes) => {
    await at(10);
    await at(9, changes);
    expect(await stored()).toMatchObject({ version: 1, status: "open", severity: "high" });
  });

  test("do not reopen what later facts resolved", async () => {
    await at(10);
    await at(20, { verdict: compliant });
    await at(15);
    expect((await stored()).status).toBe("resolved");
  });

  test("count when they are as old as those before", async () => {
    await at(10);
    await at(10, { verdict: compliant });
    expect((await stored()).status).toBe("resolved");
  });

  test("an unknown verdict leaves an open finding as it is", async () => {
    await at(0);
    await at(10, { verdict: unknown("iam:ListMFADevices was denied") });
    expect(await stored()).toMatchObject({ status: "open", version: 1 });
  });
});

describe("delivery", () => {
  test.each<[Severity, "single" | "digest", string]>([
    ["critical", "digest", "opened single"],
    ["critical", "single", "opened single"],
    ["high", "digest", "opened digest"],
    ["low", "single", "opened single"],
  ])("a %s finding asked for as %s is due as %s", async (severity, delivery, expected) => {
    await at(0, { severity }, { delivery, runId: "r1" });
    expect(due(await stored())).toEqual([expected]);
    expect((await stored()).outbox[0]?.runId).toBe(expected.endsWith("digest") ? "r1" : undefined);
  });

  test.each<[string, ["single" | "digest", "single" | "digest"], string]>([
    ["what the digest was to tell, repaired at once", ["digest", "single"], "resolved digest"],
    ["what was to be told at once, repaired before the sweep", ["single", "digest"], "resolved single"],
  ])("%s, is one notice", async (_name, [opening, resolving], expected) => {
    await at(0, {}, { delivery: opening });
    await at(1, { verdict: compliant }, { delivery: resolving });
    expect(due(await stored())).toEqual([expected]);
    expect(kinds(await stored())).toEqual(["opened", "resolved"]);
  });

  test("what an event changes before the digest stays with the digest's run", async () => {
    await at(0, { severity: "low" }, { delivery: "digest", runId: "r1" });
    await at(1, { verdict: compliant });
    expect((await stored()).outbox).toMatchObject([{ kind: "resolved", delivery: "digest", runId: "r1" }]);
  });

  test("what nobody heard of is told once, as what became of it", async () => {
    await at(0, { severity: "medium" });
    await at(1, { severity: "high" });
    expect(due(await stored())).toEqual(["opened single"]);
    await at(2, { verdict: compliant });
    expect(due(await stored())).toEqual(["resolved single"]);
    await at(3);
    expect(due(await stored())).toEqual(["reopened single"]);
    expect((await stored()).outbox).toMatchObject([{ id: "v4", at: minutes(3).toISOString() }]);
  });
});

describe("clearing the outbox", () => {
  test("sets when the present opening was first told, once", async () => {
    await told(await at(0), 5);
    expect((await stored()).notifiedAt).toBe(minutes(5).toISOString());
    await told(await at(10, { severity: "critical" }), 15);
    expect((await stored()).notifiedAt).toBe(minutes(5).toISOString());
    expect((await stored()).outbox).toEqual([]);
  });

  test("keeps what changed while the notice was on its way", async () => {
    const opening = await at(0);
    await at(1, { verdict: compliant });
    await told(opening, 2);
    expect(due(await stored())).toEqual(["resolved single"]);
    expect((await stored()).notifiedAt).toBe(minutes(2).toISOString());
    await told(await stored(), 3);
    expect((await stored()).outbox).toEqual([]);
  });

  test("of an earlier opening does not start the clock of the present one", async () => {
    const opening = await at(0);
    await at(1, { verdict: compliant });
    await at(2);
    await told(opening, 3);
    expect((await stored()).notifiedAt).toBeUndefined();
    expect(due(await stored())).toEqual(["reopened single"]);
  });

  test("twice is once", async () => {
    const finding = await at(0);
    await told(finding, 1);
    await told(finding, 2);
    expect((await stored()).version).toBe(2);
  });

  test("while others reconcile loses nothing", async () => {
    const finding = await at(0);
    await Promise.all([
      told(finding, 1),
      at(1, { severity: "critical" }),
      at(1, { severity: "critical" }),
      told(finding, 1),
    ]);
    const after = await stored();
    expect(after.severity).toBe("critical");
    expect(after.notifiedAt).toBeDefined();
    expect(kinds(after).filter((what) => what === "escalated")).toHaveLength(1);
    expect(due(after)).toHaveLength(1);
  });
});

describe("a sweep that knows what is open", () => {
  test("reads and writes nothing where nothing changed", async () => {
    const finding = await at(0);
    const open = new Map(finding ? [[finding.id, finding]] : []);
    const before = { ...store.calls };
    await at(10, {}, { open });
    await at(10, { subject: { kind: "user", name: "bob", arn: "arn:bob" }, verdict: compliant }, { open });
    expect(store.calls).toEqual(before);
  });

  test("writes what is new without reading first", async () => {
    await at(0, {}, { open: new Map() });
    expect(store.calls).toEqual({ get: 0, put: 1 });
  });

  test("looks again where what it knows is not what is stored", async () => {
    const finding = await at(0);
    const open = new Map(finding ? [[finding.id, finding]] : []);
    await at(5, { verdict: compliant });
    await at(10, { verdict: compliant }, { open });
    expect(kinds(await stored())).toEqual(["opened", "resolved"]);
    await at(20, {}, { open: new Map() });
    expect(kinds(await stored())).toEqual(["opened", "resolved", "reopened"]);
  });
});

test("whatever AWS says, a finding stays far below the size of an item", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 50 }),
    fc.constantFrom(...Object.values(hostileNames), "🔑".repeat(40_000)),
  );
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), text, text, async (json, reason, agent) => {
      const own = createMemoryStore();
      const evidence = { json: json as never, [reason]: reason, list: Array(3).fill({ reason, agent }) };
      const subject = { kind: "user", name: "alice", arn: "arn" } as const;
      for (let round = 0; round < 30; round++) {
        const verdict = round % 2 === 0 ? violation(reason, { ...evidence, round }) : notApplicable(reason);
        const who = { ...actor, userAgent: agent, arn: agent, eventName: agent };
        await reconcile(own, aJudgement({ subject, verdict, asOf: minutes(round) }), {
          now: minutes(round),
          delivery: "single",
          actor: who,
        });
      }
      const [finding] = await own.listAll(hubAccount.id);
      expect(Buffer.byteLength(JSON.stringify(finding))).toBeLessThan(150_000);
    }),
    { numRuns: 10 },
  );
});
