import { IAM } from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { addRole, trusting } from "../../../sandbox/iam/state.ts";
import { failureOf, startSandbox } from "../support.ts";

const allow = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } });
const trust = trusting({ Service: "ec2.amazonaws.com" });
const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
const odd = 'it\'s 100% (a*b) & <c> "d" é\u2028!';

describe("users", () => {
  test("live from creation to deletion", async () => {
    const { iam, accountId, account } = startSandbox();
    const { User } = await iam.createUser({
      UserName: "alice",
      Path: "/staff/",
      Tags: [{ Key: "note", Value: "é = 1/2" }],
    });
    expect(User).toMatchObject({
      Arn: `arn:aws:iam::${accountId}:user/staff/alice`,
      Tags: [{ Key: "note", Value: "é = 1/2" }],
    });
    await iam.updateUser({ UserName: "alice", NewUserName: "Alice", NewPath: "/" });
    expect((await iam.getUser({ UserName: "Alice" })).User).toEqual({
      ...User,
      UserName: "Alice",
      Path: "/",
      Arn: `arn:aws:iam::${accountId}:user/Alice`,
    });
    await iam.tagUser({
      UserName: "Alice",
      Tags: [
        { Key: "NOTE", Value: "new" },
        { Key: "team", Value: "" },
      ],
    });
    expect((await iam.listUserTags({ UserName: "Alice" })).Tags).toEqual([
      { Key: "NOTE", Value: "new" },
      { Key: "team", Value: "" },
    ]);
    await iam.untagUser({ UserName: "Alice", TagKeys: ["note"] });
    await iam.putUserPermissionsBoundary({ UserName: "Alice", PermissionsBoundary: administrator });
    expect((await iam.getUser({ UserName: "Alice" })).User).toMatchObject({
      PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: administrator },
      Tags: [{ Key: "team", Value: "" }],
    });
    const [listed] = (await iam.listUsers({})).Users ?? [];
    expect(listed).not.toHaveProperty("PermissionsBoundary");
    expect(listed).not.toHaveProperty("Tags");
    await iam.deleteUserPermissionsBoundary({ UserName: "Alice" });
    await iam.deleteUser({ UserName: "Alice" });
    expect(account.users.size).toBe(0);
  });

  test("sign in, change their password, and lose it", async () => {
    const { iam, sandbox, accountId, account, clientAs } = startSandbox();
    await iam.createUser({ UserName: "alice" });
    await iam.attachUserPolicy({ UserName: "alice", PolicyArn: "arn:aws:iam::aws:policy/IAMUserChangePassword" });
    await iam.createLoginProfile({ UserName: "alice", Password: "correct horse", PasswordResetRequired: true });
    const created = sandbox.clock.now();
    sandbox.clock.advance(86_400_000);
    sandbox.signIn(accountId, { user: "alice" }, { mfa: false });
    await clientAs({ user: "alice" }).changePassword({ OldPassword: "correct horse", NewPassword: "battery staple" });
    expect((await iam.getUser({ UserName: "alice" })).User?.PasswordLastUsed).toEqual(sandbox.clock.now());
    expect((await iam.getLoginProfile({ UserName: "alice" })).LoginProfile).toEqual({
      UserName: "alice",
      CreateDate: created,
      PasswordResetRequired: false,
    });
    expect(account.users.get("alice")?.loginProfile?.changedAt).toEqual(sandbox.clock.now());
    await iam.deleteLoginProfile({ UserName: "alice" });
    expect((await iam.getUser({ UserName: "alice" })).User?.PasswordLastUsed).toBeUndefined();
  });

  test("are not the only ones with a password: root's is seen and deleted by root alone", async () => {
    const { iam, sandbox, accountId, account } = startSandbox();
    account.root.passwordEnabled = true;
    account.root.passwordChangedAt = sandbox.clock.now();
    expect((await iam.getLoginProfile({})).LoginProfile).toMatchObject({ CreateDate: sandbox.clock.now() });
    await iam.deleteLoginProfile({});
    expect((await iam.getAccountSummary({})).SummaryMap).toMatchObject({ AccountPasswordPresent: 0 });
    for (const gone of [iam.getLoginProfile({}), iam.deleteLoginProfile({})])
      expect(await failureOf(gone)).toMatchObject({
        code: "NoSuchEntity",
        message: `Login Profile for User ${accountId} cannot be found.`,
      });
  });

  test("hold access keys, whose use is noted", async () => {
    const { iam, sandbox, account, accountId } = startSandbox();
    await iam.createUser({ UserName: "ci" });
    await iam.attachUserPolicy({ UserName: "ci", PolicyArn: "arn:aws:iam::aws:policy/SecurityAudit" });
    const { AccessKey } = await iam.createAccessKey({ UserName: "ci" });
    expect(AccessKey).toMatchObject({
      UserName: "ci",
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      Status: "Active",
    });
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const never = { UserName: "ci", AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" } };
    expect(await iam.getAccessKeyLastUsed({ AccessKeyId })).toMatchObject(never);

    sandbox.clock.advance(60_000);
    const own = new IAM({
      ...sandbox.clientConfig({ accessKeyId: AccessKeyId, secretAccessKey: AccessKey?.SecretAccessKey ?? "" }),
      maxAttempts: 1,
    });
    expect((await own.listAccessKeys({})).AccessKeyMetadata).toEqual([
      { UserName: "ci", AccessKeyId, Status: "Active", CreateDate: AccessKey?.CreateDate },
    ]);
    expect((await own.getUser({})).User?.Arn).toBe(`arn:aws:iam::${accountId}:user/ci`);
    expect((await iam.getAccessKeyLastUsed({ AccessKeyId })).AccessKeyLastUsed).toEqual({
      LastUsedDate: sandbox.clock.now(),
      ServiceName: "iam",
      Region: "us-east-1",
    });

    await iam.updateAccessKey({ UserName: "ci", AccessKeyId, Status: "Inactive" });
    expect((await failureOf(own.listUsers({}))).code).toBe("InvalidClientTokenId");
    await iam.deleteAccessKey({ UserName: "ci", AccessKeyId });
    expect(account.users.get("ci")?.accessKeys).toEqual([]);
  });

  test("hold MFA devices of every kind", async () => {
    const { iam, accountId } = startSandbox();
    await iam.createUser({ UserName: "alice" });
    const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: "phone", Path: "/staff/" });
    const phone = `arn:aws:iam::${accountId}:mfa/staff/phone`;
    expect(VirtualMFADevice?.SerialNumber).toBe(phone);
    expect(VirtualMFADevice?.Base32StringSeed).toBeInstanceOf(Uint8Array);
    const key = `arn:aws:iam::${accountId}:u2f/user/alice/yubikey-ABCDEFGH`;
    const serials = async () =>
      (await iam.listMFADevices({ UserName: "alice" })).MFADevices?.map((device) => device.SerialNumber);
    const virtual = async (AssignmentStatus: "Assigned" | "Unassigned" | "Any") =>
      (await iam.listVirtualMFADevices({ AssignmentStatus })).VirtualMFADevices?.length;
    expect([await virtual("Assigned"), await virtual("Unassigned"), await virtual("Any")]).toEqual([0, 1, 1]);
    for (const SerialNumber of [phone, key, "GAHT12345678"]) {
      await iam.enableMFADevice({ UserName: "alice", SerialNumber, ...codes });
    }
    await iam.resyncMFADevice({ UserName: "alice", SerialNumber: phone, ...codes });
    expect(await serials()).toEqual(["GAHT12345678", phone, key]);
    expect([await virtual("Assigned"), await virtual("Unassigned"), await virtual("Any")]).toEqual([1, 0, 1]);
    expect((await iam.listVirtualMFADevices({})).VirtualMFADevices?.[0]?.User?.UserName).toBe("alice");
    for (const SerialNumber of [phone, key]) await iam.deactivateMFADevice({ UserName: "alice", SerialNumber });
    await iam.deleteVirtualMFADevice({ SerialNumber: phone });
    expect(await serials()).toEqual(["GAHT12345678"]);
  });
});

