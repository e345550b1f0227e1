import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import { findingTableDefinition } from "../../shared/findings/table.ts";
import { describeWithPeers, run } from "../support/peers.ts";

const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
const template = Template.fromStack(new HubStack(app, "hub"));

type Resource = { readonly Properties: Readonly<Record<string, unknown>>; readonly [key: string]: unknown };
const resources = (type: string): [id: string, resource: Resource][] =>
  Object.entries(template.findResources(type)).map(([id, resource]) => [id, resource as Resource]);
const one = (type: string, like: RegExp): string => {
  const ids = resources(type).flatMap(([id]) => (like.test(id) ? [id] : []));
  expect(ids).toHaveLength(1);
  return ids[0] ?? "";
};

const statements = z.array(
  z.object({
    Effect: z.enum(["Allow", "Deny"]),
    Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
    Resource: z.unknown(),
    Condition: z.unknown().optional(),
  }),
);
const policySchema = z.object({
  PolicyDocument: z.object({ Statement: statements }),
  Roles: z.array(z.object({ Ref: z.string() })),
});

/** Everything that a role may do. */
const allowed = (role: RegExp): z.output<typeof statements> =>
  resources("AWS::IAM::Policy").flatMap(([, { Properties }]) => {
    const { PolicyDocument, Roles } = policySchema.parse(Properties);
    return Roles.some(({ Ref }) => role.test(Ref)) ? PolicyDocument.Statement : [];
  });
const actions = (role: RegExp): string[] =>
  allowed(role)
    .flatMap(({ Action }) => Action)
    .sort();

const logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
const store = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"];
const organization = [
  "organizations:DescribeOrganizationalUnit",
  "organizations:ListAccounts",
  "organizations:ListParents",
  "organizations:ListRoots",
];
const queue = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
];

