import {
  DeleteAccessKeyCommand,
  GetAccountSummaryCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRootCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { allowing, failureOf, startSandbox } from "./support.ts";

const member = "222222222222";

const start = () => {
  const started = startSandbox();
  const { sandbox, account, accountId } = started;
  const { state, ids, clock } = sandbox;
  const createdAt = clock.now();
  const other = addAccount(state, { id: member, name: "member", joinedAt: createdAt });
  state.organization.rootFeatures.add("RootSessions");
  addUser(account, ids, { name: "alice", createdAt, ...allowing("sts:AssumeRole") });
  addRole(account, ids, { name: "hub", path: "/warden/", createdAt, ...allowing("sts:AssumeRole", "sts:AssumeRoot") });
  const sts = (principal: Parameters<typeof sandbox.credentialsFor>[1]) =>
    new STSClient(sandbox.clientConfig(sandbox.credentialsFor(accountId, principal)));
  const roleTrusting = (trustPolicy: string, extra: { maxSessionDuration?: number } = {}) =>
    addRole(other, ids, { name: "audit", createdAt, trustPolicy, ...allowing("iam:ListUsers"), ...extra }).arn;
  return { ...started, other, sts, roleTrusting };
};

const root = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });

describe("AssumeRole asks the trust policy", () => {
  const of = ({ sandbox, accountId, account }: ReturnType<typeof start>) => ({
    org: sandbox.state.organization.id,
    id: accountId,
    alice: account.users.get("alice")?.arn ?? "",
    hub: account.roles.get("hub")?.arn ?? "",
  });
  type Known = ReturnType<typeof of>;
  const alice = { user: "alice" };
  const hub = { role: "hub", sessionName: "run" };
  const cases: Record<string, [boolean, (known: Known) => string, typeof alice | typeof hub, string?]> = {
    "the account": [true, ({ id }) => trusting(root(id)), alice],
    "the account by its number": [true, ({ id }) => trusting({ AWS: id }), alice],
    "another account": [false, () => trusting(root("999999999999")), alice],
    everybody: [true, () => trusting({ AWS: "*" }), alice],
    "the user": [true, ({ alice: arn }) => trusting({ AWS: arn }), alice],
    "another user": [false, ({ alice: arn }) => trusting({ AWS: `${arn}2` }), alice],
    "the caller's role": [true, ({ hub: arn }) => trusting({ AWS: [arn] }), hub],
    "the session": [true, ({ id }) => trusting({ AWS: `arn:aws:sts::${id}:assumed-role/hub/run` }), hub],
    "a service": [false, () => trusting({ Service: "ec2.amazonaws.com" }), hub],
    "the external id": [true, ({ id }) => trusting(root(id), { StringEquals: { "sts:ExternalId": "x1" } }), hub, "x1"],
    "another external id": [
      false,
      ({ id }) => trusting(root(id), { StringEquals: { "sts:ExternalId": "x1" } }),
      hub,
      "x2",
    ],
    "no external id": [false, ({ id }) => trusting(root(id), { StringEquals: { "sts:ExternalId": "x1" } }), hub],
    "the organization": [
      true,
      ({ org }) => trusting({ AWS: "*" }, { StringEquals: { "aws:PrincipalOrgID": org } }),
      hub,
    ],
    "another organization": [
      false,
      () => trusting({ AWS: "*" }, { StringEquals: { "aws:PrincipalOrgID": "o-x" } }),
      hub,
    ],
    "an unknown operator": [false, ({ id }) => trusting(root(id), { StringResembles: { "sts:ExternalId": "x" } }), hub],
    "a document that is none": [false, () => "hello", hub],
  };
  test.each(Object.entries(cases))("%s", async (_, [allowed, policy, who, ExternalId]) => {
    const started = start();
    const RoleArn = started.roleTrusting(policy(of(started)));
    const call = started.sts(who).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "sweep", ExternalId }));
    if (allowed) {
      expect((await call).AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${member}:assumed-role/audit/sweep`);
    } else {
      expect((await failureOf(call)).code).toBe("AccessDenied");
    }
  });

  test("a deny wins", async () => {
    const { roleTrusting, sts, accountId } = start();
    const { Statement } = JSON.parse(trusting(root(accountId)));
    const deny = { ...Statement[0], Effect: "Deny", Principal: "*", Condition: { Null: { "sts:ExternalId": "true" } } };
    const RoleArn = roleTrusting(JSON.stringify({ Statement: [...Statement, deny] }));
    const failure = await failureOf(sts(hub).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "sweep" })));
    expect(failure).toEqual({
      code: "AccessDenied",
      message: `User: arn:aws:sts::${accountId}:assumed-role/hub/run is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    });
    const call = sts(hub).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "sweep", ExternalId: "x1" }));
    expect((await call).Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  });
});

