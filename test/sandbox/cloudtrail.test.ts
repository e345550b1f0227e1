import { IAM } from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { allowing, failureOf, startSandbox } from "./support.ts";

const trust = trusting({ Service: "ec2.amazonaws.com" });

const start = () => {
  const started = startSandbox();
  const { account, sandbox } = started;
  const createdAt = sandbox.clock.now();
  addUser(account, sandbox.ids, { name: "alice", createdAt, ...allowing("iam:ListUsers") });
  addRole(account, sandbox.ids, { name: "app", path: "/team/", createdAt, ...allowing("iam:ListUsers") });
  return { ...started, detail: (at = -1) => started.events.at(at)?.detail };
};

test("a record has its envelope and its fields, in CloudTrail's words", async () => {
  const { iam, events, accountId, account } = start();
  await iam.createRole({
    RoleName: "x",
    AssumeRolePolicyDocument: trust,
    MaxSessionDuration: 7200,
    Tags: [{ Key: "Team", Value: "a" }],
  });
  const role = account.roles.get("x");
  const encodedTrust = encodeURIComponent(trust);
  expect(events).toEqual([
    {
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.iam",
      account: accountId,
      time: "2026-11-02T08:00:00Z",
      region: "us-east-1",
      resources: [],
      detail: {
        eventVersion: "1.11",
        userIdentity: {
          type: "Root",
          principalId: accountId,
          arn: `arn:aws:iam::${accountId}:root`,
          accountId,
          accessKeyId: expect.stringMatching(/^ASIA/),
          sessionContext: { attributes: { creationDate: "2026-11-02T08:00:00Z", mfaAuthenticated: "true" } },
        },
        eventTime: "2026-11-02T08:00:00Z",
        eventSource: "iam.amazonaws.com",
        eventName: "CreateRole",
        awsRegion: "us-east-1",
        sourceIPAddress: "203.0.113.10",
        userAgent: expect.stringContaining("aws-sdk-js"),
        requestParameters: {
          roleName: "x",
          assumeRolePolicyDocument: trust,
          maxSessionDuration: 7200,
          tags: [{ key: "Team", value: "a" }],
        },
        responseElements: {
          role: {
            path: "/",
            roleName: "x",
            roleId: role?.id,
            arn: role?.arn,
            createDate: "Nov 2, 2026, 8:00:00\u202fAM",
            assumeRolePolicyDocument: encodedTrust,
            maxSessionDuration: 7200,
            tags: [{ key: "Team", value: "a" }],
          },
        },
        requestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        readOnly: false,
        eventType: "AwsApiCall",
        managementEvent: true,
        recipientAccountId: accountId,
        eventCategory: "Management",
      },
    },
  ]);
});

describe("who called", () => {
  test("an access key of a user", async () => {
    const { sandbox, accountId, account, detail } = start();
    const key = { id: "AKIAIOSFODNN7EXAMPLE", secret: "s", status: "Active" as const, createdAt: sandbox.clock.now() };
    account.users.get("alice")?.accessKeys.push(key);
    await new IAM(sandbox.clientConfig({ accessKeyId: key.id, secretAccessKey: "s" })).listUsers({});
    expect(detail()?.userIdentity).toEqual({
      type: "IAMUser",
      principalId: account.users.get("alice")?.id,
      arn: `arn:aws:iam::${accountId}:user/alice`,
      accountId,
      accessKeyId: key.id,
      userName: "alice",
    });
  });

  test("a session of a role", async () => {
    const { clientAs, accountId, account, detail } = start();
    await clientAs({ role: "app", sessionName: "run" }).listUsers({});
    const roleId = account.roles.get("app")?.id;
    expect(detail()?.userIdentity).toEqual({
      type: "AssumedRole",
      principalId: `${roleId}:run`,
      arn: `arn:aws:sts::${accountId}:assumed-role/app/run`,
      accountId,
      accessKeyId: expect.stringMatching(/^ASIA/),
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: roleId,
          arn: `arn:aws:iam::${accountId}:role/team/app`,
          accountId,
          userName: "app",
        },
        attributes: { creationDate: "2026-11-02T08:00:00Z", mfaAuthenticated: "true" },
      },
    });
  });
});

test("what is secret is in no record", async () => {
  const { iam, events } = start();
  await iam.createLoginProfile({ UserName: "alice", Password: "correct horse" });
  const { AccessKey } = await iam.createAccessKey({ UserName: "alice" });
  const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: "m" });
  const serial = VirtualMFADevice?.SerialNumber;
  const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
  await iam.enableMFADevice({ UserName: "alice", SerialNumber: serial, ...codes });
  expect(events.map(({ detail }) => [detail.eventName, detail.requestParameters, detail.responseElements])).toEqual([
    [
      "CreateLoginProfile",
      { userName: "alice" },
      { loginProfile: { userName: "alice", createDate: expect.any(String), passwordResetRequired: false } },
    ],
    [
      "CreateAccessKey",
      { userName: "alice" },
      {
        accessKey: {
          userName: "alice",
          accessKeyId: AccessKey?.AccessKeyId,
          status: "Active",
          createDate: expect.any(String),
        },
      },
    ],
    ["CreateVirtualMFADevice", { virtualMFADeviceName: "m" }, { virtualMFADevice: { serialNumber: serial } }],
    ["EnableMFADevice", { userName: "alice", serialNumber: serial }, null],
  ]);
});