describe("root", () => {
  test("has keys and devices of its own, which the summary counts", async () => {
    const { iam, accountId, account } = startSandbox();
    expect((await iam.getUser({})).User).toMatchObject({ UserId: accountId, Arn: `arn:aws:iam::${accountId}:root` });
    const flags = async () => {
      const { SummaryMap = {} } = await iam.getAccountSummary({});
      const { AccountMFAEnabled, AccountAccessKeysPresent, AccountPasswordPresent } = SummaryMap;
      return { AccountMFAEnabled, AccountAccessKeysPresent, AccountPasswordPresent };
    };
    expect(await flags()).toEqual({ AccountMFAEnabled: 0, AccountAccessKeysPresent: 0, AccountPasswordPresent: 1 });
    const { AccessKey } = await iam.createAccessKey({});
    await iam.createVirtualMFADevice({ VirtualMFADeviceName: "root-account-mfa-device" });
    const SerialNumber = `arn:aws:iam::${accountId}:mfa/root-account-mfa-device`;
    await iam.enableMFADevice({ UserName: "AWS ROOT USER", SerialNumber, ...codes });
    expect(await flags()).toEqual({ AccountMFAEnabled: 1, AccountAccessKeysPresent: 1, AccountPasswordPresent: 1 });
    expect((await iam.listMFADevices({})).MFADevices).toMatchObject([{ SerialNumber }]);
    expect((await iam.listVirtualMFADevices({ AssignmentStatus: "Assigned" })).VirtualMFADevices).toMatchObject([
      { SerialNumber, User: { Arn: `arn:aws:iam::${accountId}:root` } },
    ]);
    await iam.deactivateMFADevice({ SerialNumber });
    await iam.deleteAccessKey({ AccessKeyId: AccessKey?.AccessKeyId });
    account.root.passwordEnabled = false;
    expect(await flags()).toEqual({ AccountMFAEnabled: 0, AccountAccessKeysPresent: 0, AccountPasswordPresent: 0 });
  });
});

