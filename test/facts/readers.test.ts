import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addRole, strictPasswordPolicy } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { readHasConsoleUsers } from "../../shared/facts/console-users.ts";
import { type AccessKeyFacts, type Fact, known, type RootFacts, type UserFacts } from "../../shared/facts/facts.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { accountWith, addMfa, failing, type UserSpec } from "../support/iam-account.ts";

const notKnown = { known: false, why: expect.any(String) };

const factOf = <T>(fact: Fact<T>): T => {
  if (!fact.known) throw new Error(`not known: ${fact.why}`);
  return fact.value;
};

/** What the bulk reader has to say of a key that the live reader says this of: all but its id. */
const keyInBulk = (live: AccessKeyFacts) => ({ ...live, id: notKnown });

/** Likewise of a user: no key ids and no creation of the login profile, but when the password was changed. */
const userInBulk = (live: UserFacts) => {
  const signIn = factOf(live.console);
  return {
    ...live,
    credentialsAsOf: expect.any(Date),
    console: known(
      signIn.enabled ? { ...signIn, createdAt: notKnown, passwordChangedAt: known(expect.any(Date)) } : signIn,
    ),
    accessKeys: known(factOf(live.accessKeys).map(keyInBulk)),
  };
};

/** Likewise of root: single keys and the last sign-in are in the report alone. */
const rootInBulk = (live: RootFacts) => ({
  ...live,
  accessKeys: known(expect.any(Array)),
  passwordLastUsedAt: known(expect.toSatisfy((value) => value === null || value instanceof Date)),
});

const everyKind: readonly UserSpec[] = [
  { name: "plain" },
  { name: "a,comma=and+more@example.com", path: "/team/blue/", tags: { team: "blue", "a:b": "c" } },
  { name: "console", password: { age: 30, usedAgo: 2 } },
  { name: "console-never-used", password: { age: 30 } },
  { name: "console-virtual", password: { age: 30, usedAgo: 2 }, mfa: "virtual" },
  { name: "console-hardware", password: { age: 30, usedAgo: 2 }, mfa: "hardware" },
  { name: "both-devices", password: { age: 30 }, mfa: "both", boundary: "arn:aws:iam::111122223333:policy/b" },
  { name: "one-key", keys: [{ age: 10 }] },
  { name: "used-key", keys: [{ age: 100, usedAgo: 50 }] },
  {
    name: "two-keys",
    keys: [
      { age: 10, usedAgo: 1 },
      { age: 200, usedAgo: 100, inactive: true },
    ],
  },
  { name: "two-of-one-second", keys: [{ age: 10 }, { age: 10, usedAgo: 3 }] },
  { name: "root", mfa: "virtual" },
];

/** Reads an account in bulk, then every subject of it live, in one world that stands still in between. */
const readBoth = async (
  specs: readonly UserSpec[],
  prepare: (world: ReturnType<typeof accountWith>) => void = () => {},
  seed?: number,
) => {
  const sandbox = createSandbox({ seed });
  const world = accountWith(sandbox, specs);
  prepare(world);
  const bulk = await readSnapshot(world.aws, world.ref, world);
  const live = createLiveReader(world.aws, world.ref, world.clock, { readHasConsoleUsers });
  return { sandbox, world, bulk, live };
};

