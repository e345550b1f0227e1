import { describe, expect, test } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { AccessDeniedError, ThrottledError } from "../../shared/errors.ts";
import { known } from "../../shared/facts/facts.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { accountWith, addMfa, addPerson, failing, type UserSpec } from "../support/iam-account.ts";

const hourMs = 3_600_000;

const start = (users: readonly UserSpec[] = [{ name: "alice", password: { age: 30 }, keys: [{ age: 5 }] }]) => {
  const sandbox = createSandbox();
  const world = accountWith(sandbox, users);
  const read = () => readSnapshot(world.aws, world.ref, world);
  return { sandbox, ...world, read };
};

const only = <T>(items: readonly T[]): T => {
  const [item] = items;
  if (!item || items.length !== 1) throw new Error(`${items.length} items, not one`);
  return item;
};

/** Replaces the report that IAM hands out by another text. */
const tamper = (sandbox: Sandbox, accountId: string, change: (csv: string) => string) => {
  const account = sandbox.state.accounts.get(accountId);
  if (!account?.credentialReport) throw new Error("there is no report yet");
  account.credentialReport = { ...account.credentialReport, content: change(account.credentialReport.content) };
};

describe("a bulk read", () => {
  test("of 500 users and 500 roles takes at most 13 calls, the role and the wait for the report included", async () => {
    const users = Array.from({ length: 500 }, (_, index) => ({ name: `user-${index}`, mfa: "virtual" as const }));
    const { sandbox, account, read, total, calls } = start(users);
    for (let index = 1; index < 500; index += 1)
      addRole(account, sandbox.ids, { name: `role-${index}`, createdAt: account.joinedAt });
    const snapshot = await read();
    expect([snapshot.users.length, snapshot.roles.length]).toEqual([500, 500]);
    expect(snapshot.users.every((user) => user.mfaActive.known && user.mfaActive.value)).toBe(true);
    expect(total()).toBeLessThanOrEqual(13);
    expect(calls()).toEqual({
      "access-analyzer:ListAnalyzers": 1, // of the one Region that is watched
      "access-analyzer:ListFindings": 1, // of the one analyzer there
      "iam:GenerateCredentialReport": 1,
      "iam:GetAccountAuthorizationDetails": 2, // 500 users, 500 roles, and the one policy that is attached
      "iam:GetAccountPasswordPolicy": 1,
      "iam:GetAccountSummary": 1,
      "iam:GetCredentialReport": 2,
      "iam:ListServiceSpecificCredentials": 1,
      "iam:ListUsers": 1,
      "iam:ListVirtualMFADevices": 1,
      "sts:AssumeRole": 1,
    });
  });

  test("reads every page, and orders by name", async () => {
    const users = Array.from({ length: 1100 }, (_, index) => ({
      name: `user-${(index * 7919) % 1100}`,
      mfa: "virtual" as const,
      password: { age: 9, usedAgo: 3 },
    }));
    const { read, calls, clock } = start(users);
    const now = clock().getTime();
    const snapshot = await read();
    const names = snapshot.users.map(({ name }) => name);
    expect(new Set(names).size).toBe(1100);
    expect(names).toEqual([...names].sort());
    expect(calls()).toMatchObject({
      "iam:GetAccountAuthorizationDetails": 2,
      "iam:ListUsers": 2,
      "iam:ListVirtualMFADevices": 2,
    });
    for (const { console: signIn } of snapshot.users)
      expect(signIn).toMatchObject({ value: { lastUsedAt: known(new Date(now - 3 * 24 * hourMs)) } });
  });

  test.each([
    ["iam:GenerateCredentialReport", ["console", "accessKeys", "mfaActive"]],
    ["iam:GetCredentialReport", ["console", "accessKeys", "mfaActive"]],
  ])("without %s knows no credentials, and why", async (permission, parts) => {
    const { sandbox, read } = start();
    failing(sandbox, permission.slice(4));
    const snapshot = await read();
    const why = `${permission} was denied`;
    expect(snapshot.gaps).toEqual([`credential report: ${why}`]);
    expect(snapshot).not.toHaveProperty("reportAt");
    for (const part of parts) expect(only(snapshot.users)).toMatchObject({ [part]: { known: false, why } });
    expect(snapshot.root).toMatchObject({ mfaActive: known(false), accessKeys: { known: false, why } });
  });

  test("without iam:ListVirtualMFADevices has a gap there and the report's word on users", async () => {
    const { sandbox, read } = start();
    failing(sandbox, "ListVirtualMFADevices");
    const snapshot = await read();
    const why = "iam:ListVirtualMFADevices was denied";
    expect(snapshot.gaps).toEqual([why]);
    expect(snapshot.root.virtualMfaAssigned).toEqual({ known: false, why });
    expect(only(snapshot.users).mfaActive).toEqual(known(false));
  });

  test("without iam:ListUsers has the report's word on sign-ins, which is as old as the report", async () => {
    const { sandbox, read } = start([{ name: "alice", password: { age: 30, usedAgo: 1 } }]);
    expect((await read()).liveParts).toEqual(["passwordLastUsed"]);
    failing(sandbox, "ListUsers");
    const snapshot = await read();
    expect(snapshot.gaps).toEqual(["iam:ListUsers was denied"]);
    expect(snapshot.liveParts).toEqual([]);
    expect(only(snapshot.users).console).toMatchObject({
      value: { lastUsedAt: { known: true, value: expect.any(Date) } },
    });
  });

  test("without iam:GetAccountPasswordPolicy does not know what passwords have to be", async () => {
    const { sandbox, read } = start();
    failing(sandbox, "GetAccountPasswordPolicy");
    const why = "iam:GetAccountPasswordPolicy was denied";
    const { accountFacts, gaps } = await read();
    expect(gaps).toEqual([why]);
    expect(accountFacts).toMatchObject({ passwordPolicy: { known: false, why }, hasConsoleUsers: known(true) });
  });

  test("without iam:ListServiceSpecificCredentials knows nobody's, and asks for none where there are no users", async () => {
    const { sandbox, account, read, calls } = start();
    failing(sandbox, "ListServiceSpecificCredentials");
    const why = "iam:ListServiceSpecificCredentials was denied";
    const { users, gaps } = await read();
    expect(gaps).toEqual([why]);
    expect(only(users).serviceCredentials).toEqual({ known: false, why });
    const asked = calls()["iam:ListServiceSpecificCredentials"];
    account.users.clear();
    expect((await read()).gaps).toEqual([]);
    expect(calls()["iam:ListServiceSpecificCredentials"]).toBe(asked);
  });

  test("does not know that nobody has a password where one user's is not known", async () => {
    const { sandbox, read } = start([{ name: "alice", keys: [{ age: 5 }] }]);
    expect((await read()).accountFacts.hasConsoleUsers).toEqual(known(false));
    failing(sandbox, "GetCredentialReport");
    const why = "iam:GetCredentialReport was denied";
    expect((await read()).accountFacts.hasConsoleUsers).toEqual({ known: false, why });
  });

  test("without iam:GetAccountSummary takes a fresh report's word on root, and no older one's", async () => {
    const { sandbox, account, read } = start();
    account.root.passwordEnabled = true;
    failing(sandbox, "GetAccountSummary");
    const why = "iam:GetAccountSummary was denied";
    const fresh = await read();
    expect(fresh.gaps).toEqual([why]);
    expect(fresh.accountFacts.users).toEqual({ known: false, why });
    expect(fresh.root).toMatchObject({
      passwordEnabled: known(true),
      mfaActive: known(false),
      accessKeysPresent: known(false),
    });
    sandbox.clock.advance(hourMs);
    const stale = await read();
    const unknown = { known: false, why };
    expect(stale.root).toMatchObject({ passwordEnabled: unknown, mfaActive: unknown, accessKeysPresent: unknown });
  });

  test("whose role may not be assumed, or whose authorization details are denied, fails the account", async () => {
    const { sandbox, account, read, slept } = start();
    const allow = failing(sandbox, "GetAccountAuthorizationDetails");
    await expect(read()).rejects.toMatchObject({ permission: "iam:GetAccountAuthorizationDetails" });
    await expect(read()).rejects.toThrow(AccessDeniedError);
    expect(slept.length).toBeLessThanOrEqual(1);
    allow();
    account.roles.delete("organizationaccountaccessrole");
    const other = start();
    other.account.roles.clear();
    await expect(other.read()).rejects.toThrow(AccessDeniedError);
    await expect(other.read()).rejects.toMatchObject({ permission: "sts:AssumeRole" });
    await expect(other.read()).rejects.toThrow("role/OrganizationAccountAccessRole");
  });

  test.each(["ListUsers", "ListVirtualMFADevices", "GetAccountSummary"])(
    "that AWS itself fails at in %s has a gap there",
    async (operation) => {
      const { sandbox, read } = start();
      failing(sandbox, operation, "ServiceFailure", { status: 500 });
      expect((await read()).gaps).toEqual([`iam:${operation} failed in AWS`]);
    },
  );

  test("that AWS throttles to the end is to be tried again", async () => {
    const { sandbox, read } = start();
    failing(sandbox, "ListUsers", "Throttling", { status: 400 });
    await expect(read()).rejects.toThrow(ThrottledError);
  });
});

