import { describe, expect, it } from "vitest";
import type { AccessKey, ServiceCredential } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import type { AccountState, SandboxState } from "../../sandbox/state.ts";
import type { Violation } from "../../sandbox/world/plan.ts";
import { createWorld, type WorldOptions } from "../../sandbox/world.ts";

const worldOf = (options: WorldOptions) => {
  const sandbox = createSandbox();
  return { sandbox, world: createWorld(sandbox, options) };
};

/** What the state itself shows to violate a control at a time, read off its dates: the other way round from the plans. */
const violationsIn = (state: SandboxState, now: Date): Set<string> => {
  const found = new Set<string>();
  const days = (date: Date) => Math.floor((now.getTime() - date.getTime()) / 86_400_000);
  const latest = (...dates: (Date | undefined)[]) =>
    new Date(Math.max(...dates.flatMap((date) => (date ? [date.getTime()] : []))));
  const keyIdle = (key: AccessKey) => days(latest(key.createdAt, key.lastUsed?.at));
  const judge = (account: AccountState) => {
    const add = (control: string, subject: string) => found.add(`${control} ${account.id} ${subject}`);
    for (const user of account.users.values()) {
      const active = user.accessKeys.filter(({ status }) => status === "Active");
      if (user.loginProfile && user.mfaDevices.length === 0) add("console-user-without-mfa", user.name);
      if (user.loginProfile && days(latest(user.loginProfile.changedAt, user.passwordLastUsedAt)) > 45)
        add("unused-console-password", user.name);
      if (active.length > 1) add("two-active-access-keys", user.name);
      const isLongLived = ({ status, createdAt, expiresAt }: ServiceCredential) =>
        status === "Active" && days(createdAt) > 90 && (expiresAt === undefined || expiresAt > now);
      if ([...(user.serviceCredentials?.values() ?? [])].some(isLongLived))
        add("long-lived-service-credential", user.name);
      for (const key of active) {
        if (days(key.createdAt) > 90) add("stale-access-key", key.id);
        if (keyIdle(key) > 45) add("unused-access-key", key.id);
      }
    }
    for (const role of account.roles.values()) {
      const excluded =
        /^\/aws-(service-role|reserved)\//.test(role.path) ||
        /^(stacksets-exec-|AWSCloudFormationStackSet|AWSControlTowerExecution$|aws-controltower-|OrganizationAccountAccessRole$|cdk-|iam-warden-)/.test(
          role.name,
        );
      if (excluded) continue;
      if (role.trustPolicy.includes(`"Principal":"*"`)) add("trust-open-to-anyone", role.name);
      if (role.boundary === undefined) add("role-without-boundary", role.name);
      else if (!role.boundary.endsWith(":policy/org-boundary")) add("role-with-unapproved-boundary", role.name);
      if (days(latest(role.createdAt, role.lastUsed?.at)) > 90) add("unused-role", role.name);
    }
    for (const { name, expiresAt } of account.serverCertificates.values())
      if (expiresAt <= now) add("server-certificate-expired", name);
    const { MinimumPasswordLength = 0, PasswordReusePrevention = 0 } = account.passwordPolicy ?? {};
    if (
      [...account.users.values()].some(({ loginProfile }) => loginProfile) &&
      (Number(MinimumPasswordLength) < 14 || Number(PasswordReusePrevention) < 24)
    )
      add("weak-password-policy", account.id);
    const { root } = account;
    const hasCredentials = root.passwordEnabled || root.accessKeys.length > 0;
    if (hasCredentials && root.mfaDevices.length === 0) add("root-without-mfa", "root");
    if (hasCredentials && root.mfaDevices.some(({ serial }) => account.virtualMfaDevices.has(serial)))
      add("root-mfa-not-hardware", "root");
    if (root.accessKeys.length > 0) add("root-access-key-exists", "root");
  };
  for (const account of state.accounts.values()) if (account.status === "ACTIVE") judge(account);
  return found;
};

