import { describe, expect, test } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { MalformedInputError, ThrottledError } from "../../shared/errors.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { reconcile } from "../../shared/findings/reconcile.ts";
import {
  type JudgeAccountOptions,
  judgeAccount,
  type SubjectJudgements,
} from "../../shared/judgement/judge-account.ts";
import type { Judgement } from "../../shared/judgement/judgement.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { accountWith, addMfa, addPerson, failing, type UserSpec } from "../support/iam-account.ts";

const hourMs = 3_600_000;

const start = (users: readonly UserSpec[], seed = 1) => {
  const sandbox = createSandbox({ seed });
  const world = accountWith(sandbox, users);
  const { aws, ref: account, clock, sleep } = world;

  const organization = unlimited("the account is in no organization");

  const judge = async (options: Partial<JudgeAccountOptions> = {}) => {
    const before = world.total();
    const run = judgeAccount({
      aws,
      account,
      settings: defaultSettings(),
      clock,
      sleep,
      open: [],
      organization,
      ...options,
    });
    const subjects: SubjectJudgements[] = [];
    let next = await run.next();
    for (; !next.done; next = await run.next()) subjects.push(next.value);
    return {
      subjects,
      judgements: subjects.flatMap(({ judgements }) => judgements),
      snapshot: next.value,
      calls: world.total() - before,
    };
  };
  /** What a run's judgements leave open. */
  const openAfter = async (judgements: readonly Judgement[]): Promise<readonly Finding[]> => {
    const store = createMemoryStore();
    for (const judgement of judgements) await reconcile(store, judgement, { now: clock(), delivery: "digest" });
    return store.listOpen(account.id);
  };
  const user = (name: string) => {
    const found = world.account.users.get(name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  /** Has IAM make the report that all later runs get, and lets it grow an hour old. */
  const letReportAge = async () => {
    await judge();
    sandbox.clock.advance(hourMs);
  };
  return { sandbox, ...world, judge, openAfter, user, letReportAge };
};

const byOutcome = (outcome: string, judgements: readonly Judgement[]) =>
  judgements
    .filter(
      ({ verdict, subject }) => verdict.outcome === outcome && subject.kind !== "role" && subject.kind !== "account",
    )
    .map(({ control, subject }) => `${control} ${subject.accessKeyId ?? subject.name}`);
const violations = (judgements: readonly Judgement[]) => byOutcome("violation", judgements);
const reasonOf = (judgements: readonly Judgement[], control: string, outcome: string): string[] =>
  judgements.flatMap(({ control: id, verdict }) =>
    id === control && verdict.outcome === outcome && "reason" in verdict ? [verdict.reason] : [],
  );

/** The reads of a whole account with a report at hand: role, report twice, details, summary, users, devices, analyzers. */
const bulkCalls = 10;

const neglected: readonly UserSpec[] = [
  { name: "clean", password: { age: 10, usedAgo: 1 }, mfa: "hardware", keys: [{ age: 10, usedAgo: 1 }] },
  { name: "forgotten", password: { age: 300, usedAgo: 200 }, mfa: "hardware" },
  {
    name: "many-keys",
    keys: [
      { age: 200, usedAgo: 1 },
      { age: 100, usedAgo: 90 },
    ],
  },
  { name: "no-mfa", password: { age: 10, usedAgo: 1 } },
  {
    name: "old-key",
    keys: [
      { age: 200, usedAgo: 1 },
      { age: 300, inactive: true },
    ],
  },
];

describe("a user made after the report", () => {
  const newcomer: UserSpec = { name: "eve", age: 0, password: { age: 0 }, keys: [{ age: 0 }, { age: 0 }] };
  const withNewcomer = async () => {
    const world = start([{ name: "clean" }]);
    await world.letReportAge();
    addPerson(world.sandbox, world.account, newcomer);
    return world;
  };

  test("is read live, for three calls", async () => {
    const { judge, calls } = await withNewcomer();
    const { judgements } = await judge();
    expect(violations(judgements)).toEqual(["console-user-without-mfa eve", "two-active-access-keys eve"]);
    expect(byOutcome("unknown", judgements)).toEqual([]);
    const liveReads = Object.entries(calls()).filter(([operation]) =>
      /GetUser|GetLoginProfile|ListMFADevices|ListAccessKeys|GetAccessKeyLastUsed/.test(operation),
    );
    expect(Object.fromEntries(liveReads)).toEqual({
      "iam:GetLoginProfile": 1,
      "iam:ListMFADevices": 1,
      "iam:ListAccessKeys": 1,
    });
  });

  test("stays unknown where the calls do not suffice, or a read is denied", async () => {
    const { judge, sandbox } = await withNewcomer();
    const limited = await judge({ verificationCallsPerUser: 2 });
    expect(violations(limited.judgements)).toEqual([]);
    expect(byOutcome("unknown", limited.judgements)).toContain("console-user-without-mfa eve");
    failing(sandbox, "ListMFADevices");
    const denied = await judge();
    expect(violations(denied.judgements)).toEqual(["two-active-access-keys eve"]);
    expect(reasonOf(denied.judgements, "console-user-without-mfa", "unknown")).toEqual([
      expect.stringContaining("iam:ListMFADevices"),
    ]);
  });

  test("who is gone by the time of the live read yields no judgement", async () => {
    const { judge, sandbox, account } = await withNewcomer();
    sandbox.intercept(({ operation }) => {
      if (operation === "GetLoginProfile") account.users.delete("eve");
    });
    const { subjects } = await judge();
    expect(subjects.find(({ subject }) => subject === "user/eve")?.judgements).toEqual([]);
  });
});

describe("with a fresh report", () => {
  test("finds what violates, for one call more for each user with a violating key", async () => {
    const { judge, user, calls } = start(neglected);
    const { judgements, snapshot } = await judge();
    const [first, second] = user("many-keys").accessKeys.map(({ id }) => id);
    const [old] = user("old-key").accessKeys.map(({ id }) => id);
    expect(snapshot.gaps).toEqual([]);
    expect(violations(judgements)).toEqual([
      "unused-console-password forgotten",
      "two-active-access-keys many-keys",
      `stale-access-key ${first}`,
      `stale-access-key ${second}`,
      `unused-access-key ${second}`,
      "console-user-without-mfa no-mfa",
      `stale-access-key ${old}`,
    ]);
    expect(byOutcome("unknown", judgements)).toEqual([]);
    expect(calls()).toMatchObject({ "iam:ListAccessKeys": 2 });
    expect(Object.keys(calls())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/GetUser|GetLoginProfile|ListMFADevices|GetAccessKeyLastUsed/)]),
    );
  });

  test("says from when it is: the report, the bulk read, or the live list of keys", async () => {
    const { judge, sandbox } = start(neglected);
    const madeAt = sandbox.clock.now();
    await judge();
    sandbox.clock.advance(60_000);
    const readAt = sandbox.clock.now();
    const { judgements, snapshot } = await judge();
    expect([snapshot.readAt, snapshot.reportAt]).toEqual([readAt, madeAt]);
    const asOf = (control: string, name: string) =>
      judgements.find((one) => one.control === control && one.subject.name === name)?.asOf;
    expect(asOf("console-user-without-mfa", "no-mfa")).toEqual(madeAt);
    expect(asOf("role-without-boundary", "OrganizationAccountAccessRole")).toEqual(readAt);
    expect(asOf("root-without-mfa", "root")).toEqual(readAt);
    expect(asOf("stale-access-key", "old-key")).toEqual(readAt);
    expect(asOf("unused-access-key", "many-keys")).toEqual(madeAt);
    expect(asOf("stale-access-key", "clean")).toEqual(madeAt);
  });

  test("names no key whose ids may not be listed, and keeps what needs no id", async () => {
    const { judge, sandbox } = start(neglected);
    failing(sandbox, "ListAccessKeys");
    const { judgements } = await judge();
    expect(violations(judgements)).toEqual([
      "unused-console-password forgotten",
      "two-active-access-keys many-keys",
      "console-user-without-mfa no-mfa",
    ]);
    const reasons = reasonOf(judgements, "stale-access-key", "unknown");
    expect(reasons).toHaveLength(3);
    for (const reason of reasons) expect(reason).toContain("Its id is not known: iam:ListAccessKeys was denied");
  });

  test("tells two keys of one second apart only where it can", async () => {
    const { judge, openAfter, user, calls } = start([
      {
        name: "twin",
        keys: [
          { age: 200, usedAgo: 1 },
          { age: 200, usedAgo: 1, inactive: true },
        ],
      },
    ]);
    const { judgements } = await judge();
    const active = user("twin").accessKeys.find(({ status }) => status === "Active");
    expect(violations(judgements)).toEqual([`stale-access-key ${active?.id}`]);
    // An open finding tells the second, not which of the two keys: the ids are listed again.
    await judge({ open: await openAfter(judgements) });
    expect(calls()["iam:ListAccessKeys"]).toBe(2);
  });

  const twins: UserSpec = {
    name: "twins",
    keys: [
      { age: 200, usedAgo: 1 },
      { age: 200, usedAgo: 100 },
    ],
  };

  test.each([1, 2, 3, 4, 5, 6])("accuses the right one of two keys of one second (seed %i)", async (seed) => {
    const { judge, openAfter, user, calls } = start([twins], seed);
    const [used, unused] = user("twins").accessKeys.map(({ id }) => id);
    const { judgements } = await judge();
    const found = violations(judgements).sort();
    expect(found).toEqual(
      [
        `stale-access-key ${used}`,
        `stale-access-key ${unused}`,
        "two-active-access-keys twins",
        `unused-access-key ${unused}`,
      ].sort(),
    );
    expect(calls()).toMatchObject({ "iam:ListAccessKeys": 1, "iam:GetAccessKeyLastUsed": 2 });
    // Together the open findings tell which is which.
    const again = await judge({ open: await openAfter(judgements) });
    expect(violations(again.judgements).sort()).toEqual(found);
    expect(again.calls).toBe(bulkCalls);
  });

  test("accuses neither of two keys of one second where it may not ask which", async () => {
    const { judge, sandbox } = start([twins]);
    const once = await judge({ verificationCallsPerUser: 1 });
    expect(violations(once.judgements).join()).not.toContain("unused-access-key");
    expect(reasonOf(once.judgements, "unused-access-key", "unknown").join()).toContain("not known which key");
    failing(sandbox, "GetAccessKeyLastUsed");
    const denied = await judge();
    expect(violations(denied.judgements).join()).not.toContain("unused-access-key");
    expect(reasonOf(denied.judgements, "unused-access-key", "unknown").join()).toContain(
      "iam:GetAccessKeyLastUsed was denied",
    );
  });
});