describe("a user", () => {
  test("made after the report is unknown for that reason, and no gap", async () => {
    const { sandbox, account, read } = start();
    await read();
    sandbox.clock.advance(hourMs);
    addPerson(sandbox, account, { name: "new", age: 0, password: { age: 0 }, mfa: "virtual" });
    const snapshot = await read();
    const user = snapshot.users.find(({ name }) => name === "new");
    const why = "created after the credential report of 2026-11-02T08:00:00.000Z";
    expect(user).toMatchObject({ console: { known: false, why }, accessKeys: { known: false, why } });
    // What the live list of virtual devices says is known all the same.
    expect(user?.mfaActive).toEqual(known(true));
    expect(snapshot.gaps).toEqual([]);
  });

  test("who was there and is missing from the report is unknown, and a gap", async () => {
    const { sandbox, ref, read } = start([{ name: "alice" }, { name: "bob" }]);
    await read();
    tamper(sandbox, ref.id, (csv) =>
      csv
        .split("\n")
        .filter((line) => !line.startsWith("bob"))
        .join("\n"),
    );
    const snapshot = await read();
    const why = "missing from the credential report of 2026-11-02T08:00:00.000Z";
    expect(snapshot.users.map((user) => user.mfaActive)).toEqual([known(false), { known: false, why }]);
    expect(snapshot.gaps).toEqual(["credential report: users missing from it who are older than it: 1"]);
  });

  test("who has the name of one who was deleted is not judged by that one's row", async () => {
    const { sandbox, account, read } = start([{ name: "alice", mfa: "hardware" }]);
    await read();
    sandbox.clock.advance(hourMs);
    account.users.clear();
    addPerson(sandbox, account, { name: "alice", age: 0, password: { age: 0 } });
    const why = "the credential report of 2026-11-02T08:00:00.000Z is about an earlier user of this name";
    expect(only((await read()).users)).toMatchObject({
      console: { known: false, why },
      mfaActive: { known: false, why },
      accessKeys: { known: false, why },
    });
  });

  test("whose active key the report does not date has unknown keys", async () => {
    const { sandbox, ref, read } = start([{ name: "alice", keys: [{ age: 5 }] }]);
    await read();
    tamper(sandbox, ref.id, (csv) => csv.replaceAll(/true,2026-10-28T[^,]+/g, "true,N/A"));
    expect(only((await read()).users).accessKeys).toEqual({
      known: false,
      why: "the credential report gives no access_key_1_last_rotated",
    });
  });

  test("who enabled a virtual device or signed in since a stale report is known to have", async () => {
    const { sandbox, account, read, clock } = start([{ name: "alice", password: { age: 300, usedAgo: 100 } }]);
    await read();
    sandbox.clock.advance(hourMs);
    const alice = account.users.get("alice");
    if (!alice) throw new Error("alice is gone");
    addMfa(account, alice, "alice", "virtual");
    alice.passwordLastUsedAt = clock();
    const user = only((await read()).users);
    expect(user.mfaActive).toEqual(known(true));
    expect(user.console).toMatchObject({ value: { lastUsedAt: known(clock()) } });
  });
});