/** These are said with the plans, and hold if the product finds them: see world-judged.test.ts. */
const ofPermissions = /^(?:admin|assume|policy|privilege|service-wide)-/;

const keysOf = (violations: readonly Violation[]) =>
  new Set(
    violations
      .filter(({ control }) => !ofPermissions.test(control))
      .map(({ control, account, subject }) => `${control} ${account} ${subject.accessKeyId ?? subject.name}`),
  );

describe("a generated world", () => {
  it.each([
    { seed: 1, users: 500, roles: 500 },
    { seed: 2, users: 60, roles: 40, accounts: 9 },
    { seed: 3, users: 0, roles: 0 },
  ])("holds exactly the violations that it tells ($users users, $roles roles)", (options) => {
    const { sandbox, world } = worldOf(options);
    expect(keysOf(world.withApprovedBoundary)).toEqual(violationsIn(sandbox.state, sandbox.clock.now()));
    // Still so after the hours that a run may take.
    sandbox.clock.advance(10 * 3_600_000);
    expect(keysOf(world.withApprovedBoundary)).toEqual(violationsIn(sandbox.state, sandbox.clock.now()));
    expect(keysOf(world.truth)).toEqual(
      new Set([...keysOf(world.withApprovedBoundary)].filter((key) => !key.startsWith("role-with-unapproved"))),
    );
  });

  it("has every kind of violation once there are accounts and users enough", () => {
    const { world } = worldOf({ seed: 1, users: 100, roles: 100, accounts: 7 });
    expect([...new Set(world.withApprovedBoundary.map(({ control }) => control))]).toEqual([
      "admin-policy",
      "assume-any-role",
      "console-user-without-mfa",
      "long-lived-service-credential",
      "policy-attached-to-user",
      "policy-near-size-limit",
      "privilege-escalation-path",
      "role-with-unapproved-boundary",
      "role-without-boundary",
      "root-access-key-exists",
      "root-mfa-not-hardware",
      "root-without-mfa",
      "server-certificate-expired",
      "service-wide-policy",
      "stale-access-key",
      "trust-open-to-anyone",
      "two-active-access-keys",
      "unused-access-key",
      "unused-console-password",
      "unused-role",
      "weak-password-policy",
    ]);
  });

  it("has as many users and roles as were asked for, at realistic rates", () => {
    const { sandbox, world } = worldOf({ seed: 7, users: 5000, roles: 10_000 });
    const account = sandbox.state.accounts.get(world.accounts[0] ?? "");
    expect([account?.users.size, account?.roles.size]).toEqual([5000, 10_000]);
    const count = (control: string) => world.truth.filter((violation) => violation.control === control).length;
    const share = (control: string, of: number) => Math.round((count(control) / of) * 100);
    expect(share("role-without-boundary", 10_000)).toBeCloseTo(10, -1);
    expect(share("console-user-without-mfa", 5000)).toBeCloseTo(5, -1);
    expect(count("stale-access-key")).toBeGreaterThan(100);
    expect(count("stale-access-key")).toBeLessThan(1000);
  });

  it("is the same for the same seed, another for another", () => {
    const text = (seed: number) => {
      const { sandbox, world } = worldOf({ seed, users: 80, roles: 80, accounts: 2 });
      return JSON.stringify([world, [...sandbox.state.accounts]], (_, value) =>
        value instanceof Map || value instanceof Set ? [...value] : value,
      );
    };
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it("has a member whose root has no credentials", () => {
    const { sandbox, world } = worldOf({ seed: 1, users: 1, roles: 1, accounts: 2 });
    const member = sandbox.state.accounts.get(world.accounts[1] ?? "");
    expect(member?.root).toMatchObject({ passwordEnabled: false, accessKeys: [], mfaDevices: [] });
    expect(world.truth.filter(({ account }) => account === member?.id)).not.toContainEqual(
      expect.objectContaining({ subject: { kind: "root", name: "root" } }),
    );
  });
});
