import { describe, expect, test } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { AccessDeniedError, ThrottledError } from "../../shared/errors.ts";
import { readHasConsoleUsers } from "../../shared/facts/console-users.ts";
import { type CredentialPart, known, type UserFacts } from "../../shared/facts/facts.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { refreshed } from "../../shared/facts/live-credentials.ts";
import type { LiveReader, ReadOptions } from "../../shared/facts/readers.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { accountWith, addMfa, failing, type UserSpec } from "../support/iam-account.ts";

const alice: UserSpec = {
  name: "alice",
  password: { age: 30, usedAgo: 3 },
  mfa: "hardware",
  keys: [{ age: 100, usedAgo: 50 }, { age: 10 }],
};

const start = (users: readonly UserSpec[] = [alice]) => {
  const sandbox = createSandbox();
  const world = accountWith(sandbox, users);
  const user = world.account.users.get("alice");
  if (!user) throw new Error("no alice");
  return {
    sandbox,
    ...world,
    user,
    live: createLiveReader(world.aws, world.ref, world.clock, { readHasConsoleUsers }),
  };
};

describe("a live read of a user", () => {
  test("takes a call for each part and each key", async () => {
    const { live, calls, clock } = start();
    expect(await live.user("alice")).toMatchObject({ credentialsAsOf: clock(), mfaActive: known(true) });
    expect(calls()).toEqual({
      "iam:GetAccessKeyLastUsed": 2,
      "iam:GetLoginProfile": 1,
      "iam:GetUser": 1,
      "iam:ListAccessKeys": 1,
      "iam:ListMFADevices": 1,
      "iam:ListServiceSpecificCredentials": 1,
      "sts:AssumeRole": 1,
    });
  });

  test.each([
    ["GetLoginProfile", "console"],
    ["ListMFADevices", "mfaActive"],
    ["ListAccessKeys", "accessKeys"],
  ])("that %s denies has an unknown %s, which names the permission, and the rest", async (operation, part) => {
    const { sandbox, live } = start();
    const whole = await live.user("alice");
    failing(sandbox, operation);
    expect(await live.user("alice")).toEqual({
      ...whole,
      [part]: { known: false, why: `iam:${operation} was denied` },
    });
  });

  test("that GetAccessKeyLastUsed denies knows the keys, not their use", async () => {
    const { sandbox, live } = start();
    failing(sandbox, "GetAccessKeyLastUsed");
    const lastUsedAt = { known: false, why: "iam:GetAccessKeyLastUsed was denied" };
    expect(await live.user("alice")).toMatchObject({ accessKeys: known([{ lastUsedAt }, { lastUsedAt }]) });
  });

  test.each([
    ["user", "GetUser"],
    ["role", "GetRole"],
  ] as const)("or role that may not be read at all (%s) fails with the permission", async (kind, operation) => {
    const { sandbox, live } = start();
    failing(sandbox, operation);
    const reading = live[kind]("alice");
    await expect(reading).rejects.toThrow(AccessDeniedError);
    await expect(reading).rejects.toMatchObject({ permission: `iam:${operation}` });
  });

  test.each(["GetUser", "GetLoginProfile", "ListMFADevices", "ListAccessKeys", "GetAccessKeyLastUsed"])(
    "that AWS throttles at %s to the end is to be tried again",
    async (operation) => {
      const { sandbox, live } = start();
      failing(sandbox, operation, "Throttling", { status: 400 });
      await expect(live.user("alice")).rejects.toThrow(ThrottledError);
    },
  );

  test("or role that does not exist is undefined", async () => {
    const { live } = start();
    expect(await live.user("nobody")).toBeUndefined();
    expect(await live.role("nobody")).toBeUndefined();
  });

  test.each(["GetLoginProfile", "ListMFADevices", "ListAccessKeys"])(
    "who is deleted just before %s is undefined",
    async (operation) => {
      const { sandbox, account, live } = start();
      sandbox.intercept((call) => {
        if (call.operation === operation) account.users.delete("alice");
      });
      expect(await live.user("alice")).toBeUndefined();
    },
  );

  test("whose key is deleted just before its last use is read has an unknown last use there", async () => {
    const { sandbox, user, live } = start();
    sandbox.intercept((call) => {
      if (call.operation === "GetAccessKeyLastUsed") user.accessKeys.length = 0;
    });
    expect(await live.user("alice")).toMatchObject({ accessKeys: known([{ lastUsedAt: { known: false } }, {}]) });
  });
});

const refresh = async (
  live: LiveReader,
  before: UserFacts,
  parts: readonly CredentialPart[],
  options?: ReadOptions,
) => {
  const read = await live.credentials(before.name, parts, options);
  return read && refreshed(before, read);
};

