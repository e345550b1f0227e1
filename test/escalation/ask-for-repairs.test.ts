import { describe, expect, it } from "vitest";
import { ConflictError } from "../../shared/errors.ts";
import { aFinding, findingAbout, hubAccount } from "../support/findings.ts";
import { settingsOf } from "../support/repair-flow.ts";
import { due, iso, told, world } from "./world.ts";

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
