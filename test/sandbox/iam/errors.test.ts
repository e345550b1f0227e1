import type { IAM } from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { addGroup, addRole, addUser, trusting } from "../../../sandbox/iam/state.ts";
import { accessDenied, throttled } from "../../../sandbox/protocol/service.ts";
import { failureOf, startSandbox } from "../support.ts";

const account = "605992674944";
const allow = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } });
const trust = trusting({ Service: "ec2.amazonaws.com" });
const policyArn = `arn:aws:iam::${account}:policy/p`;
const mfaArn = `arn:aws:iam::${account}:mfa/m`;
const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Users alice (all there is: password, key, device, policies, group) and bob (nothing), and what goes with them. */
const start = async () => {
  const started = startSandbox();
  const { iam, sandbox, account: state } = started;
  expect(state.id).toBe(account);
  const createdAt = sandbox.clock.now();
  addUser(state, sandbox.ids, { name: "bob", createdAt });
  addGroup(state, sandbox.ids, { name: "empty", createdAt });
  addRole(state, sandbox.ids, { name: "bare", createdAt });
  addRole(state, sandbox.ids, { name: "linked", path: "/aws-service-role/x.amazonaws.com/", createdAt });
  addRole(state, sandbox.ids, { name: "sso", path: "/aws-reserved/sso.amazonaws.com/eu-west-1/", createdAt });
  await iam.createUser({ UserName: "alice" });
  await iam.createLoginProfile({ UserName: "alice", Password: "correct horse" });
  await iam.createGroup({ GroupName: "crew" });
  await iam.addUserToGroup({ GroupName: "crew", UserName: "alice" });
  await iam.createPolicy({ PolicyName: "p", PolicyDocument: allow("s3:*") });
  await iam.createRole({ RoleName: "app", AssumeRolePolicyDocument: trust });
  await iam.putRolePolicy({ RoleName: "app", PolicyName: "in", PolicyDocument: allow("s3:*") });
  await iam.attachUserPolicy({ UserName: "alice", PolicyArn: policyArn });
  await iam.createVirtualMFADevice({ VirtualMFADeviceName: "m" });
  await iam.enableMFADevice({ UserName: "alice", SerialNumber: mfaArn, ...codes });
  await iam.createOpenIDConnectProvider({ Url: "https://idp.example.com" });
  return started;
};

type Case = readonly [code: string, message: string | RegExp, (iam: IAM) => Promise<unknown>];

