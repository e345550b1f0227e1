import { describe, expect, test } from "vitest";
import type { ExplainReport } from "../../cli/explain/report.ts";
import { failureOf } from "../sandbox/support.ts";
import { allow, applyChange, createStage, deny, inline, json, type Stage } from "./stage.ts";

/** What decides, and of what kind the changes are. */
const gist = ({ verdict, decidedBy, obstacles }: ExplainReport) =>
  [verdict, decidedBy?.layer, ...obstacles.map(({ change }) => change.kind)].join(" ");

const denied = (call: () => Promise<unknown>) => failureOf(call());
const changeOf = ({ obstacles: [first] }: ExplainReport) => {
  if (first === undefined) throw new Error("nothing is in the way");
  return first;
};

describe("a call that is denied", () => {
  const person = async (stage: Stage, ...statements: readonly object[]) => {
    stage.user("bob", statements.length === 0 ? {} : inline("own", ...statements));
    const iam = stage.iamAs(await stage.keyOf("bob"));
    return { bob: iam, call: () => iam.getRole({ RoleName: "OrganizationAccountAccessRole" }) };
  };

  test("for want of a policy", async () => {
    const stage = createStage();
    const { call } = await person(stage);
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies identity addStatement");
    await applyChange(stage, changeOf(report), { user: "bob" });
    await call();
  });

  test("by a policy for another resource, which is quoted", async () => {
    const stage = createStage();
    const wrong = allow("iam:GetRole", { Sid: "Read", Resource: "arn:aws:iam::*:role/other" });
    const { call } = await person(stage, wrong);
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies identity addResource");
    expect(changeOf(report).near).toMatchObject({ policy: "own", name: "Read", misses: ["resource"], document: wrong });
    await applyChange(stage, changeOf(report), { user: "bob" });
    await call();
  });

  test.each(["iam:Get*", "*"])(
    "by a policy that allows %s on another resource, which is not widened",
    async (action) => {
      const stage = createStage();
      const { call, bob } = await person(stage, allow(action, { Sid: "Wide", Resource: "arn:aws:iam::*:role/other" }));
      await denied(call);
      const report = await stage.explainLast();
      expect(gist(report)).toBe("changePolicies identity addStatement");
      expect(changeOf(report).near).toMatchObject({ name: "Wide", misses: ["resource"] });
      await applyChange(stage, changeOf(report), { user: "bob" });
      await call();
      await denied(() => bob.listRolePolicies({ RoleName: "OrganizationAccountAccessRole" }));
    },
  );

  test("by a boundary without the action, and a policy that lacks it as well", async () => {
    const stage = createStage();
    const { call } = await person(stage);
    const { Policy } = await stage.iam.createPolicy({ PolicyName: "limits", PolicyDocument: json(allow("s3:*")) });
    const boundary = Policy?.Arn ?? "";
    await stage.iam.putUserPermissionsBoundary({ UserName: "bob", PermissionsBoundary: boundary });
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies boundary addStatement addStatement");
    for (const each of report.obstacles) {
      await denied(call);
      await applyChange(stage, each, { user: "bob", boundary });
    }
    await call();
  });

  test("by a service control policy that lets nobody make a service-linked role", async () => {
    const stage = createStage();
    await person(stage, allow("iam:*"));
    const iam = stage.iamAs(await stage.keyOf("bob"));
    const call = () => iam.createServiceLinkedRole({ AWSServiceName: "ecs.amazonaws.com" });
    await stage.limit("no-linked-roles", deny("iam:CreateServiceLinkedRole", { Sid: "NoLinkedRoles" }));
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("leaveDenied serviceControl none");
    expect(report.decidedBy?.node).toEqual({ id: stage.account.id, name: "payments" });
    expect(changeOf(report).statement).toMatchObject({ policy: "no-linked-roles", name: "NoLinkedRoles" });
    await stage.iam.putUserPolicy({ UserName: "bob", PolicyName: "more", PolicyDocument: json(allow("*")) });
    expect((await denied(call)).code).toMatch(/^AccessDenied/);
  });

  test("by service control policies that list what is allowed", async () => {
    const stage = createStage();
    const { bob } = await person(stage, allow("iam:*"));
    // What is needed to read the account stays allowed.
    await stage.limit("listed", allow("iam:List*"), allow("iam:GetUser*"), allow("iam:GetPolicy*"));
    await stage.organizations.detachPolicy({ PolicyId: "p-FullAWSAccess", TargetId: stage.account.id });
    const call = () => bob.getAccountSummary({});
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies serviceControl addStatement");
    await applyChange(stage, changeOf(report), {});
    await call();
  });

  test("by an explicit deny of its own, which no Allow outweighs", async () => {
    const stage = createStage();
    const { call } = await person(stage, allow("*"), deny("iam:GetRole", { Sid: "Hands-off" }));
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changePolicies identity narrowDeny");
    expect(changeOf(report).statement).toMatchObject({ policy: "own", name: "Hands-off" });
    await stage.iam.putUserPolicy({ UserName: "bob", PolicyName: "more", PolicyDocument: json(allow("*")) });
    expect((await denied(call)).code).toMatch(/^AccessDenied/);
    await stage.iam.putUserPolicy({ UserName: "bob", PolicyName: "own", PolicyDocument: json(allow("*")) });
    await call();
  });

  test("by an explicit deny that iam-warden put there", async () => {
    const stage = createStage();
    const { call } = await person(stage, allow("*"));
    await stage.iam.putUserPolicy({
      UserName: "bob",
      PolicyName: "iam-warden-contained",
      PolicyDocument: json(deny("*")),
    });
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("leaveDenied identity none");
    expect(changeOf(report).change).toMatchObject({ why: expect.stringContaining("warden undo") });
  });

  test("for want of MFA", async () => {
    const stage = createStage();
    const withMfa = { Resource: "*", Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
    stage.user("bob", inline("own", allow("iam:GetRole", withMfa)));
    const key = await stage.keyOf("bob");
    const call = (credentials = key) => stage.iamAs(credentials).getRole({ RoleName: "OrganizationAccountAccessRole" });
    await denied(call);
    const report = await stage.explainLast();
    expect(gist(report)).toBe("changeRequest identity changeRequest");
    expect(changeOf(report).near?.conditions).toMatchObject([{ key: "aws:MultiFactorAuthPresent", actual: [] }]);
    const { Credentials: made } = await stage
      .stsAs(key)
      .getSessionToken({ SerialNumber: "arn:x", TokenCode: "123456" });
    await call({
      accessKeyId: made?.AccessKeyId ?? "",
      secretAccessKey: made?.SecretAccessKey ?? "",
      ...(made?.SessionToken !== undefined && { sessionToken: made.SessionToken }),
    });
  });

  test("outside the Regions that a service control policy leaves: the request can change, the policy should not", async () => {
    const stage = createStage();
    stage.user("bob", inline("own", allow("*")));
    await stage.limit(
      "regions",
      deny("sns:*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } } }),
    );
    const key = stage.sandbox.credentialsFor(stage.account.id, { user: "bob" });
    const call = (region: string) =>
      stage.sandbox.call(key, { service: "sns", operation: "ListTopics", region, input: {} });
    await expect(call("us-east-1")).rejects.toThrow("service control policy");
    expect(gist(await stage.explainLast())).toBe("changeRequest serviceControl changeRequest");
    await call("eu-west-1");
  });

  test("for a policy that would be too large, which no permission mends", async () => {
    const stage = createStage();
    const { bob } = await person(stage, allow("iam:*"));
    const big = json(allow("s3:GetObject", { Resource: `arn:aws:s3:::${"b".repeat(2100)}` }));
    await denied(() => bob.putUserPolicy({ UserName: "bob", PolicyName: "big", PolicyDocument: big }));
    const report = await stage.explainLast();
    expect(report).toMatchObject({ verdict: "refused", refusal: { kind: "policyTooLarge" } });
    expect(report.refusal?.why).toContain("2048");
  });

  test("and is explained as allowed once somebody has allowed it", async () => {
    const stage = createStage();
    const { call } = await person(stage);
    await denied(call);
    await stage.iam.putUserPolicy({ UserName: "bob", PolicyName: "since", PolicyDocument: json(allow("iam:Get*")) });
    const report = await stage.explainLast();
    expect(gist(report)).toBe("allowed identity");
    expect(report.allowedBy?.policy).toBe("since");
  });
});