test.each([
  ["nothing", () => "", "is not whole: it is empty"],
  [
    "a header alone, without its rows",
    (csv: string) => csv.split("\n")[0] ?? "",
    "missing from it who are older than it: 2",
  ],
  ["a file cut within a row", (csv: string) => csv.slice(0, -30), "is not whole: row 3 has"],
  ["an error page", () => "<html>Service Unavailable</html>", "is not whole: its header has no column user"],
])("a report that is %s leaves everyone in it unknown, never compliant", async (_, change, problem) => {
  const { sandbox, ref, account, read } = start([
    { name: "alice", mfa: "hardware", keys: [{ age: 1 }] },
    { name: "bob", mfa: "hardware" },
  ]);
  account.root.passwordEnabled = true;
  await read();
  tamper(sandbox, ref.id, change);
  const snapshot = await read();
  expect(snapshot.gaps).toEqual([expect.stringContaining(problem)]);
  for (const user of snapshot.users)
    expect(user).toMatchObject({
      console: { known: false },
      mfaActive: { known: false },
      accessKeys: { known: false },
    });
  // Root is still known from what is live.
  expect(snapshot.root).toMatchObject({ passwordEnabled: known(true), mfaActive: known(false) });
});

test("on root, the account's summary outweighs a stale report", async () => {
  const { sandbox, account, read, clock } = start();
  Object.assign(account.root, { passwordEnabled: true, passwordLastUsedAt: clock() });
  addMfa(account, account.root, "root", "hardware");
  await read();
  sandbox.clock.advance(hourMs);
  account.root.mfaDevices.length = 0;
  account.root.accessKeys.push({ id: "AKIAROOT", secret: "x", status: "Active", createdAt: clock() });
  expect((await read()).root).toMatchObject({
    mfaActive: known(false),
    accessKeysPresent: known(true),
    accessKeys: known([]),
    passwordLastUsedAt: known(expect.any(Date)),
  });
});

test("a report without a row for root leaves to the summary what it can say", async () => {
  const { sandbox, ref, account, read } = start();
  account.root.passwordEnabled = true;
  await read();
  tamper(sandbox, ref.id, (csv) =>
    csv
      .split("\n")
      .filter((line) => !line.startsWith("<root"))
      .join("\n"),
  );
  const { root, gaps } = await read();
  expect(root).toMatchObject({
    passwordEnabled: known(true),
    mfaActive: known(false),
    accessKeys: { known: false, why: "the credential report has no row for root" },
    passwordLastUsedAt: { known: false },
  });
  expect(gaps).toEqual([]);
});
