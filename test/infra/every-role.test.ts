import { describe, expect, it, test } from "vitest";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { MemberStack } from "../../infra/member-stack.ts";
import { auditReads } from "../../shared/aws/audit-reads.ts";
import { everythingRepairs, resourcesOf, settingsFileOf, statementsByRole, templateOf } from "./templates.ts";

// Every statement of every role in every template, with everything opted in.

const settingsFile = settingsFileOf(everythingRepairs);
const templates = {
  hub: templateOf((app) => new HubStack(app, "hub", { settingsFile })),
  member: templateOf((app) => new MemberStack(app, "member", { settingsFile })),
  management: templateOf((app) => new ManagementAccountStack(app, "management", { settingsFile })),
};

/** Why an action is allowed on every resource. */
const everywhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(auditReads.account.map((action) => [action, "IAM reads an account whole"])),
  "access-analyzer:ListAnalyzers": "it takes no resource",
  "cloudtrail:DescribeTrails": "it takes no resource",
  "organizations:DescribeOrganization": "it takes no resource",
  "organizations:ListAccounts": "it takes no resource",
  "organizations:ListPolicies": "it takes no resource",
  "organizations:ListRoots": "it takes no resource",
  "iam:ListOrganizationsFeatures": "it takes no resource",
  "iam:DeleteAccountPasswordPolicy": "it takes no resource",
  "iam:UpdateAccountPasswordPolicy": "it takes no resource",
  "organizations:DescribePolicy": "the policies are not known when it is deployed",
  "organizations:ListTargetsForPolicy": "the policies are not known when it is deployed",
  "organizations:DescribeOrganizationalUnit": "the units are not known when it is deployed",
  "organizations:ListDelegatedAdministrators": "it takes no resource",
  "organizations:ListParents": "the accounts are not known when it is deployed",
  "organizations:ListTagsForResource": "the accounts are not known when it is deployed",
  // Step Functions writes its log by vended log delivery, which takes no resource.
  "logs:CreateLogDelivery": "log delivery takes no resource",
  "logs:DeleteLogDelivery": "log delivery takes no resource",
  "logs:DescribeLogGroups": "log delivery takes no resource",
  "logs:DescribeResourcePolicies": "log delivery takes no resource",
  "logs:GetLogDelivery": "log delivery takes no resource",
  "logs:ListLogDeliveries": "log delivery takes no resource",
  "logs:PutResourcePolicy": "log delivery takes no resource",
  "logs:UpdateLogDelivery": "log delivery takes no resource",
};

const statements = Object.entries(templates).flatMap(([name, template]) =>
  [...statementsByRole(template)].flatMap(([role, own]) =>
    own.map((statement, index) => ({ at: `${name} ${role} ${statement.Sid ?? index}`, statement })),
  ),
);
const allowing = statements.filter(({ statement }) => statement.Effect === "Allow");

describe("every role", () => {
  it("is looked at", () => {
    const roles = Object.values(templates).flatMap((template) => resourcesOf(template, "AWS::IAM::Role"));
    expect(roles.length).toBeGreaterThan(14);
    expect(new Set(statements.map(({ at }) => at.split(" ").slice(0, 2).join(" "))).size).toBe(roles.length);
  });

  test.each(allowing)("$at names its actions, one by one", ({ statement: { Action = [], ...rest } }) => {
    expect(Action.length).toBeGreaterThan(0);
    expect(Action.filter((action) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action))).toEqual([]);
    expect(rest.NotAction).toBeUndefined();
  });

  test.each(allowing)("$at is limited to resources, or has a reason", ({ statement: { Action = [], Resource } }) => {
    expect(Resource).toBeDefined();
    if (![Resource].flat().includes("*")) return;
    expect(Action.filter((action) => everywhere[action] === undefined)).toEqual([]);
  });

  it("has no reason that is not needed", () => {
    const used = new Set(
      allowing.flatMap(({ statement: { Action = [], Resource } }) => ([Resource].flat().includes("*") ? Action : [])),
    );
    expect(Object.keys(everywhere).filter((action) => !used.has(action))).toEqual([]);
  });

  it("trusts nobody without saying whom", () => {
    for (const template of Object.values(templates))
      for (const [id, { Properties }] of resourcesOf(template, "AWS::IAM::Role")) {
        const { Statement } = Object(Properties.AssumeRolePolicyDocument);
        for (const { Principal } of Statement) {
          expect([id, Object.keys(Principal)]).toEqual([id, [expect.stringMatching(/^(?:AWS|Service)$/)]]);
          expect(JSON.stringify(Principal)).not.toContain('"*"');
        }
      }
  });
});
