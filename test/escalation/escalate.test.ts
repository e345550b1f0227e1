import type { TagRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { ConflictError, DeliveryError, MalformedInputError, StoreError } from "../../shared/errors.ts";
import type { EscalationDependencies } from "../../shared/escalation/dependencies.ts";
import { escalate } from "../../shared/escalation/escalate.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { changeMarks, type MarkStore } from "../../shared/marks/mark-store.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { arrivedMark } from "../../shared/marks/standing.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { holding } from "../../shared/settings/held.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { aFinding, findingAbout, hubAccount } from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { settingsOf } from "../support/repair-flow.ts";

const hourMs = 3_600_000;
const start = Date.UTC(2026, 10, 3, 8);
const iso = (hours: number): string => new Date(start + hours * hourMs).toISOString();

const week = settingsOf(`version: 1
controls:
  console-user-without-mfa: { mode: remediate }
breaker: { perAccount: { count: 3, percent: 100 }, organization: { count: 3, percent: 100 } }
`);

interface World extends EscalationDependencies {
  readonly notices: Notice[];
  readonly asked: RepairMessage[];
  readonly telemetry: ReturnType<typeof recordedTelemetry>;
  /** The hourly run, so many hours after the start. */
  at(hours: number, changes?: Partial<EscalationDependencies>): Promise<void>;
}

/** IAM in which every mark is heard of at once, so that no account is ever blind. */
const markable = (marks: MarkStore, clock: () => Date): AwsAccess => {
  const iam = (accountId: string) => ({
    send: async ({ input: { Tags = [] } }: TagRoleCommand) => {
      const at = clock().toISOString();
      await changeMarks(marks, accountId, (one) => arrivedMark(one, Tags[0]?.Value ?? "", { recordedAt: at, at }));
    },
  });
  return { iam } as unknown as AwsAccess;
};

const world = (settings: Settings = week, store: FindingStore = createMemoryStore()): World => {
  let now = start;
  const notices: Notice[] = [];
  const asked: RepairMessage[] = [];
  const telemetry = recordedTelemetry();
  const marks = createMemoryMarkStore();
  const dependencies: EscalationDependencies = {
    aws: markable(marks, () => new Date(now)),
    auditRoleName: "iam-warden-audit",
    marks,
    store,
    exemptions: createMemoryExemptionStore(),
    notifier: { publish: async (notice) => void notices.push(notice) },
    repairs: { send: async (message) => void asked.push(message) },
    settings,
    listAccounts: async (): Promise<AccountRef[]> => [hubAccount],
    telemetry,
    clock: () => new Date(now),
  };
  return {
    ...dependencies,
    notices,
    asked,
    telemetry,
    at: async (hours, changes = {}) => {
      now = start + hours * hourMs;
      await escalate({ ...dependencies, ...changes }, () => 15 * 60_000);
    },
  };
};

const told = { notifiedAt: iso(0), warnedAt: iso(0) };
const due = { ...told, reminded: { dueAt: iso(168), at: iso(144) } };
const kindsOf = ({ notices }: World) => notices.map(({ kind }) => kind);
const stored = async ({ store }: World, { id } = aFinding()) => {
  const finding = await store.get(hubAccount.id, id);
  if (finding === undefined) throw new Error("it is gone");
  return finding;
};

describe("a ladder of a week", () => {
  it("asks for nothing, reminds once a day before, and asks when the week is over", async () => {
    const w = world();
    await w.store.put(aFinding(told));
    for (const hours of [1, 24, 143]) await w.at(hours);
    expect([w.notices, w.asked]).toEqual([[], []]);
    for (const hours of [144, 145, 167]) await w.at(hours);
    expect(w.notices).toMatchObject([
      { kind: "reminder", account: hubAccount, items: [{ dueAt: iso(168), isFirst: false }] },
    ]);
    expect(w.asked).toEqual([]);
    await w.at(168);
    expect(w.asked).toEqual([{ kind: "repair", accountId: hubAccount.id, findingId: aFinding().id, stage: "repair" }]);
  });

  it("begins with a warning where people were told before anything was to be repaired", async () => {
    const w = world();
    await w.store.put(aFinding({ notifiedAt: iso(-1_000) }));
    await w.at(0);
    expect(w.notices).toMatchObject([{ kind: "reminder", items: [{ dueAt: iso(168), isFirst: true }] }]);
    expect((await stored(w)).warnedAt).toBe(iso(0));
    await w.at(1);
    expect([w.notices.length, w.asked]).toEqual([1, []]);
  });

  it("says nothing of what nobody was told of yet", async () => {
    const w = world();
    await w.store.put(aFinding());
    await w.at(1_000);
    expect([w.notices, w.asked]).toEqual([[], []]);
  });

  it("moves with a reminder that could not be told in time", async () => {
    const w = world();
    await w.store.put(aFinding(told));
    const down = { notifier: { publish: () => Promise.reject(new DeliveryError("SNS is down")) } };
    await expect(w.at(144, down)).rejects.toThrow("SNS is down");
    await expect(w.at(170, down)).rejects.toThrow("SNS is down");
    expect(w.asked).toEqual([]);
    await w.at(171);
    await w.at(194);
    expect(w.asked).toEqual([]);
    await w.at(195);
    expect(w.asked).toHaveLength(1);
  });
});

describe("reminders", () => {
  it("are one notice for each who owns something, and one for what nobody owns", async () => {
    const w = world();
    for (const [name, owners] of [
      ["a", ["alice"]],
      ["b", ["bob", "platform"]],
      ["c", ["alice"]],
      ["d", undefined],
    ] as const)
      await w.store.put(findingAbout(name, { ...told, ...(owners && { owners }) }));
    await w.at(144);
    const reminders = w.notices.flatMap((notice) => (notice.kind === "reminder" ? [notice] : []));
    expect(
      reminders
        .map(({ owners, items }) => `${owners.join("+")}: ${items.map(({ finding }) => finding.subject.name).sort()}`)
        .sort(),
    ).toEqual([": d", "alice: a,c", "bob+platform: b"]);
  });

  it("reach all others though the channel refuses one, and the refused one is tried again", async () => {
    const w = world();
    await w.store.put(findingAbout("a", { ...told, owners: ["evil"] }));
    await w.store.put(findingAbout("b", { ...told, owners: ["good"] }));
    const refusing = {
      notifier: {
        publish: async (notice: Notice) => {
          if (notice.kind === "reminder" && notice.owners.includes("evil"))
            throw new DeliveryError("too long", { refused: true });
          await w.notifier.publish(notice);
        },
      },
    };
    await expect(w.at(144, refusing)).rejects.toThrow("too long");
    expect(w.notices).toMatchObject([{ kind: "reminder", owners: ["good"] }]);
    await w.at(145);
    expect(w.notices).toMatchObject([{ owners: ["good"] }, { owners: ["evil"] }]);
  });

  it.each(["undone", "repaired"] as const)("say nothing of what was %s", async (state) => {
    const w = world();
    const repair = { state, at: iso(1), why: "So it is.", stage: "repair" as const, remediationId: "r-0001" };
    await w.store.put(aFinding({ ...told, repair }));
    await w.at(144);
    expect(w.notices).toEqual([]);
  });
});

describe("what is asked for", () => {
  it("is not what was undone, however long it is due", async () => {
    const w = world();
    await w.store.put(aFinding({ ...due, repair: { state: "undone", at: iso(170), why: "x", stage: "repair" } }));
    for (let hours = 171; hours < 200; hours++) await w.at(hours);
    expect(w.asked).toEqual([]);
  });

  it.each(["held", "failed", "repaired"] as const)("is once a day what is %s already", async (state) => {
    const w = world();
    await w.store.put(aFinding({ ...due, repair: { state, at: iso(170), why: "x", stage: "repair" } }));
    for (let hours = 171; hours < 171 + 72; hours++) await w.at(hours);
    expect(w.asked).toHaveLength(3);
  });

  it("is every hour what only a breaker holds", async () => {
    const w = world();
    const repair = { state: "held" as const, at: iso(170), why: "x", stage: "repair" as const };
    await w.store.put(aFinding({ ...due, repair: { ...repair, interlock: "withinBreaker" } }));
    for (let hours = 171; hours < 174; hours++) await w.at(hours);
    expect(w.asked).toHaveLength(3);
  });

  it("is, of a backlog, twice what the breaker lets through, and everything in its turn", async () => {
    const w = world();
    const names = Array.from({ length: 15 }, (_, index) => `user-${index}`);
    for (const name of names) await w.store.put(findingAbout(name, due));
    await w.at(169);
    expect(w.asked).toHaveLength(6);
    // Whatever comes of those asked for, the others are not kept waiting by them.
    for (let hours = 170; w.asked.length < 90 && hours < 190; hours++) {
      for (const message of w.asked.splice(0)) {
        if (message.kind !== "repair") continue;
        const finding = await w.store.get(hubAccount.id, message.findingId);
        const repair = {
          state: "held" as const,
          at: iso(hours),
          why: "x",
          stage: "repair" as const,
          interlock: "plan",
        };
        if (finding && !finding.repair) await w.store.put({ ...finding, repair, version: finding.version + 1 });
      }
      await w.at(hours);
    }
    const findings = await w.store.listOpen(hubAccount.id);
    expect(findings.filter(({ repair }) => repair !== undefined)).toHaveLength(15);
  });

  it("is all that people approved, backlog or not", async () => {
    const w = world();
    const approval = { by: "alice", at: iso(1), digest: "d", stage: "repair" as const, why: "x" };
    for (let index = 0; index < 8; index++) await w.store.put(findingAbout(`user-${index}`, { ...told, approval }));
    await w.at(2);
    expect(w.asked).toHaveLength(8);
  });

  it("is what was begun and left behind, excused, switched off or unplaced by now", async () => {
    const remediating = {
      repair: {
        state: "remediating" as const,
        at: iso(1),
        why: "x",
        stage: "repair" as const,
        remediationId: "r-0001",
      },
    };
    const exemption = { id: "e", by: "alice", reason: "Migrates", until: iso(500) };
    const notify = settingsOf("version: 1\ncontrols: {}\n");
    const cases = [
      [world(), aFinding({ ...due, ...remediating }), [hubAccount]],
      [world(notify), aFinding(remediating), [hubAccount]],
      [world(), aFinding({ ...remediating, exemption }), [hubAccount]],
      [world(), aFinding({ ...due, ...remediating }), [{ id: hubAccount.id }]],
      [world(), aFinding({ ...remediating, status: "resolved", resolvedAt: iso(1) }), [hubAccount]],
    ] as const;
    for (const [w, finding, accounts] of cases) {
      await w.store.put(finding);
      const changes = { listAccounts: async () => [...accounts] };
      await w.at(1.2, changes);
      expect(w.asked).toEqual([]);
      await w.at(1.3, changes);
      expect(w.asked).toHaveLength(1);
    }
  });

  it("is what was begun in an account that is no member any more", async () => {
    const w = world();
    const repair = {
      state: "remediating" as const,
      at: iso(1),
      why: "x",
      stage: "repair" as const,
      remediationId: "r-0001",
    };
    await w.store.put(aFinding({ ...due, repair }));
    await w.store.put(findingAbout("other", due));
    await w.at(200, { listAccounts: async () => [{ id: "444455556666", ouPath: "Root" }] });
    expect(w.asked).toMatchObject([{ findingId: aFinding().id }]);
    expect(w.notices).toEqual([]);
  });

  it("keeps nothing else in its account from being done where it cannot be asked for", async () => {
    const w = world();
    const repair = {
      state: "remediating" as const,
      at: iso(1),
      why: "x",
      stage: "repair" as const,
      remediationId: "r-0001",
    };
    const exemption = { id: "e", by: "alice", reason: "Migrates", until: iso(100) };
    for (let index = 0; index < 4; index++) {
      await w.store.put(findingAbout(`begun-${index}`, { ...due, repair }));
      await w.store.put(findingAbout(`excused-${index}`, { ...told, exemption }));
      await w.store.put(findingAbout(`near-${index}`, told));
    }
    const repairs = { send: () => Promise.reject(new ConflictError("Nothing here can repair")) };
    await expect(w.at(150, { repairs })).rejects.toThrow("Nothing here can repair");
    const all = await w.store.listAll(hubAccount.id);
    expect(all.filter(({ exemption: one }) => one !== undefined)).toEqual([]);
    expect(w.notices.flatMap((notice) => (notice.kind === "reminder" ? notice.items : []))).toHaveLength(4);
  });

  it("is, of a backlog in many accounts, twice what the organization's breaker lets through, and in turns", async () => {
    const w = world();
    const accounts = Array.from({ length: 4 }, (_, index) => ({
      id: `${111111111110 + index}`,
      name: "one",
      ouPath: "Root",
    }));
    for (const account of accounts)
      for (let index = 0; index < 8; index++) {
        const name = `user-${index}`;
        await w.store.put({ ...findingAbout(name, { ...due, account }), id: `${index}`.repeat(32) });
      }
    const held = { state: "held" as const, why: "x", stage: "repair" as const, interlock: "withinBreaker" };
    const turns = new Map<string, number>();
    for (let hours = 169; hours < 175; hours++) {
      w.asked.length = 0;
      await w.at(hours, { listAccounts: async () => accounts });
      expect(w.asked).toHaveLength(6);
      expect(new Set(w.asked.map(({ accountId }) => accountId)).size).toBe(4);
      for (const message of w.asked) {
        if (message.kind !== "repair") continue;
        const finding = await w.store.get(message.accountId, message.findingId);
        if (finding)
          await w.store.put({ ...finding, repair: { ...held, at: iso(hours) }, version: finding.version + 1 });
        const key = `${message.accountId} ${message.findingId}`;
        turns.set(key, (turns.get(key) ?? 0) + 1);
      }
    }
    expect(Math.max(...turns.values())).toBeLessThanOrEqual(2);
  });

  it("is nothing in an account that is no member, and nothing where the organization cannot be listed", async () => {
    const w = world();
    await w.store.put(aFinding(due));
    await w.at(200, { listAccounts: async () => [] });
    await expect(w.at(200, { listAccounts: () => Promise.reject(new Error("denied")) })).rejects.toThrow("denied");
    expect([w.notices, w.asked]).toEqual([[], []]);
  });
});

describe("settings that repair no more", () => {
  const notify = settingsOf("version: 1\ncontrols: {}\n");

  it("let the warning and what held the repair be forgotten", async () => {
    const w = world();
    const repair = {
      state: "held" as const,
      at: iso(170),
      why: "x",
      stage: "repair" as const,
      interlock: "blastRadius",
    };
    const outbox = [{ id: "v9-held", kind: "held" as const, at: iso(170), delivery: "digest" as const, reason: "x" }];
    await w.store.put(aFinding({ ...due, repair, outbox }));
    await w.at(171, { settings: notify });
    const after = await stored(w);
    expect(after).toMatchObject({ notifiedAt: iso(0), outbox: [] });
    expect([after.warnedAt, after.reminded, after.repair]).toEqual([undefined, undefined, undefined]);
    await w.at(172);
    expect(w.notices).toMatchObject([{ kind: "reminder", items: [{ isFirst: true, dueAt: iso(172 + 168) }] }]);
    expect(w.asked).toEqual([]);
  });

  it("are not those of an account whose OU is not known for an hour: its warnings stand", async () => {
    const w = world();
    await w.store.put(aFinding(due));
    await w.at(169, { listAccounts: async () => [{ id: hubAccount.id, name: hubAccount.name }] });
    expect(w.asked).toEqual([]);
    expect((await stored(w)).warnedAt).toBe(iso(0));
    expect(w.telemetry.lines).toMatchObject([{ level: "error", message: expect.stringContaining("OU is not known") }]);
    await w.at(170);
    expect(w.asked).toHaveLength(1);
  });
});

describe("an exemption", () => {
  const exempt = async (w: World, until: string, changes = {}) =>
    w.exemptions.put({
      ...{ id: "0123456789abcdef", controls: ["console-user-without-mfa"], scope: { account: hubAccount.id } },
      ...{ reason: "Migrates in December", by: "alice", createdAt: iso(0), until, version: 1 },
      ...changes,
    });

  it("of an OU is not over where the account's OU is not known for an hour", async () => {
    const w = world();
    await exempt(w, iso(1_000), { scope: { ou: "Root/Workloads" } });
    await w.store.put(aFinding(told));
    await w.at(1);
    const { exemption } = await stored(w);
    expect(exemption).toBeDefined();
    w.notices.length = 0;
    await w.at(2, { listAccounts: async () => [{ id: hubAccount.id, name: hubAccount.name }] });
    expect((await stored(w)).exemption).toEqual(exemption);
    expect((await stored(w)).outbox.map(({ kind }) => kind)).not.toContain("exemptionEnded");
    expect(w.notices).toEqual([]);
  });

  it("is announced once in its last week, and is over by itself: told anew, with a ladder that begins anew", async () => {
    const w = world();
    await w.store.put(aFinding(told));
    await exempt(w, iso(400));
    await w.at(1);
    expect(await stored(w)).toMatchObject({ exemption: { by: "alice" }, outbox: [{ kind: "exempted" }] });
    for (const hours of [200, 400 - 169]) await w.at(hours);
    expect(kindsOf(w)).not.toContain("exemptionExpiring");
    for (const hours of [400 - 168, 300, 399]) await w.at(hours);
    expect(kindsOf(w).filter((kind) => kind === "exemptionExpiring")).toHaveLength(1);
    expect(w.asked).toEqual([]);
    await w.at(400);
    const over = await stored(w);
    expect(over.exemption).toBeUndefined();
    expect(over.outbox).toMatchObject([{ kind: "exemptionEnded" }]);
    expect(over.warnedAt).toBeUndefined();
    await w.at(600);
    expect(w.asked).toEqual([]);
  });

  it("is announced though another's announcement is refused", async () => {
    const w = world();
    await exempt(w, iso(100));
    await exempt(w, iso(100), { id: "fedcba9876543210" });
    let published = 0;
    const refusing = {
      notifier: {
        publish: async (notice: Notice) => {
          published += 1;
          if (published === 1) throw new DeliveryError("refused", { refused: true });
          await w.notifier.publish(notice);
        },
      },
    };
    await expect(w.at(1, refusing)).rejects.toThrow("refused");
    expect(kindsOf(w)).toEqual(["exemptionExpiring"]);
    await w.at(2);
    expect(kindsOf(w)).toEqual(["exemptionExpiring", "exemptionExpiring"]);
    await w.at(3);
    expect(w.notices).toHaveLength(2);
  });

  it("that ends while it is announced is no failure", async () => {
    const w = world();
    await exempt(w, iso(100));
    const ending = {
      notifier: {
        publish: async (notice: Notice) => {
          const now = await w.exemptions.get("0123456789abcdef");
          if (now) await w.exemptions.put({ ...now, endedAt: iso(1), endedBy: "alice", version: now.version + 1 });
          await w.notifier.publish(notice);
        },
      },
    };
    await w.at(1, ending);
    await w.at(2);
    expect(w.notices).toHaveLength(1);
  });
});

describe("the hourly run", () => {
  it("does the rest where one part fails, and fails at the end", async () => {
    const store = createMemoryStore();
    const other = { id: "444455556666", name: "other", ouPath: "Root" };
    const w = world(week, {
      ...store,
      listActive: async (id) => {
        if (id === other.id) throw new MalformedInputError("The stored finding of other cannot be read");
        return store.listActive(id);
      },
    });
    await w.store.put(aFinding(due));
    await w.store.put(aFinding({ ...due, account: other }));
    const changes = {
      listAccounts: async () => [other, hubAccount],
      exemptions: { ...w.exemptions, list: () => Promise.reject(new StoreError("no table")) },
    };
    await expect(w.at(169, changes)).rejects.toThrow("no table");
    // Nobody knows who is excused: nothing is asked for.
    expect(w.asked).toEqual([]);
    await expect(w.at(169, { listAccounts: changes.listAccounts })).rejects.toThrow("cannot be read");
    expect(w.asked).toMatchObject([{ accountId: hubAccount.id }]);
  });

  it("begins with another account each hour, and stops in time", async () => {
    const w = world();
    const accounts = ["111111111111", "222222222222", "333333333333"].map((id) => ({ id, name: id, ouPath: "Root" }));
    for (const account of accounts) await w.store.put(aFinding({ ...due, account }));
    const first = new Set<string>();
    for (let hours = 169; hours < 172; hours++) {
      w.asked.length = 0;
      let read = 0;
      const store = {
        ...w.store,
        listActive: (id: string) => {
          read += 1;
          return w.store.listActive(id);
        },
      };
      const clock = () => new Date(start + hours * hourMs);
      const remainingMs = () => [200_000, 172_000][read] ?? 100_000;
      const run = escalate({ ...w, store, clock, listAccounts: async () => accounts }, remainingMs);
      // The second was begun, and the third is left.
      await expect(run).rejects.toThrow("The time was too short for the last 1 of 1");
      expect(w.asked).toHaveLength(1);
      first.add(w.asked[0]?.accountId ?? "");
    }
    expect(first.size).toBe(3);
    expect(w.telemetry.lines.filter(({ level }) => level === "warn")).toHaveLength(3);
  });

  it("that dies after a reminder was published tells no more than that again", async () => {
    const w = world();
    await w.store.put(aFinding(told));
    const dying = { ...w.store, put: () => Promise.reject(new StoreError("died")) };
    await expect(w.at(144, { store: dying })).rejects.toThrow("died");
    await w.at(145);
    await w.at(146);
    expect(kindsOf(w)).toEqual(["reminder", "reminder"]);
  });
});

describe("repairs that are held as a whole", () => {
  const held = holding(week, "The settings could not be read from AppConfig yet.");

  it("are not asked for, and nobody's warning is forgotten, even if the settings that are known only notify", async () => {
    const notify = holding(settingsOf("version: 1\n"), "The settings could not be read from AppConfig yet.");
    for (const settings of [held, notify]) {
      const w = world();
      await w.store.put(aFinding(due));
      await w.at(169, { settings });
      expect([w.asked, w.notices]).toEqual([[], []]);
      expect((await stored(w)).warnedAt).toBe(iso(0));
      await w.at(170);
      expect(w.asked).toHaveLength(1);
    }
  });

  it("are not reminded of until they are held no more, and then wait for as long as a reminder comes before", async () => {
    const w = world();
    await w.store.put(aFinding(told));
    await w.at(150, { settings: held });
    await w.at(168, { settings: held });
    expect([w.asked, w.notices]).toEqual([[], []]);
    await w.at(169);
    expect(w.notices).toMatchObject([{ kind: "reminder" }]);
    expect(w.asked).toEqual([]);
    await w.at(169 + 24);
    expect(w.asked).toHaveLength(1);
  });
});
