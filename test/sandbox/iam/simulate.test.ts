import { describe, expect, test } from "vitest";
import { noteAccess } from "../../../sandbox/callers.ts";
import { addGroup, addRole, addUser } from "../../../sandbox/iam/state.ts";
import { allowing, failureOf, startSandbox } from "../support.ts";

const policy = (Effect: string, Action: string | string[], Condition?: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect, Action, Resource: "*", ...(Condition && { Condition }) },
  });

describe("SimulateCustomPolicy", () => {
  const decisions = async (input: Parameters<ReturnType<typeof startSandbox>["iam"]["simulateCustomPolicy"]>[0]) => {
    const { iam } = startSandbox();
    const { EvaluationResults = [] } = await iam.simulateCustomPolicy(input);
    return EvaluationResults.map((one) => [
      `${one.EvalActionName} ${one.EvalDecision}`,
      one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
      one.MissingContextValues,
    ]);
  };

  test("intersects policies with the boundary", async () => {
    const found = await decisions({
      PolicyInputList: [policy("Allow", "*")],
      PermissionsBoundaryPolicyInputList: [policy("Allow", ["s3:*", "ec2:Describe*"])],
      ActionNames: ["s3:GetObject", "ec2:DescribeInstances", "ec2:RunInstances"],
    });
    expect(found).toEqual([
      ["s3:GetObject allowed", true, []],
      ["ec2:DescribeInstances allowed", true, []],
      ["ec2:RunInstances implicitDeny", false, []],
    ]);
  });

  test("tells explicit from implicit denies, and what the context lacks", async () => {
    const found = await decisions({
      PolicyInputList: [
        policy("Allow", "s3:*", { StringEquals: { "aws:SourceVpc": "vpc-1" } }),
        policy("Deny", "s3:DeleteBucket"),
      ],
      ActionNames: ["s3:GetObject", "s3:DeleteBucket", "ec2:RunInstances"],
    });
    expect(found).toEqual([
      ["s3:GetObject implicitDeny", undefined, ["aws:SourceVpc"]],
      ["s3:DeleteBucket explicitDeny", undefined, ["aws:SourceVpc"]],
      ["ec2:RunInstances implicitDeny", undefined, []],
    ]);
  });

  test("takes context, resources and resource policies, a page at a time", async () => {
    const { iam } = startSandbox();
    const input = {
      PolicyInputList: [policy("Allow", "s3:GetObject", { StringEquals: { "aws:SourceVpc": "vpc-1" } })],
      ActionNames: ["s3:GetObject"],
      ResourceArns: ["arn:aws:s3:::a/b", "arn:aws:s3:::c/d"],
      ContextEntries: [
        { ContextKeyName: "aws:SourceVpc", ContextKeyValues: ["vpc-1"], ContextKeyType: "string" as const },
      ],
      MaxItems: 1,
    };
    const first = await iam.simulateCustomPolicy(input);
    const second = await iam.simulateCustomPolicy({ ...input, Marker: first.Marker });
    expect([...(first.EvaluationResults ?? []), ...(second.EvaluationResults ?? [])]).toMatchObject([
      { EvalResourceName: "arn:aws:s3:::a/b", EvalDecision: "allowed" },
      { EvalResourceName: "arn:aws:s3:::c/d", EvalDecision: "allowed" },
    ]);
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
  });

  test.each([
    ["a policy that is none", { PolicyInputList: ["{"], ActionNames: ["s3:GetObject"] }],
    ["an action with a wildcard", { PolicyInputList: [policy("Allow", "*")], ActionNames: ["s3:*"] }],
    [
      "an operator that does not exist",
      { PolicyInputList: [policy("Allow", "*", { Odd: { a: "b" } })], ActionNames: ["s3:GetObject"] },
    ],
  ])("refuses %s", async (_, input) => {
    const { iam } = startSandbox();
    expect(await failureOf(iam.simulateCustomPolicy(input))).toMatchObject({ code: "InvalidInput" });
  });
});