test("an account outside the organization is not of it", async () => {
  const { sandbox, sts, account, roleTrusting } = start();
  const inOrganization = { StringEquals: { "aws:PrincipalOrgID": sandbox.state.organization.id } };
  const RoleArn = roleTrusting(trusting({ AWS: "*" }, inOrganization));
  const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: "x1" });
  await sts({ role: "hub" }).send(assume);
  account.standalone = true;
  expect((await failureOf(sts({ role: "hub" }).send(assume))).code).toBe("AccessDenied");
});

test("an assumed role works in its own account until the session ends", async () => {
  const { sandbox, roleTrusting, sts, accountId, other, events } = start();
  addUser(other, sandbox.ids, { name: "bob", createdAt: sandbox.clock.now() });
  const RoleArn = roleTrusting(trusting(root(accountId)));
  const { Credentials: made } = await sts({ user: "alice" }).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "sweep", DurationSeconds: 900 }),
  );
  if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken) throw new Error("no credentials");
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = made;
  const iam = new IAMClient(sandbox.clientConfig({ accessKeyId, secretAccessKey, sessionToken }));
  const { Users } = await iam.send(new ListUsersCommand({}));
  expect(Users?.map((user) => user.UserName)).toEqual(["bob"]);
  expect(other.roles.get("audit")?.lastUsed).toEqual({ at: sandbox.clock.now(), region: "us-east-1" });
  expect(events.map(({ account, detail }) => [account, detail.eventName])).toEqual([
    [accountId, "AssumeRole"],
    [member, "AssumeRole"],
    [member, "ListUsers"],
  ]);
  expect(events[0]?.detail.sharedEventID).toBe(events[1]?.detail.sharedEventID);

  const forged = new IAMClient(sandbox.clientConfig({ accessKeyId, secretAccessKey, sessionToken: "guess" }));
  expect((await failureOf(forged.send(new ListUsersCommand({})))).code).toBe("InvalidClientTokenId");
  sandbox.clock.advance(900_000);
  expect((await failureOf(iam.send(new ListUsersCommand({})))).code).toBe("ExpiredToken");
});

test.each([
  ["longer than the role allows", { user: "alice" }, 7200, "exceeds the MaxSessionDuration"],
  ["longer than an hour from a role", { role: "hub" }, 7200, "1 hour session limit for roles assumed by role chaining"],
  ["shorter than 15 minutes", { user: "alice" }, 899, "greater than or equal to 900"],
])("a session %s is refused", async (_, who, DurationSeconds, message) => {
  const { roleTrusting, sts, accountId } = start();
  const RoleArn = roleTrusting(trusting(root(accountId)), { maxSessionDuration: "role" in who ? 43_200 : 3600 });
  const failure = await failureOf(
    sts(who).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "x1", DurationSeconds })),
  );
  expect(failure).toEqual({ code: "ValidationError", message: expect.stringContaining(message) });
});

test("root may not assume a role, nor does a role in a closed account let itself be assumed", async () => {
  const { roleTrusting, sts, accountId, other } = start();
  const RoleArn = roleTrusting(trusting(root(accountId)));
  const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: "x1" });
  const { message } = await failureOf(sts("root").send(assume));
  expect(message).toBe("Roles may not be assumed by root accounts.");
  other.status = "SUSPENDED";
  expect((await failureOf(sts({ user: "alice" }).send(assume))).code).toBe("AccessDenied");
});

