import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { addGroup, addRole, addUser } from "../../../sandbox/iam/state.ts";
import { failureOf, startSandbox } from "../support.ts";

const hours = (count: number) => count * 3_600_000;
const allow = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } });

describe("the credential report", () => {
  const start = () => {
    const started = startSandbox();
    const { iam, sandbox } = started;
    const report = async () => {
      await iam.generateCredentialReport({});
      sandbox.clock.advance(5000);
      const { Content, GeneratedTime } = await iam.getCredentialReport({});
      const rows: Record<string, string>[] = parse(Buffer.from(Content ?? []), { columns: true });
      return { rows, GeneratedTime };
    };
    return { ...started, report };
  };

  test("is made in the background, also where time stands still", async () => {
    const { iam } = start();
    const states = [];
    for (let asked = 0; asked < 5; asked++) states.push((await iam.generateCredentialReport({})).State);
    expect(states).toEqual(["STARTED", "INPROGRESS", "INPROGRESS", "COMPLETE", "COMPLETE"]);
  });

  test("is ready sooner where time moves on", async () => {
    const { iam, sandbox } = start();
    await iam.generateCredentialReport({});
    expect((await failureOf(iam.getCredentialReport({}))).code).toBe("ReportInProgress");
    sandbox.clock.advance(2000);
    expect((await iam.getCredentialReport({})).ReportFormat).toBe("text/csv");
  });

  test("stays as it is for four hours, then expires, and may be made again", async () => {
    const { iam, sandbox, report } = start();
    const madeAt = sandbox.clock.now();
    expect((await report()).GeneratedTime).toEqual(madeAt);
    await iam.createUser({ UserName: "late" });
    sandbox.clock.advance(hours(3.9));
    expect((await iam.generateCredentialReport({})).State).toBe("COMPLETE");
    expect((await report()).rows.map(({ user }) => user)).toEqual(["<root_account>"]);
    sandbox.clock.advance(hours(0.2));
    expect((await failureOf(iam.getCredentialReport({}))).code).toBe("ReportExpired");
    expect((await iam.generateCredentialReport({})).State).toBe("STARTED");
    sandbox.clock.advance(5000);
    expect((await report()).rows.map(({ user }) => user)).toEqual(["<root_account>", "late"]);
  });

  test("says of each user what the columns promise", async () => {
    const { iam, sandbox, account, accountId, report } = start();
    const createdAt = sandbox.clock.now();
    const user = addUser(account, sandbox.ids, { name: "alice", createdAt });
    addUser(account, sandbox.ids, { name: "bob", path: "/a/", createdAt });
    await iam.createLoginProfile({ UserName: "alice", Password: "correct horse" });
    await iam.updateAccountPasswordPolicy({ MaxPasswordAge: 1 });
    await iam.createAccessKey({ UserName: "alice" });
    await iam.createAccessKey({ UserName: "alice" });
    const [first, second] = user.accessKeys;
    if (!first || !second) throw new Error("no keys");
    first.status = "Inactive";
    second.lastUsed = { at: new Date("2026-10-01T00:00:00Z"), service: "s3", region: "eu-west-1" };
    user.mfaDevices.push({ serial: "GAHT12345678", enabledAt: createdAt });
    sandbox.signIn(accountId, "root", { mfa: true });
    const { rows } = await report();
    const now = "2026-11-02T08:00:00+00:00";
    const none = {
      active: "false",
      last_rotated: "N/A",
      last_used_date: "N/A",
      last_used_region: "N/A",
      last_used_service: "N/A",
    };
    const key = (number: 1 | 2, cells: object) =>
      Object.fromEntries(Object.entries(cells).map(([name, value]) => [`access_key_${number}_${name}`, value]));
    const certificates = {
      cert_1_active: "false",
      cert_1_last_rotated: "N/A",
      cert_2_active: "false",
      cert_2_last_rotated: "N/A",
    };
    expect(rows).toEqual([
      {
        user: "<root_account>",
        arn: `arn:aws:iam::${accountId}:root`,
        user_creation_time: now,
        password_enabled: "true",
        password_last_used: now,
        password_last_changed: "not_supported",
        password_next_rotation: "not_supported",
        mfa_active: "false",
        ...key(1, none),
        ...key(2, none),
        ...certificates,
      },
      {
        user: "alice",
        arn: `arn:aws:iam::${accountId}:user/alice`,
        user_creation_time: now,
        password_enabled: "true",
        password_last_used: "no_information",
        password_last_changed: now,
        password_next_rotation: "2026-11-03T08:00:00+00:00",
        mfa_active: "true",
        ...key(1, { ...none, last_rotated: now }),
        ...key(2, {
          active: "true",
          last_rotated: now,
          last_used_date: "2026-10-01T00:00:00+00:00",
          last_used_region: "eu-west-1",
          last_used_service: "s3",
        }),
        ...certificates,
      },
      {
        user: "bob",
        arn: `arn:aws:iam::${accountId}:user/a/bob`,
        user_creation_time: now,
        password_enabled: "false",
        password_last_used: "N/A",
        password_last_changed: "N/A",
        password_next_rotation: "N/A",
        mfa_active: "false",
        ...key(1, none),
        ...key(2, none),
        ...certificates,
      },
    ]);
  });
});