const refusals: Record<string, Case> = {
  "a user that is not there": [
    "NoSuchEntity",
    "The user with name carol cannot be found.",
    (iam) => iam.getUser({ UserName: "carol" }),
  ],
  "a user by a name in another case": [
    "NoSuchEntity",
    "The user with name Alice cannot be found.",
    (iam) => iam.getUser({ UserName: "Alice" }),
  ],
  "a user whose name differs only in case": [
    "EntityAlreadyExists",
    "User with name ALICE already exists.",
    (iam) => iam.createUser({ UserName: "ALICE" }),
  ],
  "renaming to a name in use": [
    "EntityAlreadyExists",
    /already exists/,
    (iam) => iam.updateUser({ UserName: "bob", NewUserName: "alice" }),
  ],
  "a name with a space": [
    "ValidationError",
    /Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    (iam) => iam.createUser({ UserName: "a b" }),
  ],
  "a name of 65 characters": [
    "ValidationError",
    /Member must have length less than or equal to 64/,
    (iam) => iam.createUser({ UserName: "a".repeat(65) }),
  ],
  "a path without a slash at its end": [
    "ValidationError",
    /'path'/,
    (iam) => iam.createUser({ UserName: "x", Path: "/a" }),
  ],
  "no name": ["ValidationError", /'roleName'.*must not be null/, (iam) => iam.getRole({ RoleName: undefined })],
  "a tag with characters that tags have not": [
    "ValidationError",
    /'tags\.0\.value' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    (iam) => iam.tagUser({ UserName: "bob", Tags: [{ Key: "note", Value: "<script>" }] }),
  ],
  "the same tag twice": [
    "InvalidInput",
    /Duplicate tag keys/,
    (iam) =>
      iam.createUser({
        UserName: "x",
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      }),
  ],
  "the 51st tag": [
    "LimitExceeded",
    /50/,
    async (iam) => {
      await iam.tagUser({ UserName: "bob", Tags: numbers(50).map((n) => ({ Key: `k${n}`, Value: "" })) });
      await iam.tagUser({ UserName: "bob", Tags: [{ Key: "k1", Value: "again" }] });
      await iam.tagUser({ UserName: "bob", Tags: [{ Key: "one-more", Value: "" }] });
    },
  ],
  "deleting a user who has a password": [
    "DeleteConflict",
    "Cannot delete entity, must delete login profile first.",
    (iam) => iam.deleteUser({ UserName: "alice" }),
  ],
  "deleting a user who has a device": [
    "DeleteConflict",
    "Cannot delete entity, must deactivate MFA device first.",
    async (iam) => {
      await iam.deleteLoginProfile({ UserName: "alice" });
      await iam.deleteUser({ UserName: "alice" });
    },
  ],
  "a second password": [
    "EntityAlreadyExists",
    "Login Profile for user alice already exists.",
    (iam) => iam.createLoginProfile({ UserName: "alice", Password: "another one" }),
  ],
  "the password of a user who has none": [
    "NoSuchEntity",
    "Login Profile for User bob cannot be found.",
    (iam) => iam.getLoginProfile({ UserName: "bob" }),
  ],
  "a short password": [
    "PasswordPolicyViolation",
    "Password should have a minimum length of 14",
    async (iam) => {
      await iam.updateAccountPasswordPolicy({ MinimumPasswordLength: 14 });
      await iam.createLoginProfile({ UserName: "bob", Password: "correct horse" });
    },
  ],
  "a password policy that nobody set": [
    "NoSuchEntity",
    `The Password Policy with domain name ${account} cannot be found.`,
    (iam) => iam.getAccountPasswordPolicy({}),
  ],
  "a third access key": [
    "LimitExceeded",
    "Cannot exceed quota for AccessKeysPerUser: 2",
    async (iam) => {
      await iam.createAccessKey({ UserName: "bob" });
      await iam.createAccessKey({ UserName: "bob" });
      await iam.createAccessKey({ UserName: "bob" });
    },
  ],
  "another user's access key": [
    "NoSuchEntity",
    /^The Access Key with id AKIA.* cannot be found\.$/,
    async (iam) => {
      const { AccessKey } = await iam.createAccessKey({ UserName: "alice" });
      await iam.updateAccessKey({ UserName: "bob", AccessKeyId: AccessKey?.AccessKeyId, Status: "Inactive" });
    },
  ],
  "a device in use": [
    "EntityAlreadyExists",
    "MFA Device is already in use.",
    (iam) => iam.enableMFADevice({ UserName: "bob", SerialNumber: mfaArn, ...codes }),
  ],
  "a virtual device that nobody created": [
    "NoSuchEntity",
    /does not exist/,
    (iam) => iam.enableMFADevice({ UserName: "bob", SerialNumber: `${mfaArn}2`, ...codes }),
  ],
  "the same code twice": [
    "InvalidAuthenticationCode",
    /not valid/,
    (iam) =>
      iam.enableMFADevice({ UserName: "bob", SerialNumber: "GAHT12345678", ...codes, AuthenticationCode2: "123456" }),
  ],
  "a ninth device": [
    "LimitExceeded",
    /MFADevicesPerUser: 8/,
    async (iam) => {
      for (const n of numbers(9))
        await iam.enableMFADevice({ UserName: "bob", SerialNumber: `HARDWARE-${n}`, ...codes });
    },
  ],
  "deleting a device in use": [
    "DeleteConflict",
    "MFA VirtualDevice in use. Must deactivate first.",
    (iam) => iam.deleteVirtualMFADevice({ SerialNumber: mfaArn }),
  ],
  "deactivating a device of somebody else": [
    "NoSuchEntity",
    /does not exist/,
    (iam) => iam.deactivateMFADevice({ UserName: "bob", SerialNumber: mfaArn }),
  ],
  "a role that is there": [
    "EntityAlreadyExists",
    "Role with name App already exists.",
    (iam) => iam.createRole({ RoleName: "App", AssumeRolePolicyDocument: trust }),
  ],
  "a trust policy that is not JSON": [
    "MalformedPolicyDocument",
    "This policy contains invalid Json",
    (iam) => iam.createRole({ RoleName: "x", AssumeRolePolicyDocument: "{" }),
  ],
  "a trust policy with a resource": [
    "MalformedPolicyDocument",
    "Has prohibited field Resource",
    (iam) => iam.createRole({ RoleName: "x", AssumeRolePolicyDocument: allow("sts:AssumeRole") }),
  ],
  "a trust policy with an unknown element": [
    "MalformedPolicyDocument",
    "Syntax errors in policy.",
    (iam) =>
      iam.updateAssumeRolePolicy({ RoleName: "app", PolicyDocument: trust.replace('"Effect"', '"Sure":1,"Effect"') }),
  ],
  "a trust policy too long": [
    "LimitExceeded",
    "Cannot exceed quota for ACLSizePerRole: 8192",
    (iam) =>
      iam.createRole({
        RoleName: "x",
        AssumeRolePolicyDocument: trusting({ AWS: numbers(400).map(() => `arn:aws:iam::${account}:root`) }),
      }),
  ],
  "a role in a path of AWS": [
    "InvalidInput",
    /reserved/,
    (iam) => iam.createRole({ RoleName: "x", Path: "/aws-reserved/sso/", AssumeRolePolicyDocument: trust }),
  ],
  "a session of 13 hours": [
    "ValidationError",
    /less than or equal to 43200/,
    (iam) => iam.updateRole({ RoleName: "app", MaxSessionDuration: 46_800 }),
  ],
  "a boundary on a service-linked role": [
    "UnmodifiableEntity",
    "Cannot perform the operation on the protected role 'linked' - this role is only modifiable by AWS",
    (iam) => iam.putRolePermissionsBoundary({ RoleName: "linked", PermissionsBoundary: policyArn }),
  ],
  "tagging a single sign-on role": ["UnmodifiableEntity", /'sso'/, (iam) => iam.tagRole({ RoleName: "sso", Tags: [] })],
  "deleting a single sign-on role": ["UnmodifiableEntity", /'sso'/, (iam) => iam.deleteRole({ RoleName: "sso" })],
  "deleting a role that has a policy": [
    "DeleteConflict",
    "Cannot delete entity, must delete policies first.",
    (iam) => iam.deleteRole({ RoleName: "app" }),
  ],
  "a boundary that is no policy": [
    "NoSuchEntity",
    /does not exist or is not attachable/,
    (iam) => iam.putRolePermissionsBoundary({ RoleName: "app", PermissionsBoundary: `${policyArn}2` }),
  ],
  "removing a boundary that is not there": [
    "NoSuchEntity",
    /does not have a permissions boundary/,
    (iam) => iam.deleteRolePermissionsBoundary({ RoleName: "app" }),
  ],
  "a policy with a principal": [
    "MalformedPolicyDocument",
    "Policy document should not specify a principal.",
    (iam) => iam.putUserPolicy({ UserName: "bob", PolicyName: "x", PolicyDocument: trust }),
  ],
  "inline policies over the quota together": [
    "LimitExceeded",
    "Maximum policy size of 2048 bytes exceeded for user bob",
    async (iam) => {
      const long = allow("s3:".padEnd(1200, "x"));
      await iam.putUserPolicy({ UserName: "bob", PolicyName: "one", PolicyDocument: long });
      await iam.putUserPolicy({ UserName: "bob", PolicyName: "one", PolicyDocument: long });
      await iam.putUserPolicy({ UserName: "bob", PolicyName: "two", PolicyDocument: long });
    },
  ],
  "an inline policy that is not there": [
    "NoSuchEntity",
    "The group policy with name x cannot be found.",
    (iam) => iam.getGroupPolicy({ GroupName: "crew", PolicyName: "x" }),
  ],
  "an 11th policy on a user": [
    "LimitExceeded",
    "Cannot exceed quota for PoliciesPerUser: 10",
    async (iam) => {
      for (const n of numbers(11)) {
        const { Policy } = await iam.createPolicy({ PolicyName: `q${n}`, PolicyDocument: allow("s3:*") });
        await iam.attachUserPolicy({ UserName: "bob", PolicyArn: Policy?.Arn });
      }
    },
  ],
  "detaching what is not attached": [
    "NoSuchEntity",
    `Policy ${policyArn} was not found.`,
    (iam) => iam.detachRolePolicy({ RoleName: "app", PolicyArn: policyArn }),
  ],
  "deleting an attached policy": [
    "DeleteConflict",
    "Cannot delete a policy attached to entities.",
    (iam) => iam.deletePolicy({ PolicyArn: policyArn }),
  ],
  "a sixth version": [
    "LimitExceeded",
    /up to 5 versions/,
    async (iam) => {
      for (const _ of numbers(5))
        await iam.createPolicyVersion({ PolicyArn: policyArn, PolicyDocument: allow("s3:*") });
    },
  ],
  "deleting the default version": [
    "DeleteConflict",
    /default version/,
    (iam) => iam.deletePolicyVersion({ PolicyArn: policyArn, VersionId: "v1" }),
  ],
  "changing a policy of AWS": [
    "AccessDenied",
    /cannot be changed/,
    (iam) => iam.deletePolicy({ PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
  ],
  "a group with members": [
    "DeleteConflict",
    "Cannot delete entity, must remove users from group first.",
    (iam) => iam.deleteGroup({ GroupName: "crew" }),
  ],
  "removing one who is no member": [
    "NoSuchEntity",
    /not in group/,
    (iam) => iam.removeUserFromGroup({ GroupName: "crew", UserName: "bob" }),
  ],
  "an 11th group of a user": [
    "LimitExceeded",
    "Cannot exceed quota for GroupsPerUser: 10",
    async (iam) => {
      for (const n of numbers(11)) {
        await iam.createGroup({ GroupName: `g${n}` });
        await iam.addUserToGroup({ GroupName: `g${n}`, UserName: "bob" });
      }
    },
  ],
  "an identity provider twice": [
    "EntityAlreadyExists",
    /already exists/,
    (iam) => iam.createOpenIDConnectProvider({ Url: "https://idp.example.com" }),
  ],
  "an identity provider without TLS": [
    "InvalidInput",
    /Invalid Open ID Connect Provider URL/,
    (iam) => iam.createOpenIDConnectProvider({ Url: "http://idp.example.com" }),
  ],
  "the credential report before there is one": ["ReportNotPresent", /No report/, (iam) => iam.getCredentialReport({})],
};

test.each(Object.entries(refusals))("refuses %s", async (_, [code, message, call]) => {
  const { iam } = await start();
  expect(await failureOf(call(iam))).toEqual({ code, message: expect.stringMatching(message) });
});

test("names and quotas end where the account's quota says", async () => {
  const { iam, account: state } = await start();
  state.quotas.usersQuota = 2;
  expect(await failureOf(iam.createUser({ UserName: "x" }))).toEqual({
    code: "LimitExceeded",
    message: "Cannot exceed quota for UsersPerAccount: 2",
  });
});

describe("a test can make a call fail", () => {
  test("for as long as it likes", async () => {
    const { iam, sandbox, events } = startSandbox();
    const stop = sandbox.intercept(({ operation }) => {
      if (operation === "ListUsers") throw throttled();
    });
    expect((await failureOf(iam.listUsers({}))).code).toBe("Throttling");
    expect(await iam.listRoles({})).toMatchObject({ Roles: [] });
    stop();
    expect(await iam.listUsers({})).toMatchObject({ Users: [] });
    expect(events.map(({ detail }) => detail.errorCode)).toEqual(["ThrottlingException", undefined, undefined]);
  });

  test("as a denied one", async () => {
    const { iam, sandbox, accountId } = startSandbox();
    sandbox.intercept((call) => {
      if (call.operation === "GetUser") throw accessDenied(call);
    });
    const failure = await failureOf(iam.getUser({ UserName: "x" }));
    expect(failure).toEqual({
      code: "AccessDenied",
      message: `User: arn:aws:iam::${accountId}:root is not authorized to perform: iam:GetUser on resource: * because no identity-based policy allows the iam:GetUser action`,
    });
  });
});
