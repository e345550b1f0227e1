import type { IAM } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import type { EventBridgeEvent } from "../../sandbox/sandbox.ts";
import { parseEnvelope } from "../../shared/events/envelope.ts";
import { matches } from "../../shared/events/matcher.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import { createReplayer } from "../../shared/events/replay.ts";
import { subjectsOf } from "../../shared/events/subjects.ts";
import { subjectKey } from "../../shared/subject.ts";
import { startSandbox } from "../sandbox/support.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
});

/** A person's life in IAM by calls of the real SDK, told by the sandbox as CloudTrail would. */
const live = async () => {
  const { sandbox, accountId, events, clientAs, iam } = startSandbox();
  await iam.createRole({ RoleName: "admin", AssumeRolePolicyDocument: trust });
  await iam.attachRolePolicy({ RoleName: "admin", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
  const admin: IAM = clientAs({ role: "admin" });
  await admin.createUser({ UserName: "alice", Path: "/staff/" });
  await admin.attachUserPolicy({ UserName: "alice", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
  const alice: IAM = clientAs({ user: "alice" });
  await admin.createLoginProfile({ UserName: "alice", Password: "Correct-Horse-7-Battery" });
  const { VirtualMFADevice } = await alice.createVirtualMFADevice({ VirtualMFADeviceName: "alice-phone" });
  const SerialNumber = VirtualMFADevice?.SerialNumber;
  await alice.enableMFADevice({
    UserName: "alice",
    SerialNumber,
    AuthenticationCode1: "123456",
    AuthenticationCode2: "654321",
  });
  const own = await alice.createAccessKey({});
  const given = await admin.createAccessKey({ UserName: "alice" });
  await alice.updateAccessKey({ AccessKeyId: own.AccessKey?.AccessKeyId, Status: "Inactive" });
  await admin.deleteAccessKey({ UserName: "alice", AccessKeyId: given.AccessKey?.AccessKeyId });
  await alice.deactivateMFADevice({ UserName: "alice", SerialNumber });
  await admin.createUser({ UserName: "alice" }).catch(() => "exists already");
  await admin.createRole({ RoleName: "app", Path: "/service/", AssumeRolePolicyDocument: trust });
  await admin.tagRole({ RoleName: "app", Tags: [{ Key: "team", Value: "a" }] });
  await admin.putRolePermissionsBoundary({
    RoleName: "app",
    PermissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
  });
  await admin.deleteRolePermissionsBoundary({ RoleName: "app" });
  await admin.deleteRole({ RoleName: "app" });
  await iam.createAccessKey({});
  await iam.listUsers({});
  await admin.updateUser({ UserName: "alice", NewUserName: "alice.b" });
  sandbox.signIn(accountId, "root", { success: false });
  sandbox.signIn(accountId, "root", { mfa: true });
  return { events, ownKey: own.AccessKey?.AccessKeyId, givenKey: given.AccessKey?.AccessKeyId };
};

const nameOf = ({ detail }: EventBridgeEvent): string => `${detail.eventName}${detail.errorCode ? " failed" : ""}`;

describe("the sandbox's events", () => {
  it("name what the calls changed, and are delivered if a control asks for them", async () => {
    const { events, ownKey, givenKey } = await live();
    const patterns = eventPatterns();
    const told = events
      .map((event) => {
        const subjects = subjectsOf(parseEnvelope(event).record).map(subjectKey);
        const delivered = patterns.some(({ pattern }) => matches(pattern, event));
        return [nameOf(event), delivered, ...subjects] as const;
      })
      .filter(([name]) => name !== "AttachRolePolicy" && name !== "AttachUserPolicy");
    expect(told).toEqual([
      ["CreateRole", true, "role/admin"],
      ["CreateUser", true, "user/alice"],
      ["CreateLoginProfile", true, "user/alice"],
      ["CreateVirtualMFADevice", false],
      ["EnableMFADevice", true, "user/alice"],
      ["CreateAccessKey", true, `accessKey/alice/${ownKey}`, "user/alice"],
      ["CreateAccessKey", true, `accessKey/alice/${givenKey}`, "user/alice"],
      ["UpdateAccessKey", true, `accessKey/alice/${ownKey}`, "user/alice"],
      ["DeleteAccessKey", true, `accessKey/alice/${givenKey}`, "user/alice"],
      ["DeactivateMFADevice", true, "user/alice"],
      ["CreateUser failed", false],
      ["CreateRole", true, "role/app"],
      ["TagRole", true, "role/app"],
      ["PutRolePermissionsBoundary", true, "role/app"],
      ["DeleteRolePermissionsBoundary", true, "role/app"],
      ["DeleteRole", true, "role/app"],
      ["CreateAccessKey", true, "root/root"],
      ["ListUsers", true],
      ["UpdateUser", true, "user/alice", "user/alice.b"],
      ["ConsoleLogin", true],
      ["ConsoleLogin", true, "root/root"],
    ]);
  });

  it("show root at work, and nobody else", async () => {
    const { events } = await live();
    const replay = createReplayer();
    const found = events.flatMap((event) =>
      replay(event).activity.map(({ control, severity }) => `${nameOf(event)}: ${control} ${severity}`),
    );
    expect(found).toEqual([
      "CreateRole: root-activity critical",
      "AttachRolePolicy: root-activity critical",
      "CreateAccessKey: root-activity critical",
      "ListUsers: root-activity critical",
      "ConsoleLogin: root-sign-in-failure high",
      "ConsoleLogin: root-activity critical",
    ]);
  });

  it("are judged the same bare and in their envelope", async () => {
    const { events } = await live();
    for (const event of events) {
      const replay = createReplayer();
      expect(replay(event.detail)).toEqual(replay(event));
    }
  });
});
