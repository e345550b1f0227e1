import { beforeEach, describe, expect, test } from "vitest";
import { compliant, type Severity, violation } from "../../shared/control.ts";
import { DeliveryError } from "../../shared/errors.ts";
import { changeFinding } from "../../shared/findings/change.ts";
import { createDynamoDbStore } from "../../shared/findings/dynamodb-store.ts";
import { exempted } from "../../shared/findings/exemption-transition.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { reconcile } from "../../shared/findings/reconcile.ts";
import { failed, held, undone } from "../../shared/findings/repair-transition.ts";
import { resolveOff } from "../../shared/findings/resolve.ts";
import type { AccountSweep, FindingStore } from "../../shared/findings/store.ts";
import { deliverDigest, deliverFinding, deliverUndelivered } from "../../shared/notify/deliver.ts";
import { type Notice, type Notifier, total } from "../../shared/notify/notice.ts";
import { snsMessage } from "../../shared/notify/sns.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { hubAccount } from "../support/findings.ts";
import { useDynamoDb } from "../support/findings-table.ts";

const legacy = { id: "444455556666", name: "legacy", ouPath: "Root/Legacy" };
const hour = (count: number): Date => new Date(Date.UTC(2026, 10, 3, count));

/** A channel that keeps what it was given, and fails while it is told to. */
const createChannel = () => {
  const published: Notice[] = [];
  let failing: (notice: Notice) => boolean = () => false;
  const notifier: Notifier = {
    publish: async (notice) => {
      snsMessage(notice);
      if (failing(notice)) throw new DeliveryError("SNS is down");
      published.push(notice);
    },
  };
  return { notifier, published, fail: (when: (notice: Notice) => boolean) => (failing = when) };
};

let channel: ReturnType<typeof createChannel>;
beforeEach(() => {
  channel = createChannel();
});

const told = () =>
  channel.published.map((notice) =>
    "finding" in notice ? `${notice.kind} ${notice.finding.subject.name}` : notice.kind,
  );

/** A violation of that user by that hour, or that it is over. */
const see = (
  store: FindingStore,
  name: string,
  at: number,
  options: {
    severity?: Severity;
    account?: AccountRef;
    delivery?: "single" | "digest";
    runId?: string;
    repairAfterHours?: number;
    over?: boolean;
    open?: ReadonlyMap<string, Finding>;
  } = {},
): Promise<Finding | undefined> => {
  const { severity = "high", account = hubAccount, delivery = "single", runId, repairAfterHours, over, open } = options;
  return reconcile(
    store,
    {
      control: severity === "critical" ? "root-without-mfa" : "console-user-without-mfa",
      severity,
      account,
      subject: { kind: "user", name, arn: `arn:aws:iam::${account.id}:user/${name}` },
      verdict: over ? compliant : violation(`User ${name} has no MFA device.`, { mfaActive: false }),
      asOf: hour(at),
    },
    { now: hour(at), delivery, runId, repairAfterHours, open },
  );
};

const seen = async (...args: Parameters<typeof see>): Promise<Finding> => {
  const finding = await see(...args);
  if (finding === undefined) throw new Error("nothing was opened");
  return finding;
};

const swept = (account: AccountRef, runId: string, at: number, changes: Partial<AccountSweep> = {}): AccountSweep => ({
  runId,
  accountId: account.id,
  accountName: account.name,
  ouPath: account.ouPath,
  status: "swept",
  startedAt: hour(at).toISOString(),
  finishedAt: hour(at).toISOString(),
  verdicts: { violation: 1, compliant: 1, unknown: 0, notApplicable: 0 },
  unknownCauses: [],
  gaps: [],
  ...changes,
});

const dynamoDb = useDynamoDb();

const stores: readonly [string, () => Promise<FindingStore>][] = [
  ["memory", async () => createMemoryStore()],
  ["DynamoDB", async () => createDynamoDbStore({ client: dynamoDb().client, table: await dynamoDb().createTable() })],
];