describe("when nothing changed", () => {
  test.each([
    ["at once", 0],
    ["an hour later, on a report that is stale", hourMs],
    ["a day later, on a new report", 24 * hourMs],
  ])("a sweep %s finds the same for at most 14 calls", async (_, laterMs) => {
    const { judge, openAfter, sandbox } = start(neglected);
    const first = await judge();
    const open = await openAfter(first.judgements);
    sandbox.clock.advance(laterMs);
    const second = await judge({ open });
    expect(second.calls).toBeLessThanOrEqual(14);
    if (laterMs < 4 * hourMs) expect(second.calls).toBe(bulkCalls + (laterMs >= hourMs ? 1 : 0));
    expect(violations(second.judgements)).toEqual(violations(first.judgements));
    expect(byOutcome("unknown", second.judgements)).toEqual([]);
  });

  test("a key whose other key is found open costs a list, since its id is not told", async () => {
    const { judge, openAfter, sandbox, user } = start([
      {
        name: "alice",
        keys: [
          { age: 200, usedAgo: 1 },
          { age: 85, usedAgo: 1 },
        ],
      },
    ]);
    const first = await judge();
    const open = await openAfter(first.judgements);
    sandbox.clock.advance(10 * 24 * hourMs);
    const [old, young] = user("alice").accessKeys.map(({ id }) => id);
    const second = await judge({ open });
    expect(violations(second.judgements)).toEqual([
      "two-active-access-keys alice",
      `stale-access-key ${old}`,
      `stale-access-key ${young}`,
    ]);
  });
});

