import { expect, test } from "vitest";
import { MalformedInputError, VersionConflictError } from "../../shared/errors.ts";
import { known } from "../../shared/facts/facts.ts";
import type { OutboxEntry } from "../../shared/findings/finding.ts";
import type { AccountSweep, FindingStore } from "../../shared/findings/store.ts";
import type { Verification } from "../../shared/judgement/verifications.ts";
import {
  aFinding,
  aVerification,
  findingAbout,
  hostileNames,
  hubAccount,
  unreadable,
  unreadableSweep,
} from "../support/findings.ts";

const otherAccount = { id: "444455556666" };

const entry = (at: string, changes: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: "v1",
  kind: "opened",
  at,
  delivery: "single",
  reason: "because",
  ...changes,
});

export const aSweep = (changes: Partial<AccountSweep> = {}): AccountSweep => ({
  runId: "2026-11-03",
  accountId: hubAccount.id,
  status: "swept",
  startedAt: "2026-11-03T04:00:00.000Z",
  finishedAt: "2026-11-03T04:00:09.000Z",
  verdicts: { violation: 1, compliant: 20, unknown: 3, notApplicable: 4 },
  unknownCauses: [{ cause: "iam:ListMFADevices was denied", count: 3 }],
  gaps: [],
  ...changes,
});