test("who am I", async () => {
  const { sts, accountId, account, sandbox } = start();
  const identity = async (who: Parameters<typeof sts>[0]) => {
    const { Arn, UserId, Account } = await sts(who).send(new GetCallerIdentityCommand({}));
    return { Arn, UserId, Account };
  };
  expect(await identity("root")).toEqual({
    Arn: `arn:aws:iam::${accountId}:root`,
    UserId: accountId,
    Account: accountId,
  });
  expect(await identity({ role: "hub", sessionName: "run" })).toEqual({
    Arn: `arn:aws:sts::${accountId}:assumed-role/hub/run`,
    UserId: `${account.roles.get("hub")?.id}:run`,
    Account: accountId,
  });
  const key = {
    id: sandbox.ids.accessKey("AKIA"),
    secret: "s",
    status: "Active" as const,
    createdAt: sandbox.clock.now(),
  };
  account.users.get("alice")?.accessKeys.push(key);
  const withKey = new STSClient(sandbox.clientConfig({ accessKeyId: key.id, secretAccessKey: "s" }));
  expect((await withKey.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:user/alice`);
  const { Credentials } = await withKey.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
  expect(Credentials?.AccessKeyId).toMatch(/^ASIA/);
});

describe("AssumeRoot", () => {
  const audit = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
  const command = (TargetPrincipal: string, arn = audit) =>
    new AssumeRootCommand({ TargetPrincipal, TaskPolicyArn: { arn } });

  test("gives the management account a session of a member's root", async () => {
    const { sandbox, sts, accountId, events } = start();
    const { Credentials: made } = await sts({ role: "hub" }).send(command(member));
    const {
      AccessKeyId: accessKeyId = "",
      SecretAccessKey: secretAccessKey = "",
      SessionToken: sessionToken,
    } = made ?? {};
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    const iam = new IAMClient(sandbox.clientConfig(credentials));
    await iam.send(new ListAccessKeysCommand({}));
    expect(events).toMatchObject([
      {
        account: accountId,
        detail: {
          eventName: "AssumeRoot",
          requestParameters: { targetPrincipal: member, taskPolicyArn: { arn: audit } },
          responseElements: { credentials: { accessKeyId } },
        },
      },
      {
        account: member,
        detail: {
          eventName: "ListAccessKeys",
          userIdentity: { type: "Root", accessKeyId, sessionContext: { assumedRoot: "true" } },
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(secretAccessKey);
    sandbox.clock.advance(900_000);
    expect((await failureOf(iam.send(new ListAccessKeysCommand({})))).code).toBe("ExpiredToken");
  });

  test("lets root do what the task is for, on root alone", async () => {
    const { sandbox, sts, other } = start();
    const { ids, clock } = sandbox;
    const createdAt = clock.now();
    const key = (id: string) => ({ id, secret: "s", status: "Active" as const, createdAt });
    other.root.accessKeys.push(key("AKIAROOT000000000001"));
    addUser(other, ids, { name: "bob", createdAt, accessKeys: [key("AKIABOB0000000000001")] });
    const rootFor = async (task: string): Promise<IAMClient> => {
      const policy = `arn:aws:iam::aws:policy/root-task/${task}`;
      const { Credentials: made } = await sts({ role: "hub" }).send(command(member, policy));
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = made ?? {};
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
      return new IAMClient(sandbox.clientConfig(credentials));
    };
    const rootKey = new DeleteAccessKeyCommand({ AccessKeyId: "AKIAROOT000000000001" });
    const auditing = await rootFor("IAMAuditRootUserCredentials");
    expect((await failureOf(auditing.send(rootKey))).message).toContain("with an explicit deny in a session policy");
    await auditing.send(new GetAccountSummaryCommand({}));
    const deleting = await rootFor("IAMDeleteRootUserCredentials");
    const bobs = new DeleteAccessKeyCommand({ UserName: "bob", AccessKeyId: "AKIABOB0000000000001" });
    for (const refused of [deleting.send(bobs), deleting.send(new GetAccountSummaryCommand({}))])
      expect((await failureOf(refused)).code).toBe("AccessDenied");
    await deleting.send(rootKey);
    expect(other.root.accessKeys).toEqual([]);
    expect(other.users.get("bob")?.accessKeys).toHaveLength(1);
  });

  test.each([
    ["root", "root" as const, member, audit],
    ["the management account's own root", { role: "hub" }, "605992674944", audit],
    ["an account elsewhere", { role: "hub" }, "999999999999", audit],
    ["another policy", { role: "hub" }, member, "arn:aws:iam::aws:policy/AdministratorAccess"],
  ])("refuses %s", async (_, who, target, policy) => {
    expect((await failureOf(start().sts(who).send(command(target, policy)))).code).toBe("AccessDenied");
  });

  test("is refused where the organization has not enabled it", async () => {
    const { sandbox, sts } = start();
    sandbox.state.organization.rootFeatures.delete("RootSessions");
    expect((await failureOf(sts({ role: "hub" }).send(command(member)))).code).toBe("AccessDenied");
  });
});

test("a session lasts as long by its clients' clock, however fast the sandbox's own runs", async () => {
  const sandbox = createSandbox({ rate: 20 });
  const { managementAccountId } = sandbox.state.organization;
  const management = sandbox.state.accounts.get(managementAccountId);
  if (management === undefined) throw new Error("no management account");
  addUser(management, sandbox.ids, { name: "alice", createdAt: sandbox.clock.now(), ...allowing("sts:AssumeRole") });
  addRole(management, sandbox.ids, {
    ...{ name: "audit", createdAt: sandbox.clock.now(), ...allowing("iam:ListUsers") },
    trustPolicy: trusting({ AWS: `arn:aws:iam::${managementAccountId}:root` }),
  });
  const sts = new STSClient(sandbox.clientConfig(sandbox.credentialsFor(managementAccountId, { user: "alice" })));
  const { Credentials: made } = await sts.send(
    new AssumeRoleCommand({
      ...{ RoleArn: `arn:aws:iam::${managementAccountId}:role/audit`, RoleSessionName: "look", DurationSeconds: 900 },
    }),
  );
  const {
    AccessKeyId: accessKeyId = "",
    SecretAccessKey: secretAccessKey = "",
    SessionToken: sessionToken,
  } = made ?? {};
  const iam = new IAMClient(sandbox.clientConfig({ accessKeyId, secretAccessKey, sessionToken }));
  sandbox.clock.advance(20 * 900_000 - 1000);
  expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
  sandbox.clock.advance(1000);
  expect((await failureOf(iam.send(new ListUsersCommand({})))).code).toBe("ExpiredToken");
});