describe("roles", () => {
  test("live from creation to deletion", async () => {
    const { iam, accountId, account } = startSandbox();
    const { Role } = await iam.createRole({
      RoleName: "app",
      AssumeRolePolicyDocument: `${trust}   `,
      Description: odd,
      PermissionsBoundary: administrator,
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(Role).toMatchObject({
      Arn: `arn:aws:iam::${accountId}:role/app`,
      Description: odd,
      MaxSessionDuration: 3600,
    });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(`${trust}   `);
    expect(Role?.AssumeRolePolicyDocument).toMatch(/^[\w.~%-]+$/);
    const [listed] = (await iam.listRoles({})).Roles ?? [];
    for (const field of ["PermissionsBoundary", "Tags", "RoleLastUsed"]) expect(listed).not.toHaveProperty(field);
    await iam.updateRole({ RoleName: "app", MaxSessionDuration: 7200 });
    await iam.updateAssumeRolePolicy({ RoleName: "app", PolicyDocument: trusting({ AWS: accountId }) });
    await iam.deleteRolePermissionsBoundary({ RoleName: "app" });
    await iam.untagRole({ RoleName: "app", TagKeys: ["a"] });
    const { Role: changed } = await iam.getRole({ RoleName: "app" });
    expect(changed).toMatchObject({ Description: odd, MaxSessionDuration: 7200 });
    expect(changed).not.toHaveProperty("PermissionsBoundary");
    expect(changed).not.toHaveProperty("Tags");
    expect(JSON.parse(decodeURIComponent(changed?.AssumeRolePolicyDocument ?? "")).Statement[0].Principal).toEqual({
      AWS: accountId,
    });
    await iam.deleteRole({ RoleName: "app" });
    expect(account.roles.size).toBe(0);
  });

  test("of services are linked to them", async () => {
    const { iam, accountId } = startSandbox();
    const { Role } = await iam.createServiceLinkedRole({ AWSServiceName: "autoscaling.amazonaws.com" });
    expect(Role?.Arn).toBe(
      `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoscaling`,
    );
    const again = failureOf(iam.createServiceLinkedRole({ AWSServiceName: "autoscaling.amazonaws.com" }));
    expect((await again).code).toBe("InvalidInput");
  });
});

describe.each(["User", "Role", "Group"] as const)("policies of a %s", (kind) => {
  const start = async () => {
    const started = startSandbox();
    const { iam } = started;
    await iam.createUser({ UserName: "x" });
    await iam.createRole({ RoleName: "x", AssumeRolePolicyDocument: trust });
    await iam.createGroup({ GroupName: "x" });
    return started;
  };
  const named = { UserName: "x", RoleName: "x", GroupName: "x" };

  test("are put, read, listed and deleted", async () => {
    const { iam } = await start();
    const PolicyDocument = allow("s3:*");
    const { put, get, list, remove } = {
      User: {
        put: (PolicyName: string) => iam.putUserPolicy({ ...named, PolicyName, PolicyDocument }),
        get: () => iam.getUserPolicy({ ...named, PolicyName: "a" }),
        list: () => iam.listUserPolicies(named),
        remove: () => iam.deleteUserPolicy({ ...named, PolicyName: "a" }),
      },
      Role: {
        put: (PolicyName: string) => iam.putRolePolicy({ ...named, PolicyName, PolicyDocument }),
        get: () => iam.getRolePolicy({ ...named, PolicyName: "a" }),
        list: () => iam.listRolePolicies(named),
        remove: () => iam.deleteRolePolicy({ ...named, PolicyName: "a" }),
      },
      Group: {
        put: (PolicyName: string) => iam.putGroupPolicy({ ...named, PolicyName, PolicyDocument }),
        get: () => iam.getGroupPolicy({ ...named, PolicyName: "a" }),
        list: () => iam.listGroupPolicies(named),
        remove: () => iam.deleteGroupPolicy({ ...named, PolicyName: "a" }),
      },
    }[kind];
    const names = async () => (await list()).PolicyNames;
    for (const PolicyName of ["b", "a"]) await put(PolicyName);
    expect(await names()).toEqual(["a", "b"]);
    const read = await get();
    expect(decodeURIComponent(read.PolicyDocument ?? "")).toBe(PolicyDocument);
    await remove();
    expect(await names()).toEqual(["b"]);
  });

  test("are attached, counted and detached", async () => {
    const { iam } = await start();
    const { Policy } = await iam.createPolicy({ PolicyName: "p", PolicyDocument: allow("s3:*"), Description: odd });
    const PolicyArn = Policy?.Arn;
    const { attach, list, detach } = {
      User: {
        attach: (arn?: string) => iam.attachUserPolicy({ ...named, PolicyArn: arn }),
        list: () => iam.listAttachedUserPolicies(named),
        detach: () => iam.detachUserPolicy({ ...named, PolicyArn }),
      },
      Role: {
        attach: (arn?: string) => iam.attachRolePolicy({ ...named, PolicyArn: arn }),
        list: () => iam.listAttachedRolePolicies(named),
        detach: () => iam.detachRolePolicy({ ...named, PolicyArn }),
      },
      Group: {
        attach: (arn?: string) => iam.attachGroupPolicy({ ...named, PolicyArn: arn }),
        list: () => iam.listAttachedGroupPolicies(named),
        detach: () => iam.detachGroupPolicy({ ...named, PolicyArn }),
      },
    }[kind];
    for (const arn of [PolicyArn, administrator, PolicyArn]) await attach(arn);
    expect((await list()).AttachedPolicies).toEqual([
      { PolicyName: "p", PolicyArn },
      { PolicyName: "AdministratorAccess", PolicyArn: administrator },
    ]);
    expect((await iam.getPolicy({ PolicyArn })).Policy).toMatchObject({ AttachmentCount: 1, Description: odd });
    const entities = await iam.listEntitiesForPolicy({ PolicyArn });
    expect(entities[`Policy${kind}s`]).toMatchObject([{ [`${kind}Name`]: "x" }]);
    await detach();
    expect((await iam.getPolicy({ PolicyArn })).Policy?.AttachmentCount).toBe(0);
    await iam.deletePolicy({ PolicyArn });
  });
});

test("policy versions come and go, and their numbers never come again", async () => {
  const { iam } = startSandbox();
  const { Policy } = await iam.createPolicy({ PolicyName: "p", PolicyDocument: allow("s3:Get*") });
  const PolicyArn = Policy?.Arn;
  const add = async (action: string, SetAsDefault = false) =>
    (await iam.createPolicyVersion({ PolicyArn, PolicyDocument: allow(action), SetAsDefault })).PolicyVersion
      ?.VersionId;
  expect([await add("s3:List*"), await add("s3:*", true)]).toEqual(["v2", "v3"]);
  await iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" });
  expect(await add("s3:Put*")).toBe("v4");
  await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: "v4" });
  const { Versions } = await iam.listPolicyVersions({ PolicyArn });
  expect(Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
    ["v4", true],
    ["v3", false],
    ["v1", false],
  ]);
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: "v3" });
  expect(decodeURIComponent(PolicyVersion?.Document ?? "")).toBe(allow("s3:*"));
});