describe.each(stores)("with findings in %s", (_name, create) => {
  test("a single notice is told once, and the finding knows since when", async () => {
    const store = await create();
    const finding = await seen(store, "alice", 1);
    const after = await deliverFinding(store, channel.notifier, finding, { now: hour(2) });
    await deliverFinding(store, channel.notifier, finding, { now: hour(3) });
    await deliverFinding(store, channel.notifier, after, { now: hour(3) });
    expect(told()).toEqual(["opened alice"]);
    expect(await store.get(hubAccount.id, finding.id)).toMatchObject({
      notifiedAt: hour(2).toISOString(),
      outbox: [],
      history: [{ what: "opened" }, { what: "notified", reason: "opened" }],
    });
  });

  test("what belongs to the digest is not told singly", async () => {
    const store = await create();
    await deliverFinding(store, channel.notifier, await seen(store, "alice", 1, { delivery: "digest" }), {
      now: hour(2),
    });
    expect(await deliverUndelivered(store, channel.notifier, { now: hour(2) })).toEqual({ told: 0 });
    expect(told()).toEqual([]);
    expect(await store.listActive(hubAccount.id)).toMatchObject([{ version: 1, outbox: [{ kind: "opened" }] }]);
  });

  test("a notice that fails stays due, and its error asks for another try", async () => {
    const store = await create();
    const finding = await seen(store, "alice", 1);
    channel.fail(() => true);
    const failed = deliverFinding(store, channel.notifier, finding, { now: hour(2) });
    await expect(failed).rejects.toMatchObject({ name: "DeliveryError", retryable: true });
    expect(await store.get(hubAccount.id, finding.id)).toEqual(finding);
    channel.fail(() => false);
    expect(await deliverUndelivered(store, channel.notifier, { now: hour(3) })).toEqual({ told: 1 });
    expect(told()).toEqual(["opened alice"]);
  });

  test("a crash between telling and clearing tells once more, and loses nothing", async () => {
    const store = await create();
    const finding = await seen(store, "alice", 1);
    const crashing = { ...store, put: () => Promise.reject(new Error("the function was stopped")) };
    await expect(deliverFinding(crashing, channel.notifier, finding, { now: hour(2) })).rejects.toThrow("stopped");
    await deliverUndelivered(store, channel.notifier, { now: hour(3) });
    await deliverUndelivered(store, channel.notifier, { now: hour(4) });
    expect(told()).toEqual(["opened alice", "opened alice"]);
  });

  test("what changes while a notice goes out is told next", async () => {
    const store = await create();
    const finding = await seen(store, "alice", 1);
    const slow: Notifier = {
      publish: async (notice) => {
        if (channel.published.length === 0) await see(store, "alice", 2, { over: true });
        await channel.notifier.publish(notice);
      },
    };
    await deliverFinding(store, slow, finding, { now: hour(2) });
    await deliverUndelivered(store, channel.notifier, { now: hour(3) });
    expect(told()).toEqual(["opened alice", "resolved alice"]);
  });

  test("the hourly run tells what is due in every account, oldest first, past one that cannot be told", async () => {
    const store = await create();
    await see(store, "carol", 3);
    await see(store, "bob", 2, { account: legacy });
    await see(store, "alice", 1);
    channel.fail((notice) => "finding" in notice && notice.finding.subject.name === "bob");
    await expect(deliverUndelivered(store, channel.notifier, { now: hour(4) })).rejects.toMatchObject({
      retryable: true,
    });
    expect(told()).toEqual(["opened alice", "opened carol"]);
    channel.fail(() => false);
    expect(await deliverUndelivered(store, channel.notifier, { now: hour(5) })).toEqual({ told: 1 });
    expect(told()).toEqual(["opened alice", "opened carol", "opened bob"]);
  });

  test("one digest tells a run: news, resolved, open, and what it could not see", async () => {
    const store = await create();
    await deliverFinding(store, channel.notifier, await seen(store, "old", 1), { now: hour(1) });
    await deliverFinding(store, channel.notifier, await seen(store, "gone", 1), { now: hour(1) });
    const digest = { delivery: "digest", runId: "r1" } as const;
    await see(store, "gone", 4, { ...digest, over: true });
    await see(store, "alice", 4, digest);
    await see(store, "bob", 4, { ...digest, account: legacy });
    const root = await seen(store, "root", 4, { ...digest, severity: "critical" });
    await deliverFinding(store, channel.notifier, root, { now: hour(4) });
    await store.putSweep(
      swept(hubAccount, "r1", 4, {
        verdicts: { violation: 2, compliant: 0, unknown: 3, notApplicable: 0 },
        unknownCauses: [{ cause: "denied", count: 3 }],
      }),
    );
    await store.putSweep(swept(legacy, "r1", 4, { status: "failed", error: "AccessDeniedError: no role" }));
    channel.published.length = 0;
    await deliverDigest(store, channel.notifier, "r1", {
      now: hour(5),
      expected: [hubAccount, legacy, { id: "000000000009" }],
    });
    expect(told()).toEqual(["digest"]);
    expect(channel.published).toMatchObject([
      {
        digest: {
          runId: "r1",
          news: { critical: 1, high: 2, medium: 0, low: 0 },
          toldAlone: 1,
          resolved: 1,
          open: { critical: 1, high: 3, medium: 0, low: 0 },
          controls: [
            { id: "root-without-mfa", news: 1, open: 1 },
            { id: "console-user-without-mfa", title: "Console user has no MFA device", news: 2, resolved: 1, open: 3 },
          ],
          accounts: [{ account: hubAccount }, { account: legacy, news: { high: 1 } }],
          items: [
            { severity: "critical", toldAlone: true },
            { subject: { name: "alice" }, toldAlone: false },
            { subject: { name: "bob" } },
          ],
          resolvedItems: [{ subject: { name: "gone" }, reason: "It complies now." }],
          coverage: {
            swept: 1,
            failed: [{ account: legacy, error: "AccessDeniedError: no role" }],
            missing: [{ id: "000000000009" }],
            unknownVerdicts: 3,
            unknownCauses: [{ cause: "denied", count: 3, accounts: 1 }],
          },
        },
      },
    ]);
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
    expect((await store.listOpen(hubAccount.id)).every(({ notifiedAt }) => notifiedAt !== undefined)).toBe(true);
    const again = await deliverDigest(store, channel.notifier, "r1", { now: hour(6) });
    expect([total(again.news), again.toldAlone, again.resolved]).toEqual([1, 1, 0]);
  });

  test("a digest that fails stays due, for the next run or, overdue, for the hourly one", async () => {
    const store = await create();
    await see(store, "alice", 1, { delivery: "digest", runId: "r1", account: legacy });
    await store.putSweep(swept(legacy, "r1", 1));
    channel.fail(() => true);
    await expect(deliverDigest(store, channel.notifier, "r1", { now: hour(2) })).rejects.toBeInstanceOf(DeliveryError);
    channel.fail(() => false);
    await deliverUndelivered(store, channel.notifier, { now: hour(6) });
    expect(told()).toEqual([]);

    await see(store, "bob", 7, { delivery: "digest", runId: "r2" });
    await see(store, "dave", 7, { delivery: "digest", runId: "r2", account: legacy });
    await store.putSweep(swept(hubAccount, "r2", 7));
    const { digest: late } = await deliverUndelivered(store, channel.notifier, { now: hour(8) });
    expect(late).toMatchObject({ news: { high: 1 }, items: [{ subject: { name: "alice" } }] });
    expect(late).not.toMatchObject({ runId: expect.anything() });

    await see(store, "carol", 8, { delivery: "digest", runId: "r1", account: legacy });
    const next = await deliverDigest(store, channel.notifier, "r2", { now: hour(9) });
    expect(next.items.map(({ subject }) => subject.name)).toEqual(["bob", "carol", "dave"]);
    expect(told()).toEqual(["digest", "digest"]);
  });

  test("a finding that nobody heard of and that is over is one line of the digest", async () => {
    const store = await create();
    await see(store, "alice", 1, { delivery: "digest", runId: "r1" });
    const finding = await seen(store, "alice", 2, { over: true });
    await deliverFinding(store, channel.notifier, finding, { now: hour(2) });
    await store.putSweep(swept(hubAccount, "r1", 1));
    const digest = await deliverDigest(store, channel.notifier, "r1", { now: hour(3) });
    expect(digest).toMatchObject({ news: { high: 0 }, resolved: 1, open: { high: 0 } });
    expect(told()).toEqual(["digest"]);
  });

  test("the first sweep of an account with 3,000 violations is one digest; the critical ones are told singly", async () => {
    const store = await create();
    const names = Array.from({ length: 3_000 }, (_, index) => `user-${index}`);
    const options = { delivery: "digest", runId: "r1", open: new Map() } as const;
    for (let start = 0; start < names.length; start += 100)
      await Promise.all(
        names.slice(start, start + 100).map(async (name, index) => {
          const severity = start + index < 3 ? "critical" : index % 2 === 0 ? "high" : "medium";
          const finding = await seen(store, name, 1, { ...options, severity });
          await deliverFinding(store, channel.notifier, finding, { now: hour(1) });
        }),
      );
    await store.putSweep(swept(hubAccount, "r1", 1));
    await deliverDigest(store, channel.notifier, "r1", { now: hour(2), expected: [hubAccount] });
    expect(told().sort()).toEqual(["digest", "opened user-0", "opened user-1", "opened user-2"]);
    const digest = channel.published.find((notice) => notice.kind === "digest")?.digest;
    expect(digest).toMatchObject({ toldAlone: 3, news: { critical: 3, high: 1_498, medium: 1_499, low: 0 } });
    expect(digest && total(digest.news)).toBe(3_000);
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
    expect((await deliverUndelivered(store, channel.notifier, { now: hour(20) })).told).toBe(0);
    expect(channel.published).toHaveLength(4);
  }, 120_000);
});

