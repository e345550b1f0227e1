import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { parsePolicy } from "../../shared/policy/language/document.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { type Decision, evaluatePolicies } from "../../shared/policy/request/evaluate.ts";
import { describeWithPeers, run } from "../support/peers.ts";
import { deployed, settingsFileOf, templateOf } from "./templates.ts";

const hub = "999999999999";
const accountId = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${accountId}:${resource}`;
const template = templateOf((app) => new GuardrailsStack(app, "guardrails"));
const place = { accountId: "222222222222", region: "us-east-1", parameters: { HubAccountId: hub } };
const policySchema = z.object({ Content: z.unknown(), Name: z.string(), TargetIds: z.array(z.string()).optional() });
const policies = (of = template, parameters: Readonly<Record<string, unknown>> = {}) =>
  deployed(of, { ...place, parameters: { ...place.parameters, ...parameters } })
    .filter(({ type }) => type === "AWS::Organizations::Policy")
    .map(({ properties }) => policySchema.parse(properties));

/** What one of the policies says of a request, besides the FullAWSAccess that is attached beside it. */
const decide = (
  name: string,
  action: string,
  resource: string,
  values: Record<string, string>,
  of = template,
): Decision => {
  const found = policies(of).find(({ Name }) => Name === `iam-warden-${name}`);
  const full = parsePolicy({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
  const context = requestContext(values);
  return evaluatePolicies([full, parsePolicy(found?.Content)], { action, resource, context }).decision;
};
const as = (role: string, account = accountId) => ({ "aws:PrincipalArn": `arn:aws:iam::${account}:role/${role}` });
const admin = as("admin");
const approved = { "iam:PermissionsBoundary": iam("policy/iam-warden-boundary") };
const other = { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" };

describe("root", () => {
  const root = { "aws:PrincipalArn": iam("root") };
  test.each([
    ["may do nothing", root, "explicitDeny"],
    ["is let through in a session of central root access", { ...root, "aws:AssumedRoot": "true" }, "allow"],
    ["is not whoever else asks", admin, "allow"],
  ])("%s", (_name, who, expected) => {
    expect(decide("DenyRoot", "iam:DeleteAccessKey", iam("root"), who)).toBe(expected);
  });
});

describe("iam-warden", () => {
  const rule = `arn:aws:events:eu-west-1:${accountId}:rule/iam-warden-iam-changes-1`;
  it.each([
    ["iam:DeleteRole", iam("role/iam-warden-audit")],
    ["iam:UpdateAssumeRolePolicy", iam("role/iam-warden-remediate")],
    ["iam:CreatePolicyVersion", iam("policy/iam-warden-boundary")],
    ["events:DisableRule", rule],
    // What hears reads too would then hear of writes alone.
    ["events:EnableRule", rule],
    ["sqs:PurgeQueue", `arn:aws:sqs:eu-west-1:${accountId}:iam-warden-not-forwarded`],
    // Else whoever made it would be taken for who deploys.
    ["iam:CreateRole", iam("role/stacksets-exec-mine")],
    ["iam:CreateRole", iam("role/path/stacksets-exec-mine")],
    ["iam:AcquireRole", iam("role/stacksets-exec-mine")],
  ])("is protected from %s on %s, but not from who deploys it", (action, resource) => {
    expect(decide("ProtectIamWarden", action, resource, admin)).toBe("explicitDeny");
    expect(decide("ProtectIamWarden", action, resource, as("stacksets-exec-0123"))).toBe("allow");
    const cdk = "cdk-hnb659fds-cfn-exec-role-999999999999-eu-west-1";
    expect(decide("ProtectIamWarden", action, resource, as(cdk, hub))).toBe("allow");
    expect(decide("ProtectIamWarden", action, resource, as(cdk))).toBe("explicitDeny");
  });

  it("lets its audit role leave a mark, and nobody else tag anything of it", () => {
    for (const role of ["iam-warden-audit", "iam-warden-remediate"])
      expect(decide("ProtectIamWarden", "iam:TagRole", iam(`role/${role}`), admin)).toBe("explicitDeny");
    const audit = as("iam-warden-audit");
    expect(decide("ProtectIamWarden", "iam:TagRole", iam("role/iam-warden-audit"), audit)).toBe("allow");
    expect(decide("ProtectIamWarden", "iam:UntagRole", iam("role/iam-warden-audit"), audit)).toBe("explicitDeny");
    expect(decide("ProtectIamWarden", "iam:UpdateRole", iam("role/iam-warden-audit"), audit)).toBe("explicitDeny");
  });

  it("is read by everybody, and nothing else is protected", () => {
    expect(decide("ProtectIamWarden", "iam:GetRole", iam("role/iam-warden-audit"), admin)).toBe("allow");
    expect(decide("ProtectIamWarden", "iam:DeleteRole", iam("role/app"), admin)).toBe("allow");
    expect(decide("ProtectIamWarden", "events:DisableRule", rule.replace("iam-warden", "mine"), admin)).toBe("allow");
  });
});

describe("a role", () => {
  it.each([
    ["is not made without a boundary", "CreateRole", "role/app", admin, "explicitDeny"],
    [
      "is not made from a template, which has a boundary of its own or none",
      "AcquireRole",
      "role/app",
      admin,
      "explicitDeny",
    ],
    ["is not made with another", "CreateRole", "role/app", { ...admin, ...other }, "explicitDeny"],
    ["is made with an approved one", "CreateRole", "role/team/app", { ...admin, ...approved }, "allow"],
    ["keeps its boundary", "DeleteRolePermissionsBoundary", "role/app", { ...admin, ...approved }, "explicitDeny"],
    ["gets no other", "PutRolePermissionsBoundary", "role/app", { ...admin, ...other }, "explicitDeny"],
    ["of a service needs none", "CreateRole", "role/aws-service-role/x.amazonaws.com/X", admin, "allow"],
    ["of IAM Identity Center needs none", "CreateRole", "role/aws-reserved/sso.amazonaws.com/X", admin, "allow"],
    ["that StackSets makes needs none", "CreateRole", "role/app", as("stacksets-exec-0123"), "allow"],
    [
      "gets back by undo what it had",
      "PutRolePermissionsBoundary",
      "role/app",
      { ...as("iam-warden-remediate"), ...other },
      "allow",
    ],
    ["loses by undo what it had not", "DeleteRolePermissionsBoundary", "role/app", as("iam-warden-remediate"), "allow"],
  ] as const)("%s", (_name, operation, resource, who, expected) => {
    expect(decide("RequireBoundary", `iam:${operation}`, iam(resource), who)).toBe(expected);
  });

  it("has one of the boundaries that the settings name", () => {
    const settingsFile = settingsFileOf(
      `version: 1\nrepairs: { permissionsBoundary: /team/mine, boundaries: { "${accountId}": yours } }\n`,
    );
    const own = templateOf((app) => new GuardrailsStack(app, "guardrails", { settingsFile }));
    const makes = (boundary: string) =>
      decide(
        "RequireBoundary",
        "iam:CreateRole",
        iam("role/app"),
        { ...admin, "iam:PermissionsBoundary": iam(boundary) },
        own,
      );
    expect([makes("policy/team/mine"), makes("policy/yours")]).toEqual(["allow", "allow"]);
    expect([makes("policy/mine"), makes("policy/iam-warden-boundary")]).toEqual(["explicitDeny", "explicitDeny"]);
  });
});

describe("the policies", () => {
  it("hold nowhere until somebody says where", () => {
    expect(policies().map(({ TargetIds }) => TargetIds)).toEqual([undefined, undefined, undefined]);
    const [root] = policies(template, { DenyRootTargets: ["r-abcd"] });
    expect(root).toMatchObject({ Name: "iam-warden-DenyRoot", TargetIds: ["r-abcd"] });
  });

  it("fit half of the 10,240 characters that AWS allows, and leave room for others on each node", () => {
    expect(policies().length).toBeLessThanOrEqual(3);
    for (const { Name, Content } of policies())
      expect([Name, JSON.stringify(Content).length <= 5_120]).toEqual([Name, true]);
  });
});

describeWithPeers(["cfn-lint"], "the template in cfn-lint's eyes", () => {
  test("has no error and no warning", async () => {
    const { status, stdout, stderr } = await run("cfn-lint", ["--regions", "us-east-1"], {
      input: JSON.stringify(template.toJSON()),
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
