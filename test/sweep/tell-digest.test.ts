import { afterEach, expect, test, vi } from "vitest";
import { DeliveryError } from "../../shared/errors.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { AccountSweep } from "../../shared/findings/store.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import { tellDigest, tellLeftOver } from "../../shared/sweep/tell-digest.ts";
import { aFinding, findingAbout, hubAccount, unreadable, unreadableSweep } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

const at = "2026-11-03T06:00:00.000Z";
const timeoutMs = 15 * 60_000;

afterEach(() => {
  vi.useRealTimers();
});

const digesting = async (failing: (notice: Notice) => boolean) => {
  const store = createMemoryStore();
  await store.put({
    ...findingAbout("alice"),
    outbox: [{ id: "v1", kind: "opened", at, delivery: "single", reason: "no MFA" }],
  });
  const told: string[] = [];
  const published: Notice[] = [];
  const telemetry = recordedTelemetry();
  const publish = async (notice: Notice): Promise<void> => {
    if (failing(notice)) throw new DeliveryError(`cannot tell ${notice.kind}`);
    told.push(notice.kind);
    published.push(notice);
  };
  const tell = () =>
    tellDigest(
      { store, notifier: { publish }, telemetry, clock: () => new Date(at) },
      { runId: "r1", listedAt: at, accounts: [hubAccount] },
      () => timeoutMs,
    );
  const tellHourly = (now: string) =>
    tellLeftOver({ store, notifier: { publish }, telemetry, clock: () => new Date(now) });
  return { store, told, published, telemetry, tell, tellHourly };
};

test("a notice that was left over and cannot be told is no reason to tell the digest again", async () => {
  const { tell, told, telemetry, store } = await digesting(({ kind }) => kind !== "digest");
  await expect(tell()).resolves.toBeUndefined();
  expect(told).toEqual(["digest"]);
  expect(telemetry.counted("NotificationsFailed")).toBe(1);
  expect(telemetry.lines).toContainEqual(
    expect.objectContaining({ level: "error", message: expect.stringContaining("cannot tell opened") }),
  );
  expect(await Array.fromAsync(store.undelivered())).toHaveLength(1);
});

test("a channel that does not answer for what was left over lets the function end, which else would tell the digest again", async () => {
  vi.useFakeTimers({ now: Date.parse(at) });
  const store = createMemoryStore();
  await store.put({
    ...findingAbout("alice"),
    outbox: [{ id: "v1", kind: "opened", at, delivery: "single", reason: "no MFA" }],
  });
  const publish = ({ kind }: Notice): Promise<void> => (kind === "digest" ? Promise.resolve() : new Promise(() => {}));
  const telemetry = recordedTelemetry();
  const told = tellDigest(
    { store, notifier: { publish }, telemetry, clock: () => new Date() },
    { runId: "r1", listedAt: at, accounts: [hubAccount] },
    () => Date.parse(at) + timeoutMs - Date.now(),
  ).then(() => "told");
  const killed = new Promise((resolve) => setTimeout(resolve, timeoutMs, "killed"));
  const outcome = Promise.race([told, killed]);
  await vi.advanceTimersByTimeAsync(timeoutMs);
  expect(await outcome).toBe("told");
  expect(await Array.fromAsync(store.undelivered())).toHaveLength(1);
});

test("a digest counts the accounts that were swept, and those that were not", async () => {
  const { tell, telemetry } = await digesting(() => false);
  await tell();
  expect([telemetry.counted("AccountsSwept"), telemetry.counted("AccountsUnswept")]).toEqual([0, 1]);
});

test("a digest that cannot be told fails, to be tried again", async () => {
  const { tell, told, telemetry } = await digesting(({ kind }) => kind === "digest");
  await expect(tell()).rejects.toMatchObject({ name: "DeliveryError", retryable: true });
  expect(told).toEqual([]);
  expect(telemetry.counted("NotificationsFailed")).toBe(1);
});