describe("with a stale report", () => {
  test("nobody is accused of what was repaired since", async () => {
    const { judge, letReportAge, user, clock, sandbox } = start(neglected);
    await letReportAge();
    user("no-mfa").mfaDevices.push({ serial: "GAHT-new", enabledAt: clock() });
    delete user("forgotten").loginProfile;
    for (const name of ["many-keys", "old-key"]) for (const key of user(name).accessKeys) key.status = "Inactive";
    sandbox.clock.advance(60_000);
    const { judgements } = await judge();
    expect(violations(judgements)).toEqual([]);
    expect(byOutcome("unknown", judgements)).toEqual([]);
  });

  test("what still violates is convicted on live facts, for at most three calls a suspect and the keys' ids", async () => {
    const { judge, letReportAge, clock, calls } = start(neglected);
    const expected = violations((await start(neglected).judge()).judgements);
    await letReportAge();
    const before = calls();
    const readAt = clock();
    const { judgements } = await judge({ verificationCallsPerUser: 3 });
    expect(violations(judgements)).toEqual(expected);
    for (const { subject, verdict, asOf } of judgements)
      if (verdict.outcome === "violation" && subject.kind !== "role" && subject.kind !== "account")
        expect(asOf).toEqual(readAt);
    const made = Object.fromEntries(
      Object.entries(calls()).map(([name, count]) => [name, count - (before[name] ?? 0)]),
    );
    expect(made).toMatchObject({
      "iam:GetLoginProfile": 2, // forgotten, no-mfa
      "iam:ListMFADevices": 1, // no-mfa
      "iam:ListAccessKeys": 2, // many-keys, old-key
      "iam:GetAccessKeyLastUsed": 1, // the unused one of many-keys
    });
    expect(made).not.toHaveProperty("iam:GetUser");
  });

  test("a sign-in or a virtual device since clears a suspect without a call", async () => {
    const { judge, letReportAge, user, account, clock } = start([
      { name: "forgotten", password: { age: 300, usedAgo: 200 }, mfa: "hardware" },
      { name: "no-mfa", password: { age: 10, usedAgo: 1 } },
    ]);
    await letReportAge();
    user("forgotten").passwordLastUsedAt = clock();
    addMfa(account, user("no-mfa"), "no-mfa", "virtual");
    const { judgements, calls } = await judge();
    expect(violations(judgements)).toEqual([]);
    expect(calls).toBe(bulkCalls + 1);
  });

  test("a user who is gone by then is judged no more", async () => {
    const { judge, letReportAge, sandbox, account } = start(neglected);
    await letReportAge();
    sandbox.intercept((call, input) => {
      if (call.operation === "ListMFADevices" && input.UserName === "no-mfa") account.users.delete("no-mfa");
    });
    const { subjects } = await judge();
    expect(subjects.find(({ subject }) => subject === "user/no-mfa")).toEqual({
      subject: "user/no-mfa",
      judgements: [],
    });
  });

  test.each([
    ["GetLoginProfile", "console-user-without-mfa"],
    ["ListMFADevices", "console-user-without-mfa"],
    ["GetLoginProfile", "unused-console-password"],
    ["ListAccessKeys", "stale-access-key"],
    ["ListAccessKeys", "two-active-access-keys"],
    ["GetAccessKeyLastUsed", "unused-access-key"],
  ])("where %s is denied, %s is unknown and says so", async (operation, control) => {
    const { judge, letReportAge, sandbox } = start(neglected);
    await letReportAge();
    failing(sandbox, operation);
    const { judgements } = await judge();
    expect(violations(judgements).filter((one) => one.startsWith(control))).toEqual([]);
    const reasons = reasonOf(judgements, control, "unknown");
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toContain(`iam:${operation} was denied`);
  });

  test("a user whom AWS fails to read time and again is unknown, and the others are judged", async () => {
    const { judge, letReportAge, sandbox } = start(neglected);
    await letReportAge();
    failing(sandbox, "ListMFADevices", "ServiceFailure", { status: 500 });
    const { judgements } = await judge();
    expect(reasonOf(judgements, "console-user-without-mfa", "unknown")).toEqual([
      expect.stringContaining("iam:ListMFADevices failed in AWS"),
    ]);
    expect(violations(judgements)).toHaveLength(6);
  });

  test("throttling ends the run, which another can go on with", async () => {
    const { judge, letReportAge, sandbox } = start(neglected);
    await letReportAge();
    const allow = failing(sandbox, "ListMFADevices", "Throttling", { status: 400 });
    await expect(judge()).rejects.toThrow(ThrottledError);
    allow();
    expect((await judge({ after: "user/many-keys" })).subjects[0]?.subject).toBe("user/no-mfa");
  });
});

