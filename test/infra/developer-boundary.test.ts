import { describe, expect, it } from "vitest";
import { developerBoundary, hubBoundary } from "../../infra/policies/developer-boundary.ts";
import { documentOf } from "../../infra/policies/place.ts";
import { addRole, trusting } from "../../sandbox/iam/state.ts";
import { parsePolicy } from "../../shared/policy/language/document.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { type Decision, evaluatePolicies } from "../../shared/policy/request/evaluate.ts";
import { accountAccess } from "../../shared/remediation/account-access.ts";
import { boundaryLosses } from "../../shared/remediation/blast-radius/boundary-losses.ts";
import { roleFacts } from "../support/facts.ts";
import { addPolicy, repairWorld } from "../support/repair-world.ts";

const accountId = "111122223333";
const place = { partition: "aws", accountId };
const iam = (resource: string) => `arn:aws:iam::${accountId}:${resource}`;
const own = iam("policy/iam-warden-boundary");
const statements = developerBoundary(place, own);
const inHub = [...statements, ...hubBoundary(place)];

const decide = (
  action: string,
  resource: string,
  values: Readonly<Record<string, string>> = {},
  of: readonly object[] = statements,
): Decision => {
  const context = requestContext({ "aws:RequestedRegion": "us-east-1", ...values });
  return evaluatePolicies([parsePolicy(documentOf(of))], { action, resource, context }).decision;
};
const bounded = { "iam:PermissionsBoundary": own };
const otherwise = { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" };

describe("the boundary that iam-warden makes lets through", () => {
  it.each([
    ["data of any service", "s3:GetObject", "arn:aws:s3:::bucket/key", {}],
    ["a service that knows no Region", "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", {}],
    ["a service in a Region far away", "ec2:RunInstances", "*", { "aws:RequestedRegion": "ap-southeast-2" }],
    ["a service of tomorrow", "quantumleap:CreateLeap", "*", {}],
    ["signing in elsewhere", "sts:AssumeRole", "arn:aws:iam::444455556666:role/deploy", {}],
    ["CDK's way to deploy", "sts:AssumeRole", iam("role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1"), {}],
    ["looking at roles", "iam:GetRole", iam("role/iam-warden-audit"), {}],
    ["making a role that has it", "iam:CreateRole", iam("role/team/app"), bounded],
    ["giving such a role a policy", "iam:AttachRolePolicy", iam("role/team/app"), bounded],
    ["putting it on a role", "iam:PutRolePermissionsBoundary", iam("role/team/app"), bounded],
    ["passing a role to a service", "iam:PassRole", iam("role/team/app"), {}],
    ["writing policies", "iam:CreatePolicyVersion", iam("policy/team/app"), {}],
    ["rules of one's own", "events:PutRule", `arn:aws:events:us-east-1:${accountId}:rule/nightly`, {}],
    ["one's own keys", "iam:CreateAccessKey", iam("user/team/bob"), { "aws:username": "bob" }],
  ])("%s", (_what, action, resource, values) => {
    expect(decide(action, resource, values)).toBe("allow");
  });
});

describe("it stops", () => {
  it.each([
    ["taking a boundary off a role", "iam:DeleteRolePermissionsBoundary", iam("role/team/app"), bounded],
    ["taking a boundary off a user", "iam:DeleteUserPermissionsBoundary", iam("user/bob"), bounded],
    ["making a role without one", "iam:CreateRole", iam("role/team/app"), {}],
    ["making a user without one", "iam:CreateUser", iam("user/eve"), {}],
    ["making a role with another", "iam:CreateRole", iam("role/team/app"), otherwise],
    ["putting another on a role", "iam:PutRolePermissionsBoundary", iam("role/team/app"), otherwise],
    ["changing itself", "iam:CreatePolicyVersion", own, {}],
    ["going back to an older version of itself", "iam:SetDefaultPolicyVersion", own, {}],
    [
      "stopping iam-warden's rules",
      "events:DisableRule",
      `arn:aws:events:eu-west-1:${accountId}:rule/iam-warden-x`,
      {},
    ],
    ["opening iam-warden's roles", "iam:UpdateAssumeRolePolicy", iam("role/iam-warden-remediate"), {}],
    ["deleting iam-warden's roles", "iam:DeleteRole", iam("role/iam-warden-audit"), {}],
    ["passing iam-warden's roles", "iam:PassRole", iam("role/iam-warden-forward"), {}],
    ["opening the organization's way in", "iam:UpdateAssumeRolePolicy", iam("role/OrganizationAccountAccessRole"), {}],
    ["passing CDK's role", "iam:PassRole", iam("role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1"), {}],
    ["passing StackSets' role", "iam:PassRole", iam("role/stacksets-exec-0123456789abcdef"), {}],
  ])("%s, explicitly", (_what, action, resource, values) => {
    expect(decide(action, resource, values)).toBe("explicitDeny");
  });

  it.each([
    ["giving a role without one a policy", "iam:PutRolePolicy", iam("role/admin"), {}],
    ["giving a role with another a policy", "iam:AttachRolePolicy", iam("role/admin"), otherwise],
    ["keys of somebody else", "iam:CreateAccessKey", iam("user/admin"), { "aws:username": "bob" }],
    ["keys of somebody whose name ends alike", "iam:CreateAccessKey", iam("user/adminbob"), { "aws:username": "bob" }],
    ["keys of users, by a role", "iam:CreateAccessKey", iam("user/admin"), {}],
    ["passwords of users", "iam:CreateLoginProfile", iam("user/admin"), { "aws:username": "bob" }],
    ["making identity providers", "iam:CreateOpenIDConnectProvider", "*", {}],
    ["changing identity providers", "iam:UpdateSAMLProvider", iam("saml-provider/sso"), {}],
    ["what AWS adds to IAM", "iam:AcquireRole", "*", bounded],
    ["leaving the organization", "organizations:LeaveOrganization", "*", {}],
    ["closing the account", "account:CloseAccount", "*", {}],
  ])("%s, by not naming it", (_what, action, resource, values) => {
    expect(decide(action, resource, values)).toBe("implicitDeny");
  });

  it.each([
    ["appconfig:StartDeployment", `arn:aws:appconfig:eu-west-1:${accountId}:application/abc1234/environment/def5678`],
    ["appconfig:StopDeployment", `arn:aws:appconfig:eu-west-1:${accountId}:application/abc1234/environment/def5678`],
    ["appconfig:CreateHostedConfigurationVersion", `arn:aws:appconfig:eu-west-1:${accountId}:application/abc1234`],
    ["appconfig:UpdateConfigurationProfile", `arn:aws:appconfig:eu-west-1:${accountId}:application/abc1234`],
    ["cloudformation:UpdateStack", `arn:aws:cloudformation:eu-west-1:${accountId}:stack/iam-warden-hub/1`],
    ["cloudformation:UpdateStackSet", `arn:aws:cloudformation:eu-west-1:${accountId}:stackset/iam-warden-members:1`],
    ["dynamodb:PutItem", `arn:aws:dynamodb:eu-west-1:${accountId}:table/iam-warden-hub-FindingsTable1`],
    ["s3:GetObject", "arn:aws:s3:::iam-warden-hub-reportsbucket1/reports/sweep-1/report.html"],
    ["s3:DeleteObjectVersion", "arn:aws:s3:::iam-warden-hub-reportsbucket1/reports/sweep-1/report.html"],
    ["events:DeleteArchive", `arn:aws:events:eu-west-1:${accountId}:archive/iam-warden`],
    [
      "chatbot:DeleteSlackChannelConfiguration",
      `arn:aws:chatbot::${accountId}:chat-configuration/slack-channel/iam-warden-slack-C1`,
    ],
    ["lambda:UpdateFunctionCode", `arn:aws:lambda:eu-west-1:${accountId}:function:iam-warden-hub-Intake1`],
    ["lambda:InvokeFunction", `arn:aws:lambda:eu-west-1:${accountId}:function:iam-warden-hub-Operator1`],
    ["events:PutEvents", `arn:aws:events:eu-west-1:${accountId}:event-bus/iam-warden`],
    ["sqs:SendMessage", `arn:aws:sqs:eu-west-1:${accountId}:iam-warden-hub-RepairsQueue1`],
    ["states:StopExecution", `arn:aws:states:eu-west-1:${accountId}:execution:iam-warden-sweep:x`],
  ])("%s on iam-warden itself in the hub", (action, resource) => {
    expect(decide(action, resource, {}, inHub)).toBe("explicitDeny");
  });

  it("nobody from asking the operator through its URL", () => {
    const operator = `arn:aws:lambda:eu-west-1:${accountId}:function:iam-warden-hub-Operator1`;
    expect(decide("lambda:InvokeFunctionUrl", operator, {}, inHub)).toBe("allow");
    const viaUrl = { "lambda:InvokedViaFunctionUrl": "true" };
    expect(decide("lambda:InvokeFunction", operator, viaUrl, inHub)).toBe("allow");
  });
});

describe("as a policy it", () => {
  it("fits IAM's 6,144 characters, in the hub too, in every partition", () => {
    for (const partition of ["aws", "aws-us-gov"]) {
      const there = { partition, accountId };
      const all = [...developerBoundary(there, own), ...hubBoundary(there)];
      expect(JSON.stringify(documentOf(all)).replace(/\s/g, "").length).toBeLessThanOrEqual(6_144);
    }
  });

  it("asks for no Region, in any condition", () => {
    expect(JSON.stringify(inHub)).not.toMatch(/Region"/i);
  });

  it("cuts off nothing that a role did with ordinary services, and iam-warden can tell", async () => {
    const start = new Date("2026-11-01T00:00:00Z");
    const used = ["dynamodb", "ec2", "lambda", "logs", "s3", "sns", "sqs"];
    const { sandbox, run } = repairWorld({ accountId, start }, (account, { ids }) => {
      addPolicy(account, own);
      const version = account.policies.get(own)?.versions[0];
      if (version) Object.assign(version, { document: JSON.stringify(documentOf(statements)) });
      addRole(account, ids, {
        name: "app",
        createdAt: start,
        trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
        attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
      });
    });
    for (const service of used) sandbox.use(accountId, { role: "app" }, { service, action: "DescribeSomething" });
    const { audit, clock, sleep } = run();
    const role = roleFacts({ name: "app", arn: iam("role/app"), account: { id: accountId } });
    const losses = await boundaryLosses(
      accountAccess(audit, accountId),
      { role, boundaryArn: own, earlierArn: null },
      { now: clock(), sleep },
    );
    expect(losses).toEqual([]);
    sandbox.use(accountId, { role: "app" }, { service: "iam", action: "CreateOpenIDConnectProvider" });
    const more = await boundaryLosses(
      accountAccess(audit, accountId),
      { role, boundaryArn: own, earlierArn: null },
      { now: clock(), sleep },
    );
    expect(more.map(({ service }) => service)).toEqual(["iam"]);
  });
});
