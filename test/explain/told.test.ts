import { describe, expect, test } from "vitest";
import { formatExplanation } from "../../cli/explain/format.ts";
import { explainAsked, explainRecord } from "../../cli/explain/run-explain.ts";
import { plainPaint } from "../../cli/output.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import { callerContext, callerOfArn } from "../../shared/explain/caller.ts";
import { heldPolicy } from "../../shared/explain/layers.ts";
import { allow, createStage, deny, inline, json, type Stage } from "./stage.ts";

/** A record as AWS writes it of a service that the sandbox does not have. */
const recordOf = (stage: Stage, over: object) => ({
  eventVersion: "1.11",
  userIdentity: {
    type: "IAMUser",
    arn: `arn:aws:iam::${stage.account.id}:user/bob`,
    accountId: stage.account.id,
    userName: "bob",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  },
  eventTime: "2026-11-26T08:00:00Z",
  eventSource: "s3.amazonaws.com",
  eventName: "GetObject",
  awsRegion: "eu-west-1",
  sourceIPAddress: "198.51.100.7",
  errorCode: "AccessDenied",
  requestParameters: { bucketName: "reports", key: "q3" },
  recipientAccountId: stage.account.id,
  ...over,
});

const explained = async (stage: Stage, over: object, given = {}) => {
  const raw = recordOf(stage, over);
  return explainRecord(await stage.sources(), parseRecord(raw), raw, given);
};

const message = (stage: Stage, rest: string) =>
  `User: arn:aws:iam::${stage.account.id}:user/bob is not authorized to perform: ${rest}`;
const object = "arn:aws:s3:::reports/q3";