describe("a refresh", () => {
  test.each([
    [["loginProfile"], { "iam:GetLoginProfile": 1 }],
    [["passwordLastUsed"], { "iam:GetUser": 1 }],
    [["mfaDevices"], { "iam:ListMFADevices": 1 }],
    [["accessKeys"], { "iam:ListAccessKeys": 1 }],
    [["accessKeys", "accessKeyLastUsed"], { "iam:ListAccessKeys": 1, "iam:GetAccessKeyLastUsed": 2 }],
    [["accessKeyLastUsed"], { "iam:ListAccessKeys": 1, "iam:GetAccessKeyLastUsed": 2 }],
    [["loginProfile", "mfaDevices"], { "iam:GetLoginProfile": 1, "iam:ListMFADevices": 1 }],
    [[], {}],
  ] satisfies [CredentialPart[], Record<string, number>][])(
    "of %j makes these calls and no other",
    async (parts, expected) => {
      const { live, calls, ...world } = start();
      const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
      if (!before) throw new Error("no alice");
      const bulkCalls = calls();
      const after = await refresh(live, before, parts);
      const made = Object.entries(calls()).flatMap(([name, count]) => {
        const more = count - (bulkCalls[name] ?? 0);
        return more > 0 ? [[name, more]] : [];
      });
      expect(Object.fromEntries(made)).toEqual(expected);
      expect(after?.credentialsAsOf).toEqual(before.credentialsAsOf);
    },
  );

  test("reads the parts anew and keeps the rest", async () => {
    const { live, user, sandbox, ...world } = start();
    const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
    if (!before?.console.known || !before.accessKeys.known) throw new Error("no facts of alice");
    delete user.loginProfile;
    user.mfaDevices.length = 0;
    const [old, young] = user.accessKeys;
    if (!old || !young) throw new Error("no keys");
    old.status = "Inactive";
    old.lastUsed = { at: world.clock(), service: "s3", region: "eu-west-1" };

    expect(await refresh(live, before, ["mfaDevices"])).toStrictEqual({ ...before, mfaActive: known(false) });
    expect(await refresh(live, before, ["loginProfile"])).toMatchObject({
      console: known({ enabled: false }),
      mfaActive: known(true),
    });
    const [oldBefore, youngBefore] = before.accessKeys.value;
    expect(await refresh(live, before, ["accessKeys"])).toStrictEqual({
      ...before,
      accessKeys: known([
        { ...oldBefore, id: known(old.id), active: false },
        { ...youngBefore, id: known(young.id) },
      ]),
    });
    const lastUsedOf = (key: { active: boolean }) => !key.active;
    const used = await refresh(live, before, ["accessKeys", "accessKeyLastUsed"], { lastUsedOf });
    expect(used?.accessKeys).toMatchObject(
      known([{ lastUsedAt: known(world.clock()) }, youngBefore && { lastUsedAt: youngBefore.lastUsedAt }]),
    );
  });

  test("knows the sign-ins of a password that is older than the report", async () => {
    const { live, user, sandbox, ...world } = start([{ name: "alice" }]);
    const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
    if (!before) throw new Error("no alice");
    user.loginProfile = { createdAt: world.clock(), changedAt: world.clock(), resetRequired: false };
    const after = await refresh(live, before, ["loginProfile"]);
    expect(after?.console).toMatchObject(
      known({ enabled: true, createdAt: known(world.clock()), lastUsedAt: { known: false } }),
    );
    expect(await refresh(live, before, ["loginProfile", "passwordLastUsed"])).toMatchObject({
      console: known({ lastUsedAt: known(null) }),
    });
  });

  test.each([
    ["GetLoginProfile", "loginProfile", "console"],
    ["GetUser", "passwordLastUsed", "console"],
    ["ListMFADevices", "mfaDevices", "mfaActive"],
    ["ListAccessKeys", "accessKeys", "accessKeys"],
  ] as const)(
    "that AWS itself fails at in %s makes that unknown, where a read of the user fails",
    async (operation, part, fact) => {
      const { live, sandbox, ...world } = start();
      const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
      if (!before) throw new Error("no alice");
      failing(sandbox, operation, "ServiceFailure", { status: 500 });
      const after = await refresh(live, before, [part]);
      const unknown = { known: false, why: `iam:${operation} failed in AWS` };
      expect(after?.[fact]).toEqual(
        operation === "GetUser" ? known(expect.objectContaining({ lastUsedAt: unknown })) : unknown,
      );
      await expect(live.user("alice")).rejects.toThrow(ThrottledError);
    },
  );

  test("lists a key that is newer than the report, with an unknown use", async () => {
    const { live, user, sandbox, ...world } = start([{ name: "alice", keys: [{ age: 9, usedAgo: 1 }] }]);
    const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
    if (!before) throw new Error("no alice");
    user.accessKeys.push({
      id: sandbox.ids.accessKey("AKIA"),
      secret: "x",
      status: "Active",
      createdAt: world.clock(),
    });
    expect(await refresh(live, before, ["accessKeys"])).toMatchObject({
      accessKeys: known([{ lastUsedAt: { known: true } }, { lastUsedAt: { known: false } }]),
    });
  });

  test.each(["loginProfile", "passwordLastUsed", "mfaDevices", "accessKeys"] satisfies CredentialPart[])(
    "of the %s of a user who is gone is undefined",
    async (part) => {
      const { live, account, sandbox, ...world } = start();
      const before = (await readSnapshot(world.aws, world.ref, world)).users[0];
      if (!before) throw new Error("no alice");
      account.users.delete("alice");
      expect(await refresh(live, before, [part])).toBeUndefined();
    },
  );
});

test("a live read of root that is denied a part knows the other", async () => {
  const { sandbox, account, live } = start();
  addMfa(account, account.root, "root-account-mfa-device", "virtual");
  const why = "iam:GetAccountSummary was denied";
  const allow = failing(sandbox, "GetAccountSummary");
  expect(await live.root()).toMatchObject({
    passwordEnabled: { known: false, why },
    accessKeysPresent: { known: false, why },
    mfaActive: known(true),
    virtualMfaAssigned: known(true),
  });
  expect(await live.account()).toMatchObject({ users: { known: false, why } });
  allow();
  failing(sandbox, "ListVirtualMFADevices");
  expect(await live.root()).toMatchObject({
    mfaActive: known(true),
    virtualMfaAssigned: { known: false, why: "iam:ListVirtualMFADevices was denied" },
  });
});

test("a live read fails where the role may not be assumed: that is no gap of one part", async () => {
  const { account, live } = start();
  account.roles.clear();
  for (const reading of [live.root(), live.account(), live.user("alice")])
    await expect(reading).rejects.toMatchObject({ permission: "sts:AssumeRole" });
});
