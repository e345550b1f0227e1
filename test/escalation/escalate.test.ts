import { describe, expect, it } from "vitest";
import { DeliveryError, MalformedInputError, StoreError } from "../../shared/errors.ts";
import { escalate } from "../../shared/escalation/escalate.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import { holding } from "../../shared/settings/held.ts";
import { aFinding, findingAbout, hubAccount } from "../support/findings.ts";
import { settingsOf } from "../support/repair-flow.ts";
import { due, hourMs, iso, kindsOf, start, stored, told, type World, week, world } from "./world.ts";

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