describe("SimulatePrincipalPolicy", () => {
  test("puts together inline, attached and group policies, within the boundary", async () => {
    const { sandbox, account, iam } = startSandbox();
    const createdAt = sandbox.clock.now();
    const { Policy } = await iam.createPolicy({
      PolicyName: "limit",
      PolicyDocument: policy("Allow", ["s3:*", "sns:*"]),
    });
    const group = addGroup(account, sandbox.ids, { name: "devs", createdAt });
    group.inlinePolicies.set("group", policy("Allow", "sns:*"));
    const user = addUser(account, sandbox.ids, {
      name: "bob",
      createdAt,
      groups: new Set(["devs"]),
      boundary: Policy?.Arn ?? "",
    });
    user.inlinePolicies.set("own", policy("Allow", ["s3:*", "ec2:*"]));
    const { EvaluationResults = [] } = await iam.simulatePrincipalPolicy({
      PolicySourceArn: user.arn,
      ActionNames: ["s3:GetObject", "sns:Publish", "ec2:RunInstances", "sqs:SendMessage"],
    });
    expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).toEqual([
      "allowed",
      "allowed",
      "implicitDeny",
      "implicitDeny",
    ]);
  });

  test("knows no principal that does not exist", async () => {
    const { iam, accountId } = startSandbox();
    const PolicySourceArn = `arn:aws:iam::${accountId}:user/nobody`;
    const failure = await failureOf(iam.simulatePrincipalPolicy({ PolicySourceArn, ActionNames: ["s3:GetObject"] }));
    expect(failure.code).toBe("NoSuchEntity");
  });
});

describe("service last accessed details", () => {
  test("tell which services a role used, when, and by which actions", async () => {
    const { sandbox, account, clientAs, iam } = startSandbox();
    const role = addRole(account, sandbox.ids, {
      name: "app",
      createdAt: sandbox.clock.now(),
      ...allowing("iam:ListRoles"),
    });
    noteAccess(role, {
      at: new Date("2026-10-01T00:00:00Z"),
      service: "s3",
      operation: "GetObject",
      region: "eu-west-1",
    });
    noteAccess(role, {
      at: new Date("2025-08-01T00:00:00Z"),
      service: "sqs",
      operation: "SendMessage",
      region: "eu-west-1",
    });
    await clientAs({ role: "app" }).listRoles();
    const { JobId } = await iam.generateServiceLastAccessedDetails({ Arn: role.arn, Granularity: "ACTION_LEVEL" });
    expect(await iam.getServiceLastAccessedDetails({ JobId })).toMatchObject({ JobStatus: "IN_PROGRESS" });
    const details = await iam.getServiceLastAccessedDetails({ JobId });
    expect(details).toMatchObject({ JobStatus: "COMPLETED", JobType: "ACTION_LEVEL", IsTruncated: false });
    expect(details.ServicesLastAccessed).toMatchObject([
      {
        ServiceNamespace: "iam",
        LastAuthenticated: sandbox.clock.now(),
        LastAuthenticatedEntity: role.arn,
        TrackedActionsLastAccessed: [{ ActionName: "ListRoles", LastAccessedTime: sandbox.clock.now() }],
      },
      {
        ServiceNamespace: "s3",
        LastAuthenticated: new Date("2026-10-01T00:00:00Z"),
        TrackedActionsLastAccessed: [{ ActionName: "GetObject" }],
      },
    ]);
  });

  test("know no other job and no other entity", async () => {
    const { iam, accountId } = startSandbox();
    const unknownJob = iam.getServiceLastAccessedDetails({ JobId: "00000000-0000-0000-0000-000000000000" });
    expect(await failureOf(unknownJob)).toMatchObject({ code: "NoSuchEntity" });
    const Arn = `arn:aws:iam::${accountId}:role/nothing`;
    expect(await failureOf(iam.generateServiceLastAccessedDetails({ Arn }))).toMatchObject({ code: "NoSuchEntity" });
  });
});