/** What every `FindingStore` does. `create` gives an empty one. */
export const describeStore = (create: () => Promise<FindingStore>): void => {
  test("gives back exactly what was put", async () => {
    const store = await create();
    const finding = aFinding({
      actor: { eventName: "CreateLoginProfile", eventId: "e-1", at: "2026-11-03T02:12:40.000Z", region: "us-east-1" },
      resolvedAt: "2026-11-04T00:00:00.000Z",
      notifiedAt: "2026-11-03T02:13:06.000Z",
      activity: { count: 3, episodes: ["one"], lastAt: "2026-11-03T02:13:05.000Z", eventIds: ["a", "b"] },
      outbox: [entry("2026-11-03T02:13:05.000Z", { runId: "r1", delivery: "digest" })],
    });
    await store.put(finding);
    expect(await store.get(hubAccount.id, finding.id)).toStrictEqual(finding);
  });

  test("keeps evidence to the byte: key order, odd numbers, nothing undefined", async () => {
    const store = await create();
    const evidence = { z: 1, a: { y: [1e300, -0.1, 5e-324, 2 ** 60], b: null }, "": "", m: [] };
    const finding = aFinding({ evidence, actor: undefined });
    await store.put(finding);
    const stored = await store.get(hubAccount.id, finding.id);
    expect(JSON.stringify(stored?.evidence)).toBe(JSON.stringify(evidence));
    expect(stored).not.toHaveProperty("actor");
  });

  test("shares no object with its callers", async () => {
    const store = await create();
    const history = [{ at: "2026-11-03T02:13:05.000Z", what: "opened" as const }];
    const finding = aFinding({ history });
    await store.put(finding);
    history.push({ at: "2026-11-04T02:13:05.000Z", what: "opened" });
    expect((await store.get(hubAccount.id, finding.id))?.history).toHaveLength(1);
  });

  test("knows nothing of what was not put", async () => {
    const store = await create();
    await store.put(aFinding());
    expect(await store.get(hubAccount.id, "0".repeat(32))).toBeUndefined();
    expect(await store.get(otherAccount.id, aFinding().id)).toBeUndefined();
    expect(await store.listAll(otherAccount.id)).toEqual([]);
    expect(await store.listSweeps("no such run")).toEqual([]);
  });

  test.each([
    ["a first version of what exists", 1, 1],
    ["a version that was written already", 2, 2],
    ["a version that leaves one out", 1, 3],
    ["a second version of what does not exist", 0, 2],
  ])("refuses %s", async (_name, stored, version) => {
    const store = await create();
    for (let at = 1; at <= stored; at++) await store.put(aFinding({ version: at }));
    await expect(store.put(aFinding({ version, reason: "late" }))).rejects.toThrow(VersionConflictError);
    expect((await store.get(hubAccount.id, aFinding().id))?.reason).not.toBe("late");
  });

  test("lets one of many writers of a version win, for the first and for a later one", async () => {
    const store = await create();
    for (const version of [1, 2]) {
      const writers = Array.from({ length: 8 }, (_, writer) =>
        store.put(aFinding({ version, reason: `by ${version}.${writer}` })).then(
          () => writer,
          (error: unknown) => error,
        ),
      );
      const results = await Promise.all(writers);
      const winners = results.filter((result) => typeof result === "number");
      expect(winners).toHaveLength(1);
      expect(results.filter((result) => result instanceof VersionConflictError)).toHaveLength(7);
      expect((await store.get(hubAccount.id, aFinding().id))?.reason).toBe(`by ${version}.${winners[0]}`);
    }
  });

  test("lists open, active and all findings of one account, ordered by id", async () => {
    const store = await create();
    const open = findingAbout("open");
    const resolved = findingAbout("resolved", { status: "resolved" });
    const untold = findingAbout("untold", { status: "resolved", outbox: [entry("2026-11-03T02:13:05.000Z")] });
    const begun = findingAbout("begun", {
      status: "resolved",
      repair: { state: "remediating", at: "2026-11-03T02:13:05.000Z", why: "It is due.", stage: "repair" },
    });
    const elsewhere = findingAbout("open", { account: otherAccount });
    for (const finding of [untold, resolved, open, begun, elsewhere]) await store.put(finding);
    const ids = (...findings: { id: string }[]) => findings.map(({ id }) => id).sort();
    const read = async (list: Promise<readonly { id: string }[]>) => (await list).map(({ id }) => id);
    expect(await read(store.listOpen(hubAccount.id))).toEqual(ids(open));
    expect(await read(store.listActive(hubAccount.id))).toEqual(ids(open, untold, begun));
    expect(await read(store.listAll(hubAccount.id))).toEqual(ids(open, untold, begun, resolved));
  });

  test("finds findings of one account by how their ids begin", async () => {
    const store = await create();
    const findings = ["ann", "bob", "cem"].map((name) => findingAbout(name));
    for (const finding of [...findings, findingAbout("ann", { account: otherAccount })]) await store.put(finding);
    for (const finding of findings) {
      expect(await store.beginningWith(hubAccount.id, finding.id.slice(0, 8))).toEqual([finding]);
      expect(await store.beginningWith(hubAccount.id, finding.id)).toEqual([finding]);
    }
    expect(await store.beginningWith(otherAccount.id, findings[0]?.id.slice(0, 8) ?? "")).toEqual([]);
    expect((await store.beginningWith(hubAccount.id, "")).map(({ id }) => id)).toEqual(
      findings.map(({ id }) => id).sort(),
    );
  });

  test("takes a finding off its lists when it is resolved and told", async () => {
    const store = await create();
    await store.put(aFinding({ outbox: [entry("2026-11-03T02:13:05.000Z")] }));
    await store.put(aFinding({ version: 2, status: "resolved" }));
    expect(await store.listActive(hubAccount.id)).toEqual([]);
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
    expect(await store.listAll(hubAccount.id)).toHaveLength(1);
  });

  test("leaves out the accounts that the caller does not ask for", async () => {
    const store = await create();
    const outbox = [entry("2026-11-03T00:00:00.000Z")];
    await store.put(findingAbout("alice", { outbox }));
    await store.put(findingAbout("bob", { outbox, account: otherAccount }));
    const untold = await Array.fromAsync(store.undelivered({ skip: new Set([hubAccount.id]) }));
    expect(untold.map(({ subject }) => subject.name)).toEqual(["bob"]);
  });

  test("names what is untold in every account, oldest first, as it is now", async () => {
    const store = await create();
    const days = ["05", "03", "07", "04", "06"];
    for (const [index, day] of days.entries())
      await store.put(
        findingAbout(`user-${day}`, {
          account: index % 2 === 0 ? hubAccount : otherAccount,
          outbox: [entry(`2026-11-${day}T00:00:00.000Z`)],
        }),
      );
    await store.put(findingAbout("told"));
    const order: string[] = [];
    for await (const finding of store.undelivered()) {
      order.push(finding.subject.name);
      // Clearing while walking is what delivery does.
      await store.put({ ...finding, version: 2, outbox: [] });
    }
    expect(order).toEqual(["user-03", "user-04", "user-05", "user-06", "user-07"]);
    expect(await Array.fromAsync(store.undelivered())).toEqual([]);
  });

  test("knows which accounts ever had a finding open, ordered", async () => {
    const store = await create();
    expect(await store.accountsWithFindings()).toEqual([]);
    await store.put(findingAbout("alice", { account: otherAccount }));
    await store.put(findingAbout("alice"));
    await store.put(findingAbout("bob"));
    await store.put(findingAbout("alice", { version: 2, status: "resolved", account: otherAccount }));
    await store.putSweep(aSweep({ accountId: "777788889999" }));
    expect(await store.accountsWithFindings()).toEqual([hubAccount.id, otherAccount.id]);
  });

  test("reports an untold finding that cannot be read to whoever asks, goes on with the others, and throws otherwise", async () => {
    const store = await create();
    const outbox = [entry("2026-11-03T00:00:00.000Z")];
    await store.put(findingAbout("alice", { outbox }));
    await store.put(unreadable(findingAbout("mallory", { outbox })));
    await store.put(findingAbout("bob", { outbox, account: otherAccount }));
    const reported: [string, unknown][] = [];
    const untold = await Array.fromAsync(store.undelivered({ unreadable: (...report) => reported.push(report) }));
    expect(untold.map(({ subject }) => subject.name).sort()).toEqual(["alice", "bob"]);
    expect(reported).toEqual([[hubAccount.id, expect.any(MalformedInputError)]]);
    await expect(Array.fromAsync(store.undelivered())).rejects.toThrow(MalformedInputError);
    await expect(store.listActive(hubAccount.id)).rejects.toThrow(MalformedInputError);
  });

  test("pages through 3,200 findings of an account", async () => {
    const store = await create();
    const findings = Array.from({ length: 3_200 }, (_, index) =>
      findingAbout(`user-${index}`, {
        reason: "r".repeat(700),
        outbox: [entry(new Date(Date.UTC(2026, 10, 3, 0, 0, index)).toISOString())],
      }),
    );
    for (let start = 0; start < findings.length; start += 100)
      await Promise.all(findings.slice(start, start + 100).map((finding) => store.put(finding)));
    const ids = findings.map(({ id }) => id).sort();
    expect((await store.listOpen(hubAccount.id)).map(({ id }) => id)).toEqual(ids);
    expect((await store.listAll(hubAccount.id)).map(({ id }) => id)).toEqual(ids);
    const untold = await Array.fromAsync(store.undelivered());
    expect(untold.map(({ subject }) => subject.name)).toEqual(findings.map(({ subject }) => subject.name));
  }, 120_000);

  test("keeps hostile names apart and as they are", async () => {
    const store = await create();
    const findings = Object.values(hostileNames).map((name) =>
      findingAbout(name, { account: { ...hubAccount, name, ouPath: name }, evidence: { [name]: name } }),
    );
    for (const finding of findings) await store.put(finding);
    const stored = await store.listAll(hubAccount.id);
    expect(stored).toHaveLength(findings.length);
    for (const finding of findings) expect(stored).toContainEqual(finding);
  });

  test("keeps the accounts' results of a sweep run, the last one of each, ordered by account", async () => {
    const store = await create();
    const failed = aSweep({ accountId: otherAccount.id, accountName: "<!here>", ouPath: "Root", status: "failed" });
    await store.putSweep({ ...failed, error: "AccessDenied" });
    await store.putSweep(aSweep({ status: "failed", error: "throttled" }));
    await store.putSweep(aSweep());
    await store.putSweep(aSweep({ runId: "2026-11-03#ACCOUNT#" }));
    expect(await store.listSweeps("2026-11-03")).toStrictEqual([aSweep(), { ...failed, error: "AccessDenied" }]);
  });

  test("reports a result of a sweep that cannot be read to whoever asks, goes on with the others, and throws otherwise", async () => {
    const store = await create();
    await store.putSweep(unreadableSweep(aSweep()));
    await store.putSweep(aSweep({ accountId: otherAccount.id }));
    const reported: [string, unknown][] = [];
    const sweeps = await store.listSweeps("2026-11-03", { unreadable: (...report) => reported.push(report) });
    expect(sweeps).toStrictEqual([aSweep({ accountId: otherAccount.id })]);
    expect(reported).toEqual([[hubAccount.id, expect.any(MalformedInputError)]]);
    await expect(store.listSweeps("2026-11-03")).rejects.toThrow(MalformedInputError);
  });

  test("keeps what was last counted in each account, ordered by account", async () => {
    const store = await create();
    expect(await store.populations()).toEqual([]);
    const population = { users: 3, roles: 40, accessKeys: 0 };
    await store.putSweep(aSweep({ accountId: otherAccount.id, population: { ...population, users: 9 } }));
    await store.putSweep(
      aSweep({ accountId: otherAccount.id, status: "failed", finishedAt: "2026-11-04T04:00:00.000Z" }),
    );
    await store.putSweep(aSweep({ runId: "late", population, finishedAt: "2026-11-05T04:00:00.000Z" }));
    await store.putSweep(aSweep({ population: { ...population, users: 7 } }));
    expect(await store.populations()).toStrictEqual([
      { accountId: hubAccount.id, countedAt: "2026-11-05T04:00:00.000Z", ...population },
      { accountId: otherAccount.id, countedAt: "2026-11-03T04:00:09.000Z", ...population, users: 9 },
    ]);
    expect(await store.listSweeps("late")).toStrictEqual([
      aSweep({ runId: "late", population, finishedAt: "2026-11-05T04:00:00.000Z" }),
    ]);
  });

  test("gives back what was verified last against an account's report, to the date and the set", async () => {
    const store = await create();
    expect(await store.verifications(hubAccount.id)).toBeUndefined();
    const users = [
      aVerification(),
      aVerification({ userId: "AIDANONE", live: { loginProfile: known({ enabled: false }), mfaActive: known(false) } }),
      aVerification({
        userId: "AIDABARE",
        unverified: [],
        plan: { parts: new Set(), lastUsedOf: new Set() },
        live: {},
      }),
    ];
    const made = { accountId: hubAccount.id, reportAt: new Date("2026-11-03T06:00:00.000Z"), users };
    await store.putVerifications(made);
    expect(await store.verifications(hubAccount.id)).toEqual(made);
    expect(await store.verifications(otherAccount.id)).toBeUndefined();
    const next = { ...made, reportAt: new Date("2026-11-03T10:00:00.000Z"), users: users.slice(1) };
    await store.putVerifications(next);
    expect(await store.verifications(hubAccount.id)).toEqual(next);
    expect(await store.listAll(hubAccount.id)).toEqual([]);
  });

  test("keeps of 5,000 verified users the first that fit into an item, each whole", async () => {
    const store = await create();
    const users = Array.from({ length: 5_000 }, (_, index) => aVerification({ userId: `AIDA${index}` }));
    const reportAt = new Date("2026-11-03T06:00:00.000Z");
    await store.putVerifications({ accountId: hubAccount.id, reportAt, users });
    const kept = (await store.verifications(hubAccount.id))?.users ?? [];
    expect(kept.length).toBeGreaterThan(500);
    expect(kept).toEqual(users.slice(0, kept.length));
  });

  test("does not store what it could not read again", async () => {
    const store = await create();
    const plan = { parts: new Set(["astrology"]), lastUsedOf: new Set() } as unknown as Verification["plan"];
    const made = { accountId: hubAccount.id, reportAt: new Date("2026-11-03T06:00:00.000Z"), users: [] };
    await store.putVerifications({ ...made, users: [aVerification()] });
    await expect(store.putVerifications({ ...made, users: [aVerification({ plan })] })).rejects.toThrow(
      /astrology|parts/,
    );
    expect((await store.verifications(hubAccount.id))?.users).toEqual([aVerification()]);
  });

  test("bounds what a sweep says of an account, and says what it left out", async () => {
    const store = await create();
    const many = (count: number) => Array.from({ length: count }, (_, index) => `${index} ${"why ".repeat(1_000)}`);
    await store.putSweep(
      aSweep({
        error: "e".repeat(100_000),
        unknownCauses: many(500).map((cause) => ({ cause, count: 2 })),
        gaps: many(500),
      }),
    );
    const [sweep] = await store.listSweeps("2026-11-03");
    expect(JSON.stringify(sweep).length).toBeLessThan(60_000);
    expect(sweep?.unknownCauses.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    expect(sweep?.unknownCauses.at(-1)?.cause).toBe("451 other causes");
    expect(sweep?.gaps.at(-1)).toBe("and 451 more reads that failed");
  });
};