test("policies are listed by scope and use", async () => {
  const { iam } = startSandbox();
  const { Policy } = await iam.createPolicy({ PolicyName: "p", PolicyDocument: allow("s3:*"), Path: "/b/" });
  await iam.createUser({ UserName: "x", PermissionsBoundary: Policy?.Arn });
  await iam.attachUserPolicy({ UserName: "x", PolicyArn: administrator });
  const names = async (input: Parameters<typeof iam.listPolicies>[0]) =>
    (await iam.listPolicies(input)).Policies?.map(({ PolicyName }) => PolicyName);
  expect(await names({ Scope: "Local" })).toEqual(["p"]);
  expect(await names({ OnlyAttached: true })).toEqual(["p", "AdministratorAccess"]);
  expect(await names({ PolicyUsageFilter: "PermissionsBoundary" })).toEqual(["p"]);
  expect(await names({ PathPrefix: "/b/" })).toEqual(["p"]);
});

test("groups have members", async () => {
  const { iam } = startSandbox();
  await iam.createGroup({ GroupName: "crew", Path: "/a/" });
  for (const UserName of ["b", "a"]) {
    await iam.createUser({ UserName });
    await iam.addUserToGroup({ GroupName: "crew", UserName });
  }
  const { Group, Users } = await iam.getGroup({ GroupName: "crew" });
  expect([Group?.Path, Users?.map(({ UserName }) => UserName)]).toEqual(["/a/", ["a", "b"]]);
  expect((await iam.listGroupsForUser({ UserName: "a" })).Groups).toMatchObject([{ GroupName: "crew" }]);
  for (const UserName of ["a", "b"]) await iam.removeUserFromGroup({ GroupName: "crew", UserName });
  await iam.deleteGroup({ GroupName: "crew" });
  expect((await iam.listGroups({})).Groups).toEqual([]);
});