describe("with few calls for a suspect", () => {
  const suspect: UserSpec = {
    name: "suspect",
    password: { age: 300, usedAgo: 200 },
    keys: [
      { age: 200, usedAgo: 100 },
      { age: 201, usedAgo: 100 },
    ],
  };
  const all = [
    "console-user-without-mfa",
    "stale-access-key",
    "two-active-access-keys",
    "unused-access-key",
    "unused-console-password",
  ];
  const controlsOf = (judgements: readonly Judgement[], outcome: "violation" | "unknown") =>
    [...new Set(byOutcome(outcome, judgements).map((one) => one.split(" ")[0]))].sort();

  test.each([
    // Both consoles' controls share GetLoginProfile; the keys are listed for their ids anyway.
    [0, ["stale-access-key", "two-active-access-keys"]],
    [1, ["stale-access-key", "two-active-access-keys", "unused-console-password"]],
    [2, ["console-user-without-mfa", "stale-access-key", "two-active-access-keys", "unused-console-password"]],
    [3, [...all]],
    [4, [...all]],
  ])(
    "%i: the most severe are verified, the rest is unknown until it is",
    async (verificationCallsPerUser, verified) => {
      const { judge, letReportAge, sandbox } = start([suspect]);
      await letReportAge();
      const { judgements, calls } = await judge({ verificationCallsPerUser });
      expect(calls).toBeLessThanOrEqual(bulkCalls + 1 + 1 + verificationCallsPerUser);
      expect(controlsOf(judgements, "violation")).toEqual(verified);
      const unverified = judgements.filter(
        ({ verdict, subject }) =>
          verdict.outcome === "unknown" && subject.kind !== "role" && subject.kind !== "account",
      );
      for (const { verdict } of unverified)
        expect(verdict).toMatchObject({
          reason: expect.stringMatching(
            /\. Not verified yet: the credential report of 2026-11-02T08:00:00\.000Z is stale$/,
          ),
          cause: "the credential report is stale",
        });
      const expectedTotal = 3 + 2 + 2;
      expect(violations(judgements).length + unverified.length).toBe(expectedTotal);
      sandbox.clock.advance(1);
    },
  );

  test("what is open already needs none", async () => {
    const { judge, openAfter, letReportAge } = start([suspect]);
    const { judgements } = await start([suspect]).judge();
    await letReportAge();
    const again = await judge({ verificationCallsPerUser: 4 });
    const open = await openAfter(again.judgements);
    const third = await judge({ verificationCallsPerUser: 0, open });
    expect(violations(third.judgements)).toEqual(violations(again.judgements));
    expect(violations(third.judgements)).toHaveLength(violations(judgements).length);
    expect(third.calls).toBe(bulkCalls);
  });

  test("what would escalate is verified like what is new", async () => {
    const { judge, openAfter, letReportAge, calls } = start([{ name: "no-mfa", password: { age: 10, usedAgo: 1 } }]);
    await letReportAge();
    const open = await openAfter((await judge()).judgements);
    const before = calls()["iam:ListMFADevices"] ?? 0;
    await judge({ open });
    expect(calls()["iam:ListMFADevices"]).toBe(before);
    await judge({ open: open.map((finding) => ({ ...finding, severity: "low" as const })) });
    expect(calls()["iam:ListMFADevices"]).toBe(before + 1);
    await judge({ open: open.map((finding) => ({ ...finding, status: "resolved" as const })) });
    expect(calls()["iam:ListMFADevices"]).toBe(before + 2);
  });
});

