import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { lanes } from "../../shared/events/patterns.ts";
import {
  actionsOf,
  allowed,
  everythingRepairs,
  resourcesOf,
  settingsFileOf,
  statementsByRole,
  templateOf,
} from "./templates.ts";

const template = templateOf((app) => new HubStack(app, "hub"));
const settingsFile = settingsFileOf(everythingRepairs);
/** A hub whose settings opt in. */
const repairing = templateOf((app) => new HubStack(app, "hub", { settingsFile }));

const resources = (type: string) => resourcesOf(template, type);

const logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
const settings = ["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"];
const store = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"];
const organization = [
  "organizations:DescribeOrganizationalUnit",
  "organizations:ListAccounts",
  "organizations:ListParents",
  "organizations:ListRoots",
];
const withTags = [...organization, "organizations:ListTagsForResource"];
const breakers = "dynamodb:UpdateItem";
const describesOrganization = "organizations:DescribeOrganization";
const readsOrganization = [
  "iam:ListOrganizationsFeatures",
  describesOrganization,
  ...["DescribePolicy", "ListDelegatedAdministrators", "ListPolicies", "ListTargetsForPolicy"].map(
    (operation) => `organizations:${operation}`,
  ),
];
const queue = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/** The tasks of central root access that a role may open sessions for. */
const rootTasks = (of: Template, role: RegExp): string[] => {
  const statement = allowed(of, role).find(({ Action }) => Action?.includes("sts:AssumeRoot"));
  expect(JSON.stringify(statement?.Resource)).toMatch(/:iam::\*:root"/);
  expect(Object.keys(Object(statement?.Condition))).toEqual(["StringEquals"]);
  return Array.from(JSON.stringify(statement?.Condition).matchAll(/root-task\/(\w+)/g), ([, task = ""]) => task);
};

describe("who may do what", () => {
  const reader = [...logs, ...settings];
  const both = (role: RegExp) => [actionsOf(template, role), actionsOf(repairing, role)];

  test.each([
    [
      "intake",
      /^IntakeFunctionRole/,
      [
        ...[...reader, ...store, ...readsOrganization],
        ...[...lanes.flatMap(() => queue), "sns:Publish", "sts:AssumeRole"],
      ],
      true,
      true,
    ],
    [
      "list-accounts",
      /^SweepListAccountsRole/,
      [...reader, ...readsOrganization, "dynamodb:PutItem", "s3:PutObject", "sts:AssumeRole"],
      true,
      false,
    ],
    ["sweep-account", /^SweepSweepAccountRole/, [...reader, ...store, "sns:Publish", "sts:AssumeRole"], false, false],
    ["digest", /^SweepDigestRole/, [...reader, ...store, "sns:Publish", "s3:GetObject", "s3:PutObject"], false, false],
    [
      "escalate",
      /^EscalationFunctionRole/,
      [...reader, ...store, ...organization, "sns:Publish", "sts:AssumeRole"],
      false,
      true,
    ],
    ["validate-settings", /^ValidateSettingsRole/, logs, false, false],
  ])("%s may do exactly what its code does", (_name, role, always, lists, asks) => {
    const [nothing, something] = both(role);
    expect(nothing).toEqual([...always, ...(lists ? organization : [])].toSorted());
    const more = [...(lists ? withTags : []), ...(asks ? ["sqs:SendMessage"] : [])];
    expect(something).toEqual([...always, ...more].toSorted());
  });

  test("the operator may read, record and ask, and as root only look", () => {
    const role = /^OperatorFunctionRole/;
    const own = [breakers, describesOrganization, "sns:Publish", "sts:AssumeRole"];
    const always = [...reader, ...store, ...organization, ...own];
    const [nothing, something] = both(role);
    expect(nothing).toEqual(always.toSorted());
    expect(something).toEqual([...always, "sqs:SendMessage", "sts:AssumeRoot"].toSorted());
    expect(rootTasks(repairing, role)).toEqual(["IAMAuditRootUserCredentials"]);
  });

  test("the doctor may read, and nothing else", () => {
    const reads = [
      ...["cloudformation:ListStackInstances", "dynamodb:GetItem", "dynamodb:Query"],
      ...["events:DescribeRule", "events:ListTargetsByRule", "sns:ListSubscriptionsByTopic"],
      ...["sns:ListSubscriptionsByTopic", "sqs:GetQueueAttributes", "sts:AssumeRole", describesOrganization],
    ];
    const [nothing, something] = both(/^DoctorFunctionRole/);
    expect(nothing).toEqual([...reader, ...reads, ...organization].toSorted());
    expect(something).toEqual(nothing);
  });

  test("remediate is there only where a control opted in, and then alone may assume what writes", () => {
    const role = /^RepairsFunctionRole/;
    expect([...statementsByRole(template).keys()].filter((id) => role.test(id))).toEqual([]);
    const always = [...reader, ...store, breakers, ...queue, ...withTags, describesOrganization, "sns:Publish"];
    expect(actionsOf(repairing, role)).toEqual(
      [...always, "sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRoot"].toSorted(),
    );
    expect(rootTasks(repairing, role)).toEqual(["IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials"]);
    const writers = [...statementsByRole(repairing)].filter(([, statements]) =>
      JSON.stringify(statements).includes("role/iam-warden-remediate"),
    );
    expect(writers.map(([id]) => role.test(id))).toEqual([true]);
  });

  test("nobody acts as root where no control on root opted in", () => {
    const keys = settingsFileOf("version: 1\ncontrols:\n  stale-access-key: { mode: remediate }\n");
    const hub = templateOf((app) => new HubStack(app, "hub", { settingsFile: keys }));
    expect(actionsOf(hub, /^RepairsFunctionRole/)).toContain("sts:AssumeRole");
    expect(JSON.stringify(hub.toJSON())).not.toContain("sts:AssumeRoot");
    expect(JSON.stringify(template.toJSON())).not.toContain("sts:AssumeRoot");
  });

  test("roles are assumed in accounts of the organization only", () => {
    for (const [, statements] of statementsByRole(repairing)) {
      for (const { Action, Resource, Condition } of statements) {
        if (!Action?.includes("sts:AssumeRole")) continue;
        expect(JSON.stringify(Resource)).toMatch(/:iam::\*:role\//);
        expect(Condition).toEqual({ StringEquals: { "aws:ResourceOrgID": { Ref: "OrganizationId" } } });
      }
    }
  });

  test("no role carries a managed policy, and functions' roles trust only Lambda", () => {
    for (const [id, { Properties }] of resourcesOf(repairing, "AWS::IAM::Role")) {
      expect(Properties.ManagedPolicyArns, id).toBeUndefined();
    }
    for (const [, { Properties }] of resourcesOf(repairing, "AWS::Lambda::Function")) {
      const role = z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Arn")]) }).parse(Properties.Role)[
        "Fn::GetAtt"
      ][0];
      expect(repairing.findResources("AWS::IAM::Role")[role]?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
        { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
      ]);
    }
  });

  test("only the organization's own forwarders may put events on the bus", () => {
    const policies = resources("AWS::Events::EventBusPolicy");
    expect(policies).toHaveLength(1);
    expect(policies[0]?.[1].Properties.Statement).toMatchObject({
      Effect: "Allow",
      Principal: "*",
      Action: "events:PutEvents",
      Condition: {
        StringEquals: { "aws:PrincipalOrgID": { Ref: "OrganizationId" } },
        ArnLike: {
          "aws:PrincipalArn": {
            "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":iam::*:role/iam-warden-forward"]],
          },
        },
      },
    });
  });
});