test("identity providers are kept by their URL", async () => {
  const { iam, accountId } = startSandbox();
  const { OpenIDConnectProviderArn } = await iam.createOpenIDConnectProvider({
    Url: "https://token.actions.githubusercontent.com",
    ClientIDList: ["sts.amazonaws.com"],
    ThumbprintList: ["a".repeat(40)],
  });
  expect(OpenIDConnectProviderArn).toBe(`arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`);
  await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: "other" });
  await iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: "sts.amazonaws.com" });
  await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList: [] });
  expect(await iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).toMatchObject({
    Url: "token.actions.githubusercontent.com",
    ClientIDList: ["other"],
    ThumbprintList: [],
  });
  expect((await iam.listOpenIDConnectProviders({})).OpenIDConnectProviderList).toHaveLength(1);
  await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn });
});

test("the account has a password policy and an alias", async () => {
  const { iam } = startSandbox();
  await iam.updateAccountPasswordPolicy({ MinimumPasswordLength: 14, RequireSymbols: true, MaxPasswordAge: 90 });
  expect((await iam.getAccountPasswordPolicy({})).PasswordPolicy).toEqual({
    MinimumPasswordLength: 14,
    RequireSymbols: true,
    RequireNumbers: false,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: true,
    MaxPasswordAge: 90,
  });
  await iam.deleteAccountPasswordPolicy({});
  await iam.createAccountAlias({ AccountAlias: "acme-prod" });
  expect((await iam.listAccountAliases({})).AccountAliases).toEqual(["acme-prod"]);
  await iam.deleteAccountAlias({ AccountAlias: "acme-prod" });
});

describe("lists come in pages", () => {
  const start = () => {
    const started = startSandbox();
    for (let index = 0; index < 1205; index++) {
      addRole(started.account, started.sandbox.ids, { name: `role-${index}`, createdAt: started.sandbox.clock.now() });
    }
    return started;
  };
  test.each([
    [undefined, [100, 100]],
    [500, [500, 500, 205]],
    [1000, [1000, 205]],
  ])("of %s", async (MaxItems, sizes) => {
    const { iam, account } = start();
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    for (const size of sizes) {
      const answer = await iam.listRoles({ ...(MaxItems && { MaxItems }), ...(Marker && { Marker }) });
      expect(answer.Roles).toHaveLength(size);
      names.push(...(answer.Roles ?? []).map(({ RoleName }) => RoleName));
      // What goes away between two pages does not make another be missed.
      account.roles.delete(names[0] ?? "");
      Marker = answer.IsTruncated ? answer.Marker : undefined;
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(Marker === undefined).toBe(names.length === 1205);
  });

  test("of at most 1,000", async () => {
    const failure = await failureOf(start().iam.listRoles({ MaxItems: 1001 }));
    expect(failure).toEqual({
      code: "ValidationError",
      message: expect.stringContaining("less than or equal to 1000"),
    });
  });
});