describe("several entries of one finding", () => {
  const standing = { why: "Its key was used yesterday.", stage: "repair", interlock: "blastRadius" } as const;
  const exemption = { id: "e", by: "ann", reason: "Migration.", until: hour(100).toISOString() };

  const holding = async (store: FindingStore, finding: Finding): Promise<void> => {
    await changeFinding(store, finding.account.id, finding.id, (one) => one && held(one, standing, hour(1)));
  };

  test("that a digest owes are all told and cleared", async () => {
    const store = createMemoryStore();
    const finding = await seen(store, "alice", 1, { delivery: "digest", runId: "r1" });
    await holding(store, finding);
    await store.putSweep(swept(hubAccount, "r1", 1));
    const digest = await deliverDigest(store, channel.notifier, "r1", { now: hour(2) });
    expect(digest).toMatchObject({
      news: { high: 1 },
      held: 1,
      open: { high: 1 },
      repairNews: [{ kind: "held", counts: { high: 1 } }],
      items: [{ kind: "opened" }],
      repairItems: [{ kind: "held", reason: standing.why, finding: finding.id }],
      controls: [{ news: 1, open: 1, held: 1 }],
      accounts: [{ held: 1 }],
    });
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
    expect((await store.get(hubAccount.id, finding.id))?.notifiedAt).toBe(hour(2).toISOString());
  });

  test("of a digest that said when they are repaired start the ladder's clock, and what was undone is not announced", async () => {
    const store = createMemoryStore();
    const ahead = { delivery: "digest", runId: "r1", repairAfterHours: 168 } as const;
    const finding = await seen(store, "alice", 1, ahead);
    const other = await seen(store, "bob", 1, ahead);
    await changeFinding(
      store,
      hubAccount.id,
      other.id,
      (one) => one && undone(one, { ...standing, by: "ann" }, hour(1)),
    );
    await store.putSweep(swept(hubAccount, "r1", 1));
    const digest = await deliverDigest(store, channel.notifier, "r1", { now: hour(2) });
    expect(digest.toBeRepaired).toEqual([{ control: "console-user-without-mfa", afterHours: 168, count: 1 }]);
    expect((await store.get(hubAccount.id, finding.id))?.warnedAt).toBe(hour(2).toISOString());
  });

  test("are told by the hourly digest where they alone are left over", async () => {
    const store = createMemoryStore();
    const finding = await seen(store, "alice", 1);
    await deliverFinding(store, channel.notifier, finding, { now: hour(1) });
    await holding(store, finding);
    const { digest } = await deliverUndelivered(store, channel.notifier, { now: hour(8) });
    expect(digest).toMatchObject({ news: { high: 0 }, repairNews: [{ kind: "held" }] });
    expect(told()).toEqual(["opened alice", "digest"]);
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
  });

  test("that are told singly go out one by one, each once, also those that come meanwhile", async () => {
    const store = createMemoryStore();
    const finding = await seen(store, "alice", 1);
    await changeFinding(store, hubAccount.id, finding.id, (one) => one && failed(one, standing, hour(1)));
    await holding(store, finding);
    const slow: Notifier = {
      publish: async (notice) => {
        await channel.notifier.publish(notice);
        if (channel.published.length === 1)
          await changeFinding(
            store,
            hubAccount.id,
            finding.id,
            (one) => one && undone(one, { ...standing, by: "ann" }, hour(2)),
          );
      },
    };
    const after = await deliverFinding(store, slow, finding, { now: hour(2) });
    expect(told()).toEqual(["opened alice", "failed alice", "undone alice"]);
    expect(after.outbox).toMatchObject([{ kind: "held", delivery: "digest" }]);
  });

  test("what is exempt counts as that as long as it is, and is no news", async () => {
    const store = createMemoryStore();
    for (const severity of ["high", "critical"] as const) {
      const finding = await seen(store, severity, 1, { severity });
      await deliverFinding(store, channel.notifier, finding, { now: hour(1) });
      await changeFinding(
        store,
        hubAccount.id,
        finding.id,
        (one) => one && exempted(one, exemption, { now: hour(2), delivery: "digest", runId: "r1" }),
      );
    }
    await store.putSweep(swept(hubAccount, "r1", 1));
    const digest = await deliverDigest(store, channel.notifier, "r1", { now: hour(3) });
    expect(digest).toMatchObject({
      news: { critical: 0, high: 0 },
      toldAlone: 0,
      open: { critical: 0, high: 0 },
      exempt: { critical: 1, high: 1 },
      repairNews: [{ kind: "exempted", counts: { high: 1, critical: 0 } }],
      accounts: [{ exempt: 2, open: { high: 0 } }],
    });
    // Nobody has ended it yet, and still it excuses nobody any more.
    const later = await deliverDigest(store, channel.notifier, "r1", { now: hour(100) });
    expect(later).toMatchObject({ open: { critical: 1, high: 1 }, exempt: { critical: 0, high: 0 } });
  });

  test("3,000 violations, all held, are one digest that fits", async () => {
    const store = createMemoryStore();
    for (let index = 0; index < 3_000; index++)
      await holding(store, await seen(store, `user-${index}`, 1, { delivery: "digest", runId: "r1" }));
    await store.putSweep(swept(hubAccount, "r1", 1));
    await deliverDigest(store, channel.notifier, "r1", { now: hour(2) });
    expect(told()).toEqual(["digest"]);
    const [notice] = channel.published;
    const { Message, Subject } = snsMessage(notice ?? expect.fail("nothing was told"));
    expect(Subject).toBe("[iam-warden] new: 3,000 high; 3,000 repairs held");
    expect(Buffer.byteLength(Message)).toBeLessThanOrEqual(240 * 1024);
    const { email } = JSON.parse(Message);
    expect(email.match(/^- high, repair held: /gm)).toHaveLength(100);
    expect(email).toContain("… and 2,900 more notices");
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
  }, 120_000);
});