test("reads are recorded as reads, without their answers", async () => {
  const { iam, detail } = start();
  await iam.getUser({ UserName: "alice" });
  expect(detail()).toMatchObject({ readOnly: true, requestParameters: { userName: "alice" }, responseElements: null });
  await iam.listUsers({});
  expect(detail()).toMatchObject({ readOnly: true, requestParameters: null, responseElements: null });
});

test("failed calls are recorded with the error, as CloudTrail spells it", async () => {
  const { iam, detail, sandbox } = start();
  await failureOf(iam.deleteLoginProfile({ UserName: "alice" }));
  expect(detail()).toMatchObject({
    eventName: "DeleteLoginProfile",
    errorCode: "NoSuchEntityException",
    errorMessage: "Login Profile for User alice cannot be found.",
    requestParameters: { userName: "alice" },
    responseElements: null,
    readOnly: false,
  });
  await failureOf(iam.createUser({ UserName: "a b" }));
  expect(detail()).toMatchObject({ errorCode: "ValidationException", requestParameters: null });
  sandbox.intercept((call) => {
    throw accessDenied(call);
  });
  await failureOf(iam.createUser({ UserName: "bob" }));
  expect(detail()).toMatchObject({
    eventName: "CreateUser",
    errorCode: "AccessDenied",
    errorMessage: expect.stringContaining("is not authorized to perform: iam:CreateUser"),
    requestParameters: null,
  });
});

test("the same seed and calls give the same records, whether or not anybody listens", async () => {
  const run = async (listens: boolean) => {
    const { iam, sandbox, events, account } = start();
    const more = [];
    if (listens) sandbox.subscribe((event) => more.push(event));
    await iam.listUsers({});
    await iam.createUser({ UserName: "bob" });
    return JSON.stringify([events, account.users.get("bob")]);
  };
  expect(await run(true)).toBe(await run(false));
});

describe("signing in to the console", () => {
  const password = (at: Date) => ({ createdAt: at, changedAt: at, resetRequired: false });

  test("as root", () => {
    const { sandbox, accountId, events, account } = start();
    sandbox.clock.advance(5000);
    sandbox.signIn(accountId, "root", { mfa: true, sourceIPAddress: "198.51.100.7" });
    expect(events[0]).toMatchObject({
      "detail-type": "AWS Console Sign In via CloudTrail",
      source: "aws.signin",
      region: "us-east-1",
      detail: {
        eventName: "ConsoleLogin",
        eventType: "AwsConsoleSignIn",
        eventTime: "2026-11-02T08:00:05Z",
        sourceIPAddress: "198.51.100.7",
        userIdentity: { type: "Root", principalId: accountId, arn: `arn:aws:iam::${accountId}:root`, accountId },
        responseElements: { ConsoleLogin: "Success" },
        additionalEventData: { MFAUsed: "Yes" },
      },
    });
    expect(events[0]?.detail).not.toHaveProperty("errorMessage");
    expect(account.root.passwordLastUsedAt).toEqual(sandbox.clock.now());
  });

  test("as root, and failing", () => {
    const { sandbox, accountId, detail, account } = start();
    sandbox.signIn(accountId, "root", { success: false });
    expect(detail()).toMatchObject({
      userIdentity: { type: "Root" },
      errorMessage: "Failed authentication",
      responseElements: { ConsoleLogin: "Failure" },
    });
    expect(account.root.passwordLastUsedAt).toBeUndefined();
  });

  test("as a root without a password fails", () => {
    const { sandbox, accountId, detail, account } = start();
    account.root.passwordEnabled = false;
    sandbox.signIn(accountId, "root");
    expect(detail()).toMatchObject({ responseElements: { ConsoleLogin: "Failure" } });
  });

  test("as a user", () => {
    const { sandbox, accountId, detail, account } = start();
    const user = account.users.get("alice");
    if (!user) throw new Error("no user");
    sandbox.signIn(accountId, { user: "alice" });
    expect(detail()).toMatchObject({ responseElements: { ConsoleLogin: "Failure" } });
    user.loginProfile = password(sandbox.clock.now());
    sandbox.signIn(accountId, { user: "alice" });
    expect(detail()).toMatchObject({
      userIdentity: { type: "IAMUser", userName: "alice", arn: user.arn, principalId: user.id },
      responseElements: { ConsoleLogin: "Success" },
      additionalEventData: { MFAUsed: "No" },
    });
    expect(user.passwordLastUsedAt).toEqual(sandbox.clock.now());
  });

  test("as nobody", () => {
    const { sandbox, accountId, detail } = start();
    sandbox.signIn(accountId, { user: "<!channel>" });
    expect(detail()).toMatchObject({
      userIdentity: { type: "IAMUser", userName: "HIDDEN_DUE_TO_SECURITY_REASONS" },
      errorMessage: "No username found in supplied account",
    });
  });
});
