import fc from "fast-check";
import { expect, test } from "vitest";
import { changeFinding } from "../../shared/findings/change.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { clearOutbox } from "../../shared/findings/outbox.ts";
import { failed, remediating, repaired, undone } from "../../shared/findings/repair-transition.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { opened, reopened, resolved } from "../../shared/findings/transition.ts";
import { type Remediation, remediationId } from "../../shared/remediation/remediation.ts";
import type { RemediationStore } from "../../shared/remediation/store.ts";
import type { HistorySettings } from "../../shared/settings/settings.ts";
import { aRemediation } from "../remediation/store-contract.ts";
import { aFinding, findingAbout } from "../support/findings.ts";

/** A findings table that forgets by the settings, as soon as it may. */
export interface ForgetfulTable {
  readonly store: FindingStore;
  readonly remediations: RemediationStore;
  readonly clock: { now(): Date; advance(ms: number): void };
  /** The same table under other settings. */
  under(history: HistorySettings): Pick<ForgetfulTable, "store" | "remediations">;
}

const dayMs = 24 * 3_600_000;
const keepResolvedDays = 30;
const rewritten = (finding: Finding): Finding => ({ ...finding, version: finding.version + 1 });
const standing = { why: "It is due.", stage: "repair" as const };

/** What stores do alike that are told when they may forget. `create` gives an empty table. */
export const describeForgetting = (create: (history: HistorySettings) => Promise<ForgetfulTable>): void => {
  const { account, id } = aFinding();

  const living = (table: ForgetfulTable) => {
    const { clock } = table;
    const telling = () => ({ now: clock.now(), delivery: "single" as const });
    const seen = () => ({ ...aFinding(), asOf: clock.now() });
    const change = (next: (finding: Finding) => Finding, { store } = table) =>
      changeFinding(store, account.id, id, (finding) => finding && next(finding));
    const wait = (days: number) => clock.advance(days * dayMs);
    return {
      ...{ ...table, change, wait },
      open: () => changeFinding(table.store, account.id, id, (finding) => finding ?? opened(seen(), telling())),
      resolve: () => change((finding) => resolved(finding, "It complies now.", clock.now(), telling())),
      reopen: () => change((finding) => reopened(finding, seen(), telling())),
      tell: async () => {
        const finding = await table.store.get(account.id, id);
        for (const entry of finding?.outbox ?? []) await clearOutbox(table.store, aFinding(), entry, clock.now());
      },
      record: (number: number, changes: Partial<Remediation>) =>
        table.remediations.put(aRemediation({ id: remediationId(id, number), ...changes })),
      isKept: async () => (await table.store.get(account.id, id)) !== undefined,
      records: async () => (await table.remediations.ofFinding(account.id, id)).map((one) => one.id.slice(-4)),
    };
  };

  /** A finding that was resolved and told. */
  const over = async (history: HistorySettings = { keepResolvedDays }) => {
    const life = living(await create(history));
    await life.open();
    await life.tell();
    await life.resolve();
    await life.tell();
    return life;
  };

  test("forgets a resolved finding when its days are over, and no other", async () => {
    const life = await over();
    const others = [findingAbout("bob"), findingAbout("cem", { account: { id: "444455556666" } })];
    for (const other of others) await life.store.put(other);
    life.clock.advance(keepResolvedDays * dayMs - 1_000);
    expect(await life.isKept()).toBe(true);
    expect(await life.store.listAll(account.id)).toHaveLength(2);
    life.clock.advance(1_000);
    expect(await life.isKept()).toBe(false);
    expect(await life.store.listAll(account.id)).toEqual([others[0]]);
    expect(await life.store.beginningWith(account.id, id)).toEqual([]);
    life.wait(4_000);
    for (const other of others) expect(await life.store.get(other.account.id, other.id)).toEqual(other);
    expect(await life.store.accountsWithFindings()).toEqual([account.id, "444455556666"]);
  });

  test("forgets nothing unless the settings say so", async () => {
    const life = await over({});
    await life.record(1, { overAt: life.clock.now().toISOString() });
    life.wait(4_000);
    expect(await life.isKept()).toBe(true);
    expect(await life.records()).toEqual(["0001"]);
  });

  test("counts the days from the last that happened: here, that it was told", async () => {
    const life = living(await create({ keepResolvedDays }));
    await life.open();
    await life.resolve();
    life.wait(keepResolvedDays + 1);
    expect(await life.isKept()).toBe(true);
    await life.tell();
    life.wait(keepResolvedDays - 1);
    expect(await life.isKept()).toBe(true);
    life.wait(1);
    expect(await life.isKept()).toBe(false);
  });

  test("keeps what was reopened, and counts anew once it is resolved again", async () => {
    const life = await over();
    life.wait(keepResolvedDays - 1);
    await life.reopen();
    await life.tell();
    life.wait(keepResolvedDays + 1);
    expect(await life.isKept()).toBe(true);
    await life.resolve();
    await life.tell();
    life.wait(keepResolvedDays - 1);
    expect((await life.store.get(account.id, id))?.history.map(({ what }) => what)).toContain("reopened");
    life.wait(1);
    expect(await life.isKept()).toBe(false);
  });

  test("a violation that comes back after that is a new finding", async () => {
    const life = await over();
    life.wait(keepResolvedDays);
    const anew = await life.open();
    expect(anew).toMatchObject({ version: 1, status: "open", history: [{ what: "opened" }] });
    expect(await life.isKept()).toBe(true);
  });

  test.each([
    ["stands", { state: "verified" }, rewritten],
    ["was begun, and may have written", { state: "intended" }, rewritten],
    ["failed", { state: "failed" }, (finding: Finding, now: Date) => failed(finding, standing, now)],
    [
      "was undone",
      { state: "undone" },
      (finding: Finding, now: Date) => undone(finding, { ...standing, by: "ann" }, now),
    ],
  ] as const)("keeps a finding and the record of its repair that %s", async (_name, record, recorded) => {
    const life = await over();
    await life.record(1, record);
    await life.change((finding) => recorded(finding, life.clock.now()));
    await life.tell();
    life.wait(4_000);
    expect(await life.isKept()).toBe(true);
    expect(await life.records()).toEqual(["0001"]);
  });

  test("keeps the finding of a repair that stands even if it was reopened since, and no more is said of it there", async () => {
    const life = await over();
    await life.record(1, { state: "verified" });
    await life.reopen();
    await life.resolve();
    await life.tell();
    expect((await life.store.get(account.id, id))?.repair).toBeUndefined();
    life.wait(4_000);
    expect(await life.isKept()).toBe(true);
  });

  test("keeps a finding whose last step is still to come", async () => {
    const life = await over();
    const finishDueAt = life.clock.now().toISOString();
    await life.change((finding) => ({ ...finding, finishDueAt, version: finding.version + 1 }));
    life.wait(4_000);
    expect(await life.isKept()).toBe(true);
  });

  test("forgets what was finished for good, with the records of all its repairs", async () => {
    const life = living(await create({ keepResolvedDays }));
    await life.open();
    const overAt = life.clock.now().toISOString();
    await life.record(1, { state: "verified", overAt });
    await life.record(2, { state: "verified", stage: "final", overAt });
    await life.change((finding) => remediating(finding, { ...standing, by: "ann" }, life.clock.now()));
    await life.change((finding) =>
      repaired(
        finding,
        { why: "It deleted the key.", stage: "final" },
        { resolves: true, asOf: life.clock.now(), by: "ann" },
        life.clock.now(),
      ),
    );
    life.wait(1);
    await life.tell();
    life.wait(keepResolvedDays - 1);
    expect([await life.isKept(), await life.records()]).toEqual([true, []]);
    life.wait(1);
    expect(await life.isKept()).toBe(false);
  });

  test("goes by other settings with the next write", async () => {
    const life = await over();
    const longer = life.under({ keepResolvedDays: 60 });
    await life.change(rewritten, { ...life, ...longer });
    life.wait(keepResolvedDays);
    expect(await life.isKept()).toBe(true);
    await life.change(rewritten, { ...life, ...life.under({}) });
    life.wait(4_000);
    expect(await life.isKept()).toBe(true);
  });

  test("forgets nothing that is open, untold or repaired, whatever happens in whatever order", async () => {
    const deeds = ["open", "resolve", "reopen", "tell", "begin", "undo", "finish", "wait"] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...deeds), { maxLength: 25 }), async (course) => {
        const life = living(await create({ keepResolvedDays }));
        let records: Remediation[] = [];
        /** As long as nothing may be forgotten. */
        let expected: Finding | undefined;
        const put = async (one: Remediation) => {
          await life.remediations.put(one);
          records = [...records.filter((other) => other.id !== one.id), one];
        };
        for (const deed of course) {
          const now = await life.store.get(account.id, id);
          const at = life.clock.now().toISOString();
          const last = records.at(-1);
          if (deed === "open" && now === undefined) await life.open();
          else if (deed === "wait") life.wait(keepResolvedDays - 1);
          else if (now === undefined) records = [];
          else if (deed === "resolve" && now.status === "open") await life.resolve();
          else if (deed === "reopen" && now.status === "resolved") await life.reopen();
          else if (deed === "tell") await life.tell();
          else if (deed === "begin" && now.status === "open") {
            const stored = await life.remediations.ofFinding(account.id, id);
            const number = Number(stored.at(-1)?.id.slice(-4) ?? "0") + 1;
            await life.change((one) =>
              remediating(one, { ...standing, by: "ann", remediationId: String(number) }, life.clock.now()),
            );
            await put(aRemediation({ id: remediationId(id, number) }));
          } else if (deed === "undo" && last !== undefined && last.overAt === undefined) {
            await put({ ...last, state: "undone", version: last.version + 1 });
            await life.change((one) =>
              undone(one, { ...standing, by: "ann", remediationId: last.id }, life.clock.now()),
            );
          } else if (deed === "finish" && last !== undefined) {
            for (const one of await life.remediations.ofFinding(account.id, id))
              if (one.overAt === undefined)
                await put({ ...one, state: "verified", overAt: at, version: one.version + 1 });
            await life.change((one) =>
              repaired(
                one,
                { ...standing, stage: "final" },
                { resolves: true, asOf: life.clock.now(), by: "ann" },
                life.clock.now(),
              ),
            );
          }
          const found = await life.store.get(account.id, id);
          const stored = await life.remediations.ofFinding(account.id, id);
          const before = expected;
          if (before !== undefined && deed === "wait") expect(found).toEqual(before);
          for (const one of records.filter(({ overAt }) => overAt === undefined))
            expect(stored.map((record) => record.id)).toContain(one.id);
          const isHeld = found !== undefined && (found.status === "open" || found.outbox.length > 0);
          expected = isHeld || stored.some(({ overAt }) => overAt === undefined) ? found : undefined;
        }
      }),
      { numRuns: 60 },
    );
  });
};