describe("both readers", () => {
  test("say the same of every user, but for what only one of them can know", async () => {
    const { bulk, live } = await readBoth(everyKind);
    expect(bulk.gaps).toEqual([]);
    expect(bulk.users.map(({ name }) => name)).toEqual(everyKind.map(({ name }) => name).sort());
    for (const user of bulk.users) {
      const alive = await live.user(user.name, { policies: true });
      if (!alive) throw new Error(`${user.name} is gone`);
      expect(user).toStrictEqual(userInBulk(alive));
      for (const key of factOf(alive.accessKeys)) expect(factOf(key.id)).toMatch(/^AKIA/);
      const signIn = factOf(alive.console);
      expect(signIn.passwordChangedAt).toStrictEqual(notKnown);
      expect(signIn.createdAt.known).toBe(signIn.enabled);
    }
  });

  test("say the same of users of any make", async () => {
    const daysAgo = fc.integer({ min: 0, max: 399 });
    const spec: fc.Arbitrary<Omit<UserSpec, "name">> = fc.record(
      {
        password: fc.record({ age: daysAgo, usedAgo: daysAgo }, { requiredKeys: ["age"] }),
        mfa: fc.constantFrom("virtual" as const, "hardware" as const, "both" as const),
        keys: fc.array(
          fc.record({ age: daysAgo, usedAgo: daysAgo, inactive: fc.boolean() }, { requiredKeys: ["age"] }),
          {
            maxLength: 2,
          },
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(spec, { minLength: 1, maxLength: 6 }), async (specs) => {
        const { bulk, live } = await readBoth(specs.map((one, index) => ({ ...one, name: `user-${index}` })));
        for (const user of bulk.users) {
          const alive = await live.user(user.name, { policies: true });
          expect(alive && userInBulk(alive)).toMatchObject({ name: user.name });
          expect(user).toStrictEqual(alive && userInBulk(alive));
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["state", { age: 10 }, { age: 10, inactive: true }],
    ["last use", { age: 10, usedAgo: 3 }, { age: 10, usedAgo: 2 }],
    ["having been used", { age: 10 }, { age: 10, usedAgo: 3 }],
    ["nothing", { age: 10 }, { age: 10 }],
  ])("put keys of one second that differ by %s in the same order, whatever their ids", async (_, one, other) => {
    for (let seed = 1; seed <= 8; seed++)
      for (const keys of [
        [one, other],
        [other, one],
      ]) {
        const { bulk, live } = await readBoth([{ name: "bob", keys }], undefined, seed);
        const alive = await live.user("bob", { policies: true });
        expect(bulk.users).toStrictEqual(alive && [userInBulk(alive)]);
      }
  });

  test("say the same of every role", async () => {
    const { world, bulk, live } = await readBoth([], ({ account }) => {
      const ids = createSandbox({ seed: 7 }).ids;
      const createdAt = account.joinedAt;
      addRole(account, ids, { name: "plain", createdAt });
      addRole(account, ids, {
        name: "bounded",
        path: "/service-role/",
        createdAt,
        boundary: `arn:aws:iam::${account.id}:policy/boundary`,
        tags: new Map([
          ["b", "2"],
          ["a", "1 & <2>"],
        ]),
        lastUsed: { at: new Date("2026-10-01T00:00:00Z"), region: "eu-west-1" },
        trustPolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole", Sid: "100% + ü" },
        }),
      });
    });
    expect(bulk.roles.map(({ name }) => name)).toEqual(["OrganizationAccountAccessRole", "bounded", "plain"]);
    const [own, ...others] = bulk.roles;
    for (const role of others) expect(role).toStrictEqual(await live.role(role.name, { policies: true }));
    // The readers' own role is in use while they read.
    expect(own).toStrictEqual({
      ...(await live.role("OrganizationAccountAccessRole", { policies: true })),
      lastUsedAt: expect.any(Date),
    });
    expect(bulk.roles[1]).toMatchObject({
      account: world.ref,
      path: "/service-role/",
      tags: { a: "1 & <2>", b: "2" },
      permissionsBoundaryArn: `arn:aws:iam::${world.ref.id}:policy/boundary`,
      lastUsedAt: new Date("2026-10-01T00:00:00Z"),
      trustPolicy: known({ Statement: { Sid: "100% + ü" } }),
    });
  });

  test.each([
    ["nothing", () => {}],
    ["a password", (root) => Object.assign(root, { passwordEnabled: true })],
    [
      "a password it used",
      (root) => Object.assign(root, { passwordEnabled: true, passwordLastUsedAt: new Date(1e12) }),
    ],
    ["a virtual device", (root, account) => addMfa(account, root, "root-account-mfa-device", "virtual")],
    ["a hardware device", (root, account) => addMfa(account, root, "root", "hardware")],
    [
      "access keys",
      (root) => {
        const createdAt = new Date(1e12);
        root.accessKeys.push({ id: "AKIAROOT", secret: "x", status: "Active", createdAt });
        root.accessKeys.push({ id: "AKIAROOT2", secret: "x", status: "Inactive", createdAt });
      },
    ],
  ] satisfies [
    string,
    (root: Parameters<typeof addMfa>[1] & { passwordEnabled?: boolean }, account: Parameters<typeof addMfa>[0]) => void,
  ][])("say the same of a root that has %s", async (_, prepare) => {
    const { bulk, live } = await readBoth([], ({ account }) => prepare(account.root, account));
    const alive = await live.root();
    expect(bulk.root).toStrictEqual(rootInBulk(alive));
    for (const fact of [alive.passwordEnabled, alive.mfaActive, alive.virtualMfaAssigned, alive.accessKeysPresent])
      expect(fact.known).toBe(true);
    expect(alive.accessKeys).toStrictEqual(notKnown);
    expect(alive.passwordLastUsedAt).toStrictEqual(notKnown);
  });

  test("say the same of service-specific credentials, oldest first", async () => {
    const { bulk, live } = await readBoth([{ name: "git" }, { name: "none" }], ({ account, clock }) => {
      const at = (days: number) => new Date(clock().getTime() - days * 86_400_000);
      const credential = (id: string, days: number) => ({ id, alias: "x", createdAt: at(days) });
      const all = [
        { ...credential("ACCA2", 5), service: "codecommit.amazonaws.com", status: "Active" as const },
        {
          ...credential("ACCA1", 90),
          service: "bedrock.amazonaws.com",
          status: "Inactive" as const,
          expiresAt: at(-9),
        },
      ];
      const git = account.users.get("git");
      if (git) git.serviceCredentials = new Map(all.map((one) => [one.id, one]));
    });
    const [git, none] = bulk.users;
    expect(git?.serviceCredentials).toStrictEqual((await live.user("git"))?.serviceCredentials);
    expect(git?.serviceCredentials).toMatchObject({
      value: [
        { id: "ACCA1", service: "bedrock.amazonaws.com", active: false, expiresAt: expect.any(Date) },
        { id: "ACCA2", service: "codecommit.amazonaws.com", active: true, expiresAt: null },
      ],
    });
    expect(none?.serviceCredentials).toStrictEqual(known([]));
    expect((await live.user("none"))?.serviceCredentials).toStrictEqual(known([]));
  });

  test("say the same of the account", async () => {
    const { bulk, live } = await readBoth([{ name: "one" }, { name: "two" }]);
    expect(bulk.accountFacts).toStrictEqual(await live.account());
    expect(bulk.accountFacts).toMatchObject({ users: known(2), usersQuota: known(5000), roles: known(1) });
  });

  test.each([
    ["none", undefined, null],
    ["one of all rules", { ...strictPasswordPolicy, MaxPasswordAge: 90, HardExpiry: true }, { maxAgeDays: 90 }],
    [
      "one of hardly any",
      { MinimumPasswordLength: 8 },
      { minimumLength: 8, remembered: null, maxAgeDays: null, requireSymbols: false },
    ],
  ])("say the same of a password policy: %s", async (_, policy, expected) => {
    const { bulk, live } = await readBoth([{ name: "one", password: { age: 3 } }], ({ account }) => {
      delete account.passwordPolicy;
      if (policy) account.passwordPolicy = policy;
    });
    const alive = await live.account();
    expect(bulk.accountFacts).toStrictEqual(alive);
    expect(alive.hasConsoleUsers).toEqual(known(true));
    expect(alive.passwordPolicy).toMatchObject({ known: true, value: expected });
  });

  test("know no more of who has a password than a report at hand says", async () => {
    const { sandbox, world, live } = await readBoth([{ name: "one", keys: [{ age: 5 }] }]);
    const { account } = world;
    expect((await live.account()).hasConsoleUsers).toEqual(known(false));
    const one = account.users.get("one");
    const at = sandbox.clock.now();
    if (one) one.loginProfile = { createdAt: at, changedAt: at, resetRequired: false };
    sandbox.clock.advance(6 * 60_000);
    const made = account.credentialReport?.startedAt.toISOString().slice(0, 15);
    expect((await live.account()).hasConsoleUsers).toMatchObject({
      known: false,
      why: expect.stringMatching(
        new RegExp(`^the credential report of ${made}.+ has no user with a console password$`),
      ),
    });
    sandbox.clock.advance(5 * 3_600_000);
    const none = { known: false, why: "there is no credential report at hand" };
    expect((await live.account()).hasConsoleUsers).toEqual(none);
    failing(sandbox, "GetCredentialReport");
    expect((await live.account()).hasConsoleUsers).toEqual({ known: false, why: "iam:GetCredentialReport was denied" });
  });
});