describe("who may do what", () => {
  test.each([
    ["intake", /^IntakeFunctionRole/, [...logs, ...store, ...organization, ...queue, "sns:Publish", "sts:AssumeRole"]],
    ["list-accounts", /^SweepListAccountsRole/, [...logs, ...organization]],
    ["sweep-account", /^SweepSweepAccountRole/, [...logs, ...store, "sns:Publish", "sts:AssumeRole"]],
    ["digest", /^SweepDigestRole/, [...logs, ...store, "sns:Publish"]],
    ["escalate", /^EscalationFunctionRole/, [...logs, ...store, "sns:Publish"]],
  ])("%s may do exactly what its code does", (_name, role, expected) => {
    expect(actions(role)).toEqual(expected.toSorted());
  });

  test("no role may do anything everywhere, but list the organization, deliver logs and assume the audit role in it", () => {
    const everywhere = resources("AWS::IAM::Policy").flatMap(([, { Properties }]) =>
      policySchema
        .parse(Properties)
        .PolicyDocument.Statement.filter(({ Resource }) => [Resource].flat().includes("*"))
        .flatMap(({ Action }) => Action),
    );
    expect(
      everywhere.filter(
        (action) =>
          !organization.includes(action) && !/^logs:.*(LogDelivery|LogDeliveries|ResourcePolic|LogGroups)/.test(action),
      ),
    ).toEqual([]);
    for (const role of [/^IntakeFunctionRole/, /^SweepSweepAccountRole/]) {
      const assume = allowed(role).find(({ Action }) => Action.includes("sts:AssumeRole"));
      expect(JSON.stringify(assume?.Resource)).toContain(":iam::*:role/");
      expect(assume?.Condition).toEqual({ StringEquals: { "aws:ResourceOrgID": { Ref: "OrganizationId" } } });
    }
  });

  test("no role carries a managed policy, and functions' roles trust only Lambda", () => {
    for (const [id, { Properties }] of resources("AWS::IAM::Role")) {
      expect(Properties.ManagedPolicyArns, id).toBeUndefined();
    }
    for (const [, { Properties }] of resources("AWS::Lambda::Function")) {
      const role = z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Arn")]) }).parse(Properties.Role)[
        "Fn::GetAtt"
      ][0];
      expect(template.findResources("AWS::IAM::Role")[role]?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
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

describe("the event path", () => {
  test("has exactly the rules that the controls derive, on the hub's own bus", () => {
    const rules = resources("AWS::Events::Rule").map(([, { Properties }]) => ({
      name: Properties.Name,
      pattern: Properties.EventPattern,
      state: Properties.State,
    }));
    const derived = eventPatterns().map(({ name, pattern, needsReadEvents }) => ({
      name: `iam-warden-${name}`,
      pattern,
      state: needsReadEvents ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED",
    }));
    expect(rules.toSorted(byName)).toEqual(derived.toSorted(byName));
    expect(rules.some(({ state }) => state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")).toBe(true);
  });

  test("delivers every rule to the intake queue, retried for a day, and then to the dead-letter queue", () => {
    const arnOf = (like: RegExp) => ({ "Fn::GetAtt": [one("AWS::SQS::Queue", like), "Arn"] });
    template.allResourcesProperties("AWS::Events::Rule", {
      EventBusName: { Ref: one("AWS::Events::EventBus", /./) },
      Targets: [
        {
          Id: "intake",
          Arn: arnOf(/^IntakeQueue/),
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: arnOf(/^IntakeDeadLetters/) },
        },
      ],
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      RedrivePolicy: { deadLetterTargetArn: arnOf(/^IntakeDeadLetters/), maxReceiveCount: 5 },
    });
  });

  test("keeps messages encrypted, takes them over TLS only, and only from its own rules", () => {
    template.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    const rules = resources("AWS::Events::Rule").map(([id]) => ({ "Fn::GetAtt": [id, "Arn"] }));
    for (const [id] of resources("AWS::SQS::Queue")) {
      template.hasResourceProperties("AWS::SQS::QueuePolicy", {
        Queues: [{ Ref: id }],
        PolicyDocument: {
          Statement: [
            Match.objectLike({
              Effect: "Deny",
              Action: "sqs:*",
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            }),
            Match.objectLike({
              Effect: "Allow",
              Action: "sqs:SendMessage",
              Principal: { Service: "events.amazonaws.com" },
              Condition: { ArnEquals: { "aws:SourceArn": rules } },
            }),
          ],
        },
      });
    }
  });

  test("reports failures one by one, and hides a message for six times as long as the function may run", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      EventSourceArn: { "Fn::GetAtt": [one("AWS::SQS::Queue", /^IntakeQueue/), "Arn"] },
    });
    const seconds = (type: string, id: string, property: string): number =>
      Number(template.findResources(type)[id]?.Properties[property]);
    const timeout = seconds("AWS::Lambda::Function", one("AWS::Lambda::Function", /^IntakeFunction/), "Timeout");
    const hidden = seconds("AWS::SQS::Queue", one("AWS::SQS::Queue", /^IntakeQueue/), "VisibilityTimeout");
    expect(hidden).toBeGreaterThanOrEqual(6 * timeout);
  });
});

describe("the sweep", () => {
  /** The state machine's definition, with each reference as its logical id in angle brackets. */
  const definition = () => {
    const [machine] = resources("AWS::StepFunctions::StateMachine");
    const { "Fn::Join": join } = z
      .object({
        "Fn::Join": z.tuple([z.literal(""), z.array(z.union([z.string(), z.record(z.string(), z.unknown())]))]),
      })
      .parse(machine?.[1].Properties.DefinitionString);
    return JSON.parse(
      join[1]
        .map((part) => (typeof part === "string" ? part : `<${part.Ref ?? [part["Fn::GetAtt"]].flat()[0]}>`))
        .join(""),
    );
  };
  const functionArn = (like: RegExp): string => `<${one("AWS::Lambda::Function", like)}>`;

  test("lists the accounts, sweeps each until it is done, and then tells one digest", () => {
    const { StartAt, States } = definition();
    expect(StartAt).toBe("List the accounts");
    expect(States["List the accounts"]).toMatchObject({
      Resource: functionArn(/^SweepListAccounts/),
      Next: "Each account",
    });
    const each = States["Each account"];
    expect(each).toMatchObject({
      Type: "Map",
      ItemsPath: "$.accounts",
      ItemSelector: { "runId.$": "$.runId", "account.$": "$$.Map.Item.Value" },
      ToleratedFailurePercentage: 100,
      ResultPath: null,
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "Tell the digest" }],
      Next: "Tell the digest",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Sweep the account",
      },
    });
    const inner = each.ItemProcessor.States;
    expect(inner["Sweep the account"]).toMatchObject({
      Resource: functionArn(/^SweepSweepAccount/),
      Next: "All of it?",
    });
    expect(inner["Sweep the account"].OutputPath).toBeUndefined();
    expect(inner["All of it?"]).toMatchObject({
      Choices: [{ Variable: "$.done", BooleanEquals: false, Next: "Sweep the account" }],
      Default: "Swept",
    });
    expect(inner.Swept).toMatchObject({ Type: "Succeed", OutputPath: null });
    expect(States["Tell the digest"]).toMatchObject({
      Resource: functionArn(/^SweepDigest/),
      End: true,
    });
    // The digest is given the whole plan: nothing between the list and it narrows the state.
    for (const name of ["List the accounts", "Each account", "Tell the digest"]) {
      expect(States[name].Parameters ?? States[name].OutputPath ?? States[name].InputPath).toBeUndefined();
    }
  });

  test("starts daily, under a name that a second firing shares", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "cron(0 6 * * ? *)",
      Target: {
        Arn: { Ref: one("AWS::StepFunctions::StateMachine", /./) },
        Input: JSON.stringify({ runId: "sweep-<aws.scheduler.scheduled-time>" }),
      },
    });
    expect(actions(/^SchedulerRole/)).toEqual(["lambda:InvokeFunction", "states:StartExecution"]);
  });
});

describe("the hourly run", () => {
  test("tells every hour what was left over, and is tried again before the next", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "cron(30 * * * ? *)",
      Target: {
        Arn: { "Fn::GetAtt": [one("AWS::Lambda::Function", /^EscalationFunction/), "Arn"] },
        RetryPolicy: { MaximumEventAgeInSeconds: 3_000, MaximumRetryAttempts: 2 },
      },
    });
  });
});

describe("what is kept", () => {
  test("the findings table is the store's, recoverable and not deleted by accident", () => {
    template.hasResource("AWS::DynamoDB::Table", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        ...findingTableDefinition,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });

  test("every log group forgets after three months", () => {
    const groups = resources("AWS::Logs::LogGroup");
    expect(groups).toHaveLength(6);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });

  test("every function runs the entry of its name on Node 24 and arm64, and logs to its own group", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    expect(resources("AWS::Lambda::Function")).toHaveLength(5);
  });

  test("alerts are published over TLS only", () => {
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } })],
      },
    });
  });
});

describeWithPeers(["cfn-lint"], "the template in cfn-lint's eyes", () => {
  test("has no error, and no warning but of dependencies that the CDK spells out twice", async () => {
    const { status, stdout, stderr } = await run("cfn-lint", ["--ignore-checks", "W3005"], {
      input: JSON.stringify(template.toJSON()),
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

const byName = (a: { readonly name: unknown }, b: { readonly name: unknown }): number =>
  String(a.name) < String(b.name) ? -1 : 1;