describe("what a record tells", () => {
  test("of a policy that is not read here is believed, and the result is not certain", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("s3:*")));
    const errorMessage = message(
      stage,
      `s3:GetObject on resource: "${object}" because no VPC endpoint policy allows the s3:GetObject action`,
    );
    const report = await explained(stage, { errorMessage, vpcEndpointId: "vpce-0a1b" });
    expect(report).toMatchObject({ verdict: "unknown", decision: "allow", told: { layer: "vpcEndpoint" } });
    expect(report.notKnown.join("\n")).toContain("VPC endpoint vpce-0a1b");
    expect(formatExplanation(report, plainPaint)).toContain("AWS said: the policy of a VPC endpoint does not allow it");
  });

  test.each([
    ["an identity-based policy", false],
    ["a permissions boundary", true],
  ])("of a denial in %s that no known value meets is believed: it depends on the others", async (where, isBoundary) => {
    const stage = createStage();
    const denial = deny("s3:*", { Condition: { StringEquals: { "aws:SourceVpc": "vpc-1" } } });
    stage.user("bob", inline("own", allow("s3:PutObject"), ...(isBoundary ? [] : [denial])));
    if (isBoundary) {
      const { Policy } = await stage.iam.createPolicy({
        ...{ PolicyName: "limits", PolicyDocument: json(allow("s3:PutObject"), denial) },
      });
      await stage.iam.putUserPermissionsBoundary({ UserName: "bob", PermissionsBoundary: Policy?.Arn });
    }
    const errorMessage = message(stage, `s3:GetObject on resource: "${object}" with an explicit deny in ${where}`);
    expect(await explained(stage, { errorMessage })).toMatchObject({
      verdict: "depends",
      dependsOn: ["aws:SourceVpc"],
    });
  });

  test("of a layer that refuses no more is told as changed since", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("s3:*")));
    const errorMessage = message(
      stage,
      `s3:GetObject on resource: "${object}" with an explicit deny in a service control policy`,
    );
    const report = await explained(stage, { errorMessage });
    expect(report.verdict).toBe("allowed");
    expect(report.notKnown.join("\n")).toContain("a service control policy refused it then and does not now");
  });

  test("encoded is for whoever may decode it", async () => {
    const stage = createStage();
    stage.user("bob");
    const report = await explained(stage, {
      ...{ eventSource: "ec2.amazonaws.com", eventName: "StopInstances", errorCode: "Client.UnauthorizedOperation" },
      errorMessage:
        "You are not authorized to perform this operation. Encoded authorization failure message: AbCdEfGhIjKlMnOpQr",
    });
    expect(report).toMatchObject({ verdict: "changePolicies", request: { action: "ec2:StopInstances" } });
    const text = formatExplanation(report, plainPaint);
    expect(text).toContain("aws sts decode-authorization-message");
    expect(text).toContain("AbCdEfGhIjKlMnOpQr");
    expect(report.notKnown.join("\n")).toContain("--resource");
    const named = await explained(
      stage,
      { eventSource: "ec2.amazonaws.com", eventName: "StopInstances" },
      { resource: "*" },
    );
    expect(named.notKnown.join("\n")).not.toContain("--resource");
  });

  test.each([
    ["ListObjectsV2", { bucketName: "reports", prefix: "q" }, "s3:ListBucket", "arn:aws:s3:::reports"],
    ["HeadObject", { bucketName: "reports", key: "q3" }, "s3:GetObject", object],
    ["DeleteObjects", { bucketName: "reports" }, "s3:DeleteObject", "arn:aws:s3:::reports/*"],
  ])("of an operation %s is about the action and the resource that policies name", async (...row) => {
    const [eventName, requestParameters, action, resource] = row;
    const stage = createStage();
    stage.user("bob");
    const report = await explained(stage, { eventName, requestParameters, errorMessage: "Access Denied" });
    expect(report.request).toMatchObject({ action, resource });
    expect(report.notKnown.join("\n")).not.toContain("--action");
  });

  test("of several objects of a bucket is not about the bucket", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("s3:DeleteObject", { Resource: "arn:aws:s3:::reports/*" })));
    const { reports } = { reports: "arn:aws:s3:::reports" };
    const report = await explained(stage, {
      ...{ eventName: "DeleteObjects", requestParameters: { bucketName: "reports" }, errorMessage: "Access Denied" },
      resources: [
        { type: "AWS::S3::Object", ARNPrefix: `${reports}/` },
        { type: "AWS::S3::Bucket", ARN: reports },
      ],
    });
    expect(report.verdict).toBe("allowed");
  });

  test("of an operation that no action is named like says so", async () => {
    const stage = createStage();
    stage.user("bob");
    const odd = { eventName: "GetEverything", errorMessage: "Access Denied" };
    expect((await explained(stage, odd)).notKnown.join("\n")).toContain(
      "s3:GetEverything is an operation, and no action that AWS documents: say what allows it with --action",
    );
    const named = await explained(stage, odd, { action: "s3:GetObject" });
    expect(named.notKnown.join("\n")).not.toContain("--action");
  });

  test("of a service-linked role tells for which service it is", async () => {
    const stage = createStage();
    const condition = { StringLike: { "iam:AWSServiceName": "ecs.amazonaws.com" } };
    stage.user("bob", inline("own", allow("iam:CreateServiceLinkedRole", { Resource: "*", Condition: condition })));
    const path = `arn:aws:iam::${stage.account.id}:role/aws-service-role/autoscaling.amazonaws.com`;
    const report = await explained(stage, {
      ...{ eventSource: "iam.amazonaws.com", eventName: "CreateServiceLinkedRole", requestParameters: null },
      errorMessage: message(stage, `iam:CreateServiceLinkedRole on resource: ${path}/AWSServiceRoleForAutoScaling`),
    });
    expect(report.dependsOn).toEqual([]);
    expect(formatExplanation(report, plainPaint)).toContain("the request has autoscaling.amazonaws.com");
  });

  test.each([["2008-10-17"], ["2012-10-17"]])(
    "is explained by a statement as it is written in version %s",
    async (Version) => {
      const stage = createStage();
      const Resource = "arn:aws:s3:::${aws:username}/*";
      const policy = JSON.stringify({ Version, Statement: [allow("s3:GetObject", { Resource })] });
      stage.user("bob", { inlinePolicies: new Map([["own", policy]]) });
      const report = await explained(stage, {});
      expect(report.obstacles[0]?.near?.document).toMatchObject({ Resource });
    },
  );

  test("of a Region that is denied is told as denied, not as asked for", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("s3:*")));
    await stage.limit(
      "regions",
      deny("s3:*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-central-1" } } }),
    );
    const report = await explained(stage, { errorMessage: message(stage, `s3:GetObject on resource: "${object}"`) });
    expect(report.verdict).toBe("changeRequest");
    const text = formatExplanation(report, plainPaint);
    expect(text).toContain("aws:RequestedRegion: denied where StringNotEquals eu-central-1, the request has eu-west-1");
    expect(text).not.toContain("is asked for");
  });

  test("about a caller of another account is not who called", async () => {
    const stage = createStage();
    const userIdentity = { type: "AWSAccount", accountId: "444455556666", principalId: "AIDAEXAMPLE" };
    await expect(explained(stage, { userIdentity })).rejects.toThrow("the record of the caller's own account");
  });

  test("about a federated user is about the user who federated, whom a session policy limits", async () => {
    const stage = createStage();
    const bob = stage.user("bob", inline("own", allow("s3:*")));
    const userIdentity = {
      type: "FederatedUser",
      arn: `arn:aws:sts::${stage.account.id}:federated-user/eve`,
      accountId: stage.account.id,
      sessionContext: {
        sessionIssuer: { type: "IAMUser", arn: bob.arn, accountId: stage.account.id, userName: "bob" },
      },
    };
    const report = await explained(stage, { userIdentity }, { resource: object });
    expect(report.request.principal).toBe(bob.arn);
    expect(report.notKnown.join("\n")).toContain("sts:GetFederationToken");
  });

  test("of the address decides a condition on it, and of what it does not tell the key is named", async () => {
    const stage = createStage();
    const within = (cidr: string) => ({ Resource: "*", Condition: { IpAddress: { "aws:SourceIp": cidr } } });
    stage.user("bob", inline("own", allow("s3:*", within("192.0.2.0/24"))));
    const errorMessage = message(stage, `s3:GetObject on resource: "${object}"`);
    expect(await explained(stage, { errorMessage })).toMatchObject({ verdict: "changeRequest", dependsOn: [] });
    const hidden = await explained(stage, { errorMessage, sourceIPAddress: "AWS Internal" });
    expect(hidden).toMatchObject({ verdict: "depends", dependsOn: ["aws:SourceIp"] });
  });

  test("holds text of strangers, which does nothing to a terminal", async () => {
    const stage = createStage();
    stage.user("bob");
    const report = await explained(stage, {
      errorMessage: message(stage, "s3:GetObject on resource: *\u001b[2J\u202e"),
    });
    const text = formatExplanation(report, plainPaint);
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u202e");
    expect(text).toContain("\\u{1b}[2J\\u{202e}");
  });
});

