import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { OutOfTimeError } from "../../shared/errors.ts";
import type { EscalationDependencies } from "../../shared/escalation/dependencies.ts";
import { escalate } from "../../shared/escalation/escalate.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { findingAbout, hubAccount } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { settingsOf } from "../support/repair-flow.ts";

const start = Date.UTC(2026, 10, 3, 8);
const timeoutMs = 15 * 60_000;
const other: AccountRef = { id: "444455556666", name: "data", ouPath: "Root/Workloads" };
const never = new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

const world = () => {
  const asked: RepairMessage[] = [];
  const marked: string[] = [];
  const telemetry = recordedTelemetry();
  const iam = (id: string) => ({ send: async () => void marked.push(id) });
  const dependencies: EscalationDependencies = {
    aws: { iam } as unknown as AwsAccess,
    auditRoleName: "iam-warden-audit",
    marks: createMemoryMarkStore(),
    store: createMemoryStore(),
    exemptions: createMemoryExemptionStore(),
    notifier: { publish: async () => {} },
    repairs: { send: async (message) => void asked.push(message) },
    settings: settingsOf("version: 1\ncontrols:\n  console-user-without-mfa: { mode: remediate }\n"),
    listAccounts: async () => [hubAccount, other],
    telemetry,
    clock: () => new Date(),
  };
  return { asked, marked, telemetry, dependencies };
};

/** The hourly run as Lambda gives it its time: what has not come to an end then is killed. */
const run = async (dependencies: EscalationDependencies): Promise<unknown> => {
  const ended = escalate(dependencies, () => start + timeoutMs - Date.now()).then(
    () => "done",
    (error: unknown) => error,
  );
  const killed = new Promise((resolve) => setTimeout(resolve, timeoutMs, "killed"));
  const outcome = Promise.race([ended, killed]);
  await vi.advanceTimersByTimeAsync(timeoutMs);
  return outcome;
};

const ago = (hours: number): string => new Date(start - hours * 3_600_000).toISOString();
const at = ago(200);
const due = { notifiedAt: at, warnedAt: at, reminded: { dueAt: ago(32), at: ago(56) } };

describe("an hourly run in which", () => {
  it("the channel does not answer asks for what is due all the same, and marks accounts", async () => {
    const { dependencies, asked, marked } = world();
    await dependencies.store.put(findingAbout("alice", due));
    const outbox = [{ id: "v1-opened", kind: "opened" as const, at, delivery: "single" as const, reason: "no MFA" }];
    await dependencies.store.put(findingAbout("bob", { outbox }));
    expect(await run({ ...dependencies, notifier: { publish: () => never } })).toBeInstanceOf(OutOfTimeError);
    expect(asked).toHaveLength(1);
    expect(marked).toEqual([hubAccount.id, other.id]);
  });

  it("one account does not answer gives the other its turn", async () => {
    const { dependencies, asked } = world();
    const { store } = dependencies;
    await store.put(findingAbout("alice", due));
    await store.put(findingAbout("bob", { ...due, account: other }));
    for (const silent of [hubAccount, other]) {
      asked.length = 0;
      const listActive = (id: string) => (id === silent.id ? never : store.listActive(id));
      vi.setSystemTime(start);
      expect(await run({ ...dependencies, store: { ...store, listActive } })).toBeInstanceOf(OutOfTimeError);
      expect(asked.map(({ accountId }) => accountId)).toEqual([silent === hubAccount ? other.id : hubAccount.id]);
    }
  });

  it("one account has more to change than there is time for gives the other its turn, and the next run goes on", async () => {
    const { dependencies, asked, telemetry } = world();
    const { store } = dependencies;
    for (let number = 0; number < 10; number++)
      await store.put(findingAbout(`user-${number}`, { notifiedAt: at, warnedAt: at, control: "stale-access-key" }));
    await store.put(findingAbout("bob", { ...due, account: other }));
    const slow: typeof store = {
      ...store,
      put: async (finding) => {
        vi.setSystemTime(Date.now() + 60_000);
        await store.put(finding);
      },
    };
    const left = async () =>
      (await store.listActive(hubAccount.id)).filter(({ warnedAt }) => warnedAt !== undefined).length;
    const lefts: number[] = [];
    for (let hour = 0; hour < 4; hour++) {
      vi.setSystemTime(start);
      await run({ ...dependencies, store: slow });
      lefts.push(await left());
    }
    expect(lefts).toEqual(lefts.toSorted((a, b) => b - a));
    expect([Math.max(...lefts) < 10, lefts.at(-1)]).toEqual([true, 0]);
    expect(asked.filter(({ accountId }) => accountId === other.id)).toHaveLength(4);
    expect(telemetry.lines.some(({ message }) => message.includes("The time was too short for the last"))).toBe(true);
  });

  it("marks are left in an account that does not answer ends before it is killed, with its counts", async () => {
    const { dependencies, telemetry } = world();
    const iam = () => ({ send: () => never });
    expect(await run({ ...dependencies, aws: { iam } as unknown as AwsAccess })).toBeInstanceOf(OutOfTimeError);
    expect(telemetry.lines.some(({ message }) => message.startsWith("Marking accounts failed"))).toBe(true);
  });
});