test("with the channel down the hourly run gives up soon, and leaves everything due", async () => {
  const store = createMemoryStore();
  for (let index = 0; index < 50; index++) await see(store, `user-${index}`, 1);
  let tries = 0;
  const down: Notifier = {
    publish: async () => {
      tries += 1;
      throw new DeliveryError("SNS is down");
    },
  };
  await expect(deliverUndelivered(store, down, { now: hour(2) })).rejects.toThrow(
    /5, first: DeliveryError: SNS is down/,
  );
  expect(tries).toBe(5);
  expect(await Array.fromAsync(store.undelivered())).toHaveLength(50);
});

test("notices that the channel refuses do not keep the others, however many they are", async () => {
  const store = createMemoryStore();
  for (let index = 0; index < 8; index++) await see(store, `bad-${index}`, 1);
  await see(store, "good", 2);
  const told: string[] = [];
  const picky: Notifier = {
    publish: async (notice) => {
      const name = "finding" in notice ? notice.finding.subject.name : notice.kind;
      if (name.startsWith("bad")) throw new DeliveryError("Invalid parameter: Message", { refused: true });
      told.push(name);
    },
  };
  await expect(deliverUndelivered(store, picky, { now: hour(3) })).rejects.toThrow(/: 8, first/);
  expect(told).toEqual(["good"]);
});

test("controls that were turned off close by the hundred in one digest, also critical ones", async () => {
  const store = createMemoryStore();
  for (let index = 0; index < 300; index++) {
    const finding = await seen(store, `user-${index}`, 1, { severity: "critical" });
    await deliverFinding(store, channel.notifier, finding, { now: hour(1) });
  }
  channel.published.length = 0;
  await resolveOff(store, hubAccount.id, () => false, { now: hour(3), runId: "r1" });
  await store.putSweep(swept(hubAccount, "r1", 3));
  await deliverDigest(store, channel.notifier, "r1", { now: hour(4) });
  expect(told()).toEqual(["digest"]);
  expect(channel.published).toMatchObject([{ digest: { resolved: 300, open: { critical: 0 } } }]);
});