describe("a described call", () => {
  const ask = async (stage: Stage, arn: string, action: string, resource: string, given = {}) => {
    const caller = callerOfArn(arn);
    return explainAsked(await stage.sources(), { caller, context: callerContext(caller), action, resource }, given);
  };

  test("of a role's session is limited by its session policy", async () => {
    const stage = createStage();
    stage.role("app", { path: "/team/", ...inline("own", allow("s3:*")) });
    const session = `arn:aws:sts::${stage.account.id}:assumed-role/app/one`;
    const sessionPolicies = [heldPolicy("session.json", json(deny("s3:PutObject"), allow("s3:Get*")))];
    const read = await ask(stage, session, "s3:GetObject", object, { sessionPolicies });
    expect(read).toMatchObject({ verdict: "allowed", request: { principal: session } });
    expect(read.request.context["aws:principalarn"]).toEqual([`arn:aws:iam::${stage.account.id}:role/team/app`]);
    const write = await ask(stage, session, "s3:PutObject", object, { sessionPolicies });
    expect(write).toMatchObject({ decision: "explicitDeny", decidedBy: { layer: "session" } });
    expect((await ask(stage, session, "s3:GetObject", object)).notKnown.join("\n")).toContain("--session-policy");
  });

  test("on a resource of another account is not certain, for its policy is not read", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("sns:*")));
    const bob = `arn:aws:iam::${stage.account.id}:user/bob`;
    const report = await ask(stage, bob, "sns:Publish", "arn:aws:sns:eu-west-1:444455556666:alerts");
    expect(report).toMatchObject({ verdict: "unknown", decidedBy: { layer: "resource" } });
    expect(await ask(stage, bob, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:q")).toMatchObject({
      verdict: "changePolicies",
      decidedBy: { layer: "identity" },
      obstacles: [{ change: { kind: "addStatement" } }, { change: { kind: "read" } }],
    });
  });

  test("in IAM of another account is none that a policy could allow", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("*")));
    const bob = `arn:aws:iam::${stage.account.id}:user/bob`;
    const report = await ask(stage, bob, "iam:GetUser", "arn:aws:iam::444455556666:user/eve");
    expect(report).toMatchObject({ verdict: "refused", refusal: { kind: "foreignIam" } });
  });

  test("of root that would assume a role is refused whatever the role trusts", async () => {
    const stage = createStage();
    const root = `arn:aws:iam::${stage.account.id}:root`;
    const role = stage.role("app", {
      trustPolicy: json({ Effect: "Allow", Principal: { AWS: root }, Action: "sts:AssumeRole" }),
    });
    expect((await ask(stage, root, "sts:AssumeRole", role.arn)).refusal?.kind).toBe("rootMayNotAssume");
  });

  test("of a user whom a group lets in quotes the group's policy", async () => {
    const stage = createStage();
    stage.user("bob");
    await stage.iam.createGroup({ GroupName: "readers" });
    await stage.iam.putGroupPolicy({
      GroupName: "readers",
      PolicyName: "read",
      PolicyDocument: json(allow("s3:Get*")),
    });
    await stage.iam.addUserToGroup({ GroupName: "readers", UserName: "bob" });
    const bob = `arn:aws:iam::${stage.account.id}:user/bob`;
    const report = await ask(stage, bob, "s3:GetObject", object);
    expect(report.allowedBy).toMatchObject({ policy: "read", via: "readers" });
  });

  test("in an account that lets nobody in is not certain", async () => {
    const stage = createStage();
    stage.user("bob");
    stage.account.roles.delete("organizationaccountaccessrole");
    const report = await ask(stage, `arn:aws:iam::${stage.account.id}:user/bob`, "s3:GetObject", object);
    expect(report).toMatchObject({
      verdict: "unknown",
      obstacles: [{ change: { why: expect.stringContaining("sts:AssumeRole was denied") } }],
    });
  });
});