describe("the authorization details", () => {
  const start = () => {
    const started = startSandbox();
    const { account, sandbox } = started;
    const createdAt = sandbox.clock.now();
    addGroup(account, sandbox.ids, { name: "crew", createdAt });
    addUser(account, sandbox.ids, {
      name: "alice",
      createdAt,
      groups: new Set(["crew"]),
      inlinePolicies: new Map([["in", allow]]),
      tags: new Map([["a", "b"]]),
      boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      loginProfile: { createdAt, changedAt: createdAt, resetRequired: false },
      passwordLastUsedAt: createdAt,
    });
    addRole(account, sandbox.ids, {
      name: "app",
      createdAt,
      attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
      boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      tags: new Map([["a", "b"]]),
      lastUsed: { at: createdAt, region: "eu-west-1" },
    });
    return started;
  };

  test("tell everything but when a password was used", async () => {
    const { iam, account } = start();
    await iam.createPolicy({ PolicyName: "p", PolicyDocument: allow });
    const details = await iam.getAccountAuthorizationDetails({});
    const { UserDetailList, RoleDetailList, GroupDetailList, Policies } = details;
    const boundary = {
      PermissionsBoundaryType: "Policy",
      PermissionsBoundaryArn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
    };
    const createdAt = account.joinedAt;
    expect(UserDetailList).toEqual([
      {
        UserName: "alice",
        Path: "/",
        UserId: account.users.get("alice")?.id,
        Arn: account.users.get("alice")?.arn,
        CreateDate: createdAt,
        UserPolicyList: [{ PolicyName: "in", PolicyDocument: encodeURIComponent(allow).replaceAll("*", "%2A") }],
        GroupList: ["crew"],
        AttachedManagedPolicies: [],
        PermissionsBoundary: boundary,
        Tags: [{ Key: "a", Value: "b" }],
      },
    ]);
    expect(RoleDetailList).toEqual([
      {
        RoleName: "app",
        Path: "/",
        RoleId: account.roles.get("app")?.id,
        Arn: account.roles.get("app")?.arn,
        CreateDate: createdAt,
        AssumeRolePolicyDocument: encodeURIComponent(account.roles.get("app")?.trustPolicy ?? ""),
        InstanceProfileList: [],
        RolePolicyList: [],
        AttachedManagedPolicies: [
          { PolicyName: "AdministratorAccess", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        ],
        PermissionsBoundary: boundary,
        Tags: [{ Key: "a", Value: "b" }],
        RoleLastUsed: { LastUsedDate: createdAt, Region: "eu-west-1" },
      },
    ]);
    expect(GroupDetailList).toMatchObject([{ GroupName: "crew", GroupPolicyList: [] }]);
    expect(Policies?.map(({ PolicyName }) => PolicyName)).toEqual(["AdministratorAccess", "ReadOnlyAccess", "p"]);
    expect(decodeURIComponent(Policies?.[2]?.PolicyVersionList?.[0]?.Document ?? "")).toBe(allow);
  });

  test("are filtered and paged over all lists together", async () => {
    const { iam, account, sandbox } = start();
    for (let index = 0; index < 1500; index++) {
      addUser(account, sandbox.ids, { name: `user-${index}`, createdAt: account.joinedAt });
      addRole(account, sandbox.ids, { name: `role-${index}`, createdAt: account.joinedAt });
    }
    const pages: [number, number][] = [];
    const names = new Set<string | undefined>();
    let Marker: string | undefined;
    do {
      const answer = await iam.getAccountAuthorizationDetails({
        Filter: ["User", "Role"],
        MaxItems: 1000,
        ...(Marker && { Marker }),
      });
      const { UserDetailList = [], RoleDetailList = [] } = answer;
      for (const each of [...UserDetailList, ...RoleDetailList]) names.add(each.Arn);
      pages.push([UserDetailList.length, RoleDetailList.length]);
      expect([answer.GroupDetailList, answer.Policies]).toEqual([[], []]);
      Marker = answer.IsTruncated ? answer.Marker : undefined;
    } while (Marker);
    expect(pages).toEqual([
      [1000, 0],
      [501, 499],
      [0, 1000],
      [0, 2],
    ]);
    expect(names.size).toBe(3002);
  });
});