describe("a run", () => {
  const names = ["Zoe", "adam", "b.b", "b-b", "bob", "_x"];
  const world = () => {
    const started = start(names.map((name) => ({ name, keys: [{ age: 200 }] })));
    for (const name of ["alpha", "Beta"])
      addRole(started.account, started.sandbox.ids, { name, createdAt: started.sandbox.clock.now() });
    return started;
  };

  test("yields account, root, users and roles, each by name", async () => {
    const { subjects } = await world().judge();
    expect(subjects.map(({ subject }) => subject)).toEqual([
      "account/111122223333",
      "root/root",
      ...[...names].sort().map((name) => `user/${name}`),
      "role/Beta",
      "role/OrganizationAccountAccessRole",
      "role/alpha",
    ]);
  });

  test("goes on after any subject with exactly the rest", async () => {
    const { judge } = world();
    await judge();
    const all = (await judge()).subjects;
    for (const [index, { subject: after }] of all.entries()) {
      const rest = (await judge({ after })).subjects;
      expect(rest.map(({ subject }) => subject)).toEqual(all.slice(index + 1).map(({ subject }) => subject));
    }
    expect((await judge({ after: "user/b" })).subjects.map(({ subject }) => subject)).toContain("user/b-b");
    expect((await judge({ after: "role/zzz" })).subjects).toEqual([]);
  });

  test.each(["", "alice", "bucket/x", "accessKey/alice/AKIA"])("does not go on after %j", async (after) => {
    await expect(world().judge({ after })).rejects.toThrow(MalformedInputError);
  });

  test("gives byte-identical judgements for the same facts, whichever answer comes first", async () => {
    const run = async (delay: (count: number) => number) => {
      const { judge, letReportAge, sandbox } = start([
        ...neglected,
        ...names.map((name) => ({ name, password: { age: 99 } })),
      ]);
      await letReportAge();
      let count = 0;
      sandbox.intercept(async () => {
        count += 1;
        for (let turn = delay(count); turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
      });
      return JSON.stringify((await judge()).subjects);
    };
    const first = await run(() => 0);
    expect(await run((count) => (count * 7) % 5)).toBe(first);
    expect(await run((count) => 6 - (count % 6))).toBe(first);
  });

  test("reads at most four users live at once", async () => {
    const users = Array.from({ length: 20 }, (_, index) => ({ name: `u${index}`, keys: [{ age: 200 }] }));
    const { judge, sandbox } = start(users);
    let active = 0;
    let most = 0;
    sandbox.intercept(async (call) => {
      if (call.operation !== "ListAccessKeys") return;
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setImmediate(resolve));
      active -= 1;
    });
    await judge();
    expect(most).toBe(4);
  });
});