test("the hourly run tells what was left over once the channel is back, a digest's entries after six hours", async () => {
  let isDown = true;
  const { tellHourly, told, telemetry, store } = await digesting(() => isDown);
  await store.put({
    ...findingAbout("bob"),
    outbox: [{ id: "v1", kind: "opened", at, delivery: "digest", reason: "no MFA", runId: "r1" }],
  });
  await expect(tellHourly("2026-11-03T06:30:00.000Z")).rejects.toMatchObject({ name: "DeliveryError" });
  expect(telemetry.counted("NotificationsFailed")).toBe(1);
  isDown = false;
  await tellHourly("2026-11-03T07:30:00.000Z");
  expect(told).toEqual(["opened"]);
  await tellHourly("2026-11-03T12:30:00.000Z");
  await tellHourly("2026-11-03T13:30:00.000Z");
  expect(told).toEqual(["opened", "digest"]);
  expect(await Array.fromAsync(store.undelivered())).toEqual([]);
});

test.each([
  ["untold", [{ id: "v1", kind: "opened", at, delivery: "digest", reason: "no MFA", runId: "r1" } as const]],
  ["open", []],
])(
  "an account with an %s finding that cannot be read is named by the digest, which tells the others",
  async (_what, outbox) => {
    const store = createMemoryStore();
    const [broken, gone] = [{ id: "444455556666", name: "legacy" }, { id: "777788889999" }];
    await store.put(findingAbout("alice"));
    await store.put(findingAbout("bob", { account: gone }));
    for (const account of [broken, gone]) await store.put(unreadable(aFinding({ account, outbox })));
    const told: Notice[] = [];
    const telemetry = recordedTelemetry();
    const publish = async (notice: Notice): Promise<void> => {
      told.push(notice);
    };
    await tellDigest(
      { store, notifier: { publish }, telemetry, clock: () => new Date(at) },
      { runId: "r1", listedAt: at, accounts: [hubAccount, broken] },
      () => timeoutMs,
    );
    expect(told).toMatchObject([
      {
        kind: "digest",
        digest: {
          open: { high: 1 },
          coverage: {
            unreadable: [
              { account: broken, error: expect.stringContaining("severity") },
              { account: gone, error: expect.stringContaining("severity") },
            ],
          },
        },
      },
    ]);
    expect(telemetry.counted("FindingsUnreadable")).toBe(2);
    expect(telemetry.lines).toContainEqual(
      expect.objectContaining({ level: "error", message: expect.stringContaining("cannot be read") }),
    );
  },
);

test("an account whose result cannot be read is told as not swept, with what is open there, and the others are told", async () => {
  const { tell, told, published, telemetry, store } = await digesting(({ kind }) => kind !== "digest");
  const swept: AccountSweep = {
    runId: "r1",
    accountId: "444455556666",
    status: "swept",
    startedAt: at,
    finishedAt: at,
    verdicts: { violation: 0, compliant: 1, unknown: 0, notApplicable: 0 },
    unknownCauses: [],
    gaps: [],
  };
  await store.putSweep(swept);
  await store.putSweep(unreadableSweep({ ...swept, accountId: hubAccount.id }));
  await store.putSweep(unreadableSweep({ ...swept, accountId: "777788889999" }));
  await tell();
  expect(told).toEqual(["digest"]);
  const error = expect.stringMatching(/^its result cannot be read: .*status/s);
  expect(published).toMatchObject([
    {
      digest: {
        open: { high: 1 },
        coverage: {
          swept: 1,
          failed: [
            { account: hubAccount, error },
            { account: { id: "777788889999" }, error },
          ],
          missing: [],
        },
      },
    },
  ]);
  expect(telemetry.counted("SweepsUnreadable")).toBe(2);
  expect(telemetry.lines).toContainEqual(
    expect.objectContaining({ level: "error", message: expect.stringContaining("its result cannot be read") }),
  );
});

test("the hourly run tells what can be read, and fails for what cannot", async () => {
  const { tellHourly, told, telemetry, store } = await digesting(() => false);
  const outbox = [{ id: "v1", kind: "opened", at, delivery: "digest", reason: "no MFA" } as const];
  await store.put(unreadable(aFinding({ account: { id: "000000000001" }, outbox })));
  await store.put(findingAbout("bob", { outbox }));
  await expect(tellHourly("2026-11-03T12:30:00.000Z")).rejects.toThrow(/severity/);
  expect(told).toEqual(["opened", "digest"]);
  expect(telemetry.counted("NotificationsFailed")).toBe(1);
});
