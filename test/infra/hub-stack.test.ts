import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { organizationPatterns } from "../../shared/events/organization-changes.ts";
import { eventPatterns, forwardedPattern, lanes } from "../../shared/events/patterns.ts";
import { expiryAttribute, findingTableDefinition } from "../../shared/findings/table.ts";
import { describeWithPeers, run } from "../support/peers.ts";
import { everythingRepairs, resourcesOf, settingsFileOf, statementsByRole, templateOf } from "./templates.ts";

const template = templateOf((app) => new HubStack(app, "hub"));
const settingsFile = settingsFileOf(everythingRepairs);
/** A hub whose settings opt in. */
const repairing = templateOf((app) => new HubStack(app, "hub", { settingsFile }));

const resources = (type: string) => resourcesOf(template, type);
const oneIn = (from: Template, type: string, like: RegExp): string => {
  const ids = resourcesOf(from, type).flatMap(([id]) => (like.test(id) ? [id] : []));
  expect(ids).toHaveLength(1);
  return ids[0] ?? "";
};
const one = (type: string, like: RegExp): string => oneIn(template, type, like);

describe("the event path", () => {
  test("has exactly the rules that the controls derive and those of the organization's own records, on the hub's own bus", () => {
    const rules = resources("AWS::Events::Rule").map(([, { Properties }]) => ({
      name: Properties.Name,
      pattern: Properties.EventPattern,
      state: Properties.State,
    }));
    const derived = [...eventPatterns(), ...organizationPatterns()].map(({ name, pattern, needsReadEvents }) => ({
      name: `iam-warden-${name}`,
      pattern,
      state: needsReadEvents ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED",
    }));
    expect(rules.toSorted(byName)).toEqual(derived.toSorted(byName));
    expect(rules.some(({ state }) => state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")).toBe(true);
  });

  describe.each(lanes)("for %s", (lane) => {
    const name = lane.charAt(0).toUpperCase() + lane.slice(1);
    const queueId = one("AWS::SQS::Queue", new RegExp(`^Intake${name}Queue`));
    const deadLettersId = one("AWS::SQS::Queue", new RegExp(`^Intake${name}DeadLetters`));
    const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
    const named = new Set(
      [...eventPatterns(), ...organizationPatterns()]
        .filter((pattern) => pattern.lane === lane)
        .map((pattern) => `iam-warden-${pattern.name}`),
    );
    const rules = resources("AWS::Events::Rule").filter(([, { Properties }]) => named.has(String(Properties.Name)));

    test("delivers its rules to a queue of its own, retried for a day, and then to the dead-letter queue", () => {
      expect(rules).toHaveLength(named.size);
      for (const [, { Properties }] of rules)
        expect(Properties).toMatchObject({
          EventBusName: { Ref: one("AWS::Events::EventBus", /./) },
          Targets: [
            {
              Id: "intake",
              Arn: arnOf(queueId),
              RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
              DeadLetterConfig: { Arn: arnOf(deadLettersId) },
              SqsParameters: { MessageGroupId: "$.account" },
            },
          ],
        });
      expect(template.findResources("AWS::SQS::Queue")[queueId]?.Properties).toMatchObject({
        DelaySeconds: 20,
        RedrivePolicy: { deadLetterTargetArn: arnOf(deadLettersId) },
      });
    });

    test("keeps messages encrypted, takes them over TLS only, and only from its own rules", () => {
      for (const id of [queueId, deadLettersId]) {
        expect(template.findResources("AWS::SQS::Queue")[id]?.Properties.SqsManagedSseEnabled).toBe(true);
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
                Condition: { ArnEquals: { "aws:SourceArn": rules.map(([ruleId]) => arnOf(ruleId)) } },
              }),
            ],
          },
        });
      }
    });

    test("reports failures one by one, and hides a message for six times as long as the function may run", () => {
      template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        EventSourceArn: arnOf(queueId),
      });
      const seconds = (type: string, id: string, property: string): number =>
        Number(template.findResources(type)[id]?.Properties[property]);
      const timeout = seconds("AWS::Lambda::Function", one("AWS::Lambda::Function", /^IntakeFunction/), "Timeout");
      const hidden = seconds("AWS::SQS::Queue", queueId, "VisibilityTimeout");
      expect(hidden).toBeGreaterThanOrEqual(6 * timeout);
    });
  });

  test("gives the word of root at work, and changes, capacity that no flood of denials takes", () => {
    const most = resources("AWS::Lambda::EventSourceMapping").map(([id, { Properties }]) => [
      /Intake(Changes|Activity|Denials)Queue/.exec(id)?.[1],
      Properties.ScalingConfig,
    ]);
    expect(Object.fromEntries(most)).toMatchObject({
      Changes: { MaximumConcurrency: 10 },
      Activity: { MaximumConcurrency: 5 },
      Denials: { MaximumConcurrency: 2 },
    });
  });
});

describe("the archive of events", () => {
  test("keeps for 90 days what members forward, and nothing else", () => {
    const [[bus] = [""]] = resources("AWS::Events::EventBus");
    expect(resources("AWS::Events::Archive").map(([, { Properties }]) => Properties)).toEqual([
      {
        ArchiveName: "iam-warden",
        Description: expect.any(String),
        SourceArn: { "Fn::GetAtt": [bus, "Arn"] },
        EventPattern: forwardedPattern(),
        RetentionDays: 90,
      },
    ]);
  });
});

describe("the schedules", () => {
  test("lay aside what could not be started, where only they may", () => {
    const id = one("AWS::SQS::Queue", /^ScheduleDeadLetters/);
    const arn = { "Fn::GetAtt": [id, "Arn"] };
    template.allResourcesProperties("AWS::Scheduler::Schedule", { Target: { DeadLetterConfig: { Arn: arn } } });
    expect(resources("AWS::Scheduler::Schedule")).toHaveLength(2);
    const policies = resources("AWS::SQS::QueuePolicy").filter(([policy]) => policy.startsWith("ScheduleDeadLetters"));
    const { Statement } = Object(policies[0]?.[1].Properties.PolicyDocument);
    expect(Statement).toEqual([
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    ]);
    const senders = [...statementsByRole(template)].filter(([, own]) =>
      own.some((one) => one.Action?.includes("sqs:SendMessage") && JSON.stringify(one.Resource).includes(id)),
    );
    expect(senders.map(([role]) => role)).toEqual(Array(2).fill(expect.stringMatching(/^SchedulerRoleForTarget/)));
  });
});

describe("the path of repairs", () => {
  const queueId = oneIn(repairing, "AWS::SQS::Queue", /^RepairsQueue/);
  const functionId = oneIn(repairing, "AWS::Lambda::Function", /^RepairsFunction/);

  test("takes one message at a time, hidden six times as long as it may run, and lays aside what fails five times", () => {
    repairing.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": [queueId, "Arn"] },
      FunctionName: { Ref: functionId },
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    const { Properties: work } = repairing.findResources("AWS::SQS::Queue")[queueId] ?? {};
    const { Properties: run } = repairing.findResources("AWS::Lambda::Function")[functionId] ?? {};
    expect(run.Timeout).toBe(300);
    expect(work.VisibilityTimeout).toBeGreaterThanOrEqual(6 * run.Timeout);
    expect(work.RedrivePolicy).toEqual({
      deadLetterTargetArn: { "Fn::GetAtt": [oneIn(repairing, "AWS::SQS::Queue", /^RepairsDeadLetters/), "Arn"] },
      maxReceiveCount: 5,
    });
    repairing.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    for (const [id] of resourcesOf(repairing, "AWS::SQS::Queue"))
      repairing.hasResourceProperties("AWS::SQS::QueuePolicy", {
        Queues: [{ Ref: id }],
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          ]),
        },
      });
  });

  test("is tried no longer than a denial waits for it", () => {
    const triedFor = (like: RegExp): number => {
      const { Properties } =
        repairing.findResources("AWS::SQS::Queue")[oneIn(repairing, "AWS::SQS::Queue", like)] ?? {};
      return Properties.VisibilityTimeout * Properties.RedrivePolicy.maxReceiveCount;
    };
    expect(triedFor(/^IntakeDenialsQueue/)).toBeGreaterThan(triedFor(/^RepairsQueue/));
  });

  test("is told to whoever asks for repairs, and to nobody where nothing can be asked for", () => {
    const asks = /^(?:IntakeFunction|EscalationFunction|OperatorFunction)[0-9A-F]{8}$/;
    const withUrl = (of: Template) =>
      resourcesOf(of, "AWS::Lambda::Function").flatMap(([id, { Properties }]) => {
        const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Properties.Environment);
        return asks.test(id) ? [Variables.REPAIR_QUEUE_URL] : [];
      });
    expect(withUrl(template)).toEqual([undefined, undefined, undefined]);
    expect(withUrl(repairing)).toEqual([{ Ref: queueId }, { Ref: queueId }, { Ref: queueId }]);
    expect(JSON.stringify(template.toJSON())).not.toContain("iam-warden-remediate");
  });

  test("opts in by one account's or OU's override as by the control itself", () => {
    for (const text of [
      'stale-access-key: { scopes: [{ account: "111122223333", mode: remediate }] }',
      "stale-access-key: { scopes: [{ ou: Root/Prod, mode: remediate }] }",
    ]) {
      const file = settingsFileOf(`version: 1\ncontrols:\n  ${text}\n`);
      const hub = templateOf((app) => new HubStack(app, "hub", { settingsFile: file }));
      expect(resourcesOf(hub, "AWS::Lambda::Function").filter(([id]) => /^Repairs/.test(id))).toHaveLength(1);
    }
  });
});

describe("the operator", () => {
  test("lets in through its URL whom IAM lets in, no browser of other origins, and no direct caller", () => {
    expect(resources("AWS::Lambda::Url").map(([, { Properties }]) => Properties)).toEqual([
      { AuthType: "AWS_IAM", TargetFunctionArn: { "Fn::GetAtt": [expect.stringMatching(/^DoctorFunction/), "Arn"] } },
      { AuthType: "AWS_IAM", TargetFunctionArn: { "Fn::GetAtt": [expect.stringMatching(/^OperatorFunction/), "Arn"] } },
    ]);
    const permissions = resources("AWS::Lambda::Permission").map(([, { Properties }]) => JSON.stringify(Properties));
    expect(permissions.filter((permission) => permission.includes("OperatorFunction"))).toEqual([]);
    const [[, access] = []] = resources("AWS::IAM::ManagedPolicy");
    expect(access?.Properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Action: "lambda:InvokeFunctionUrl",
          Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
        },
        { Action: "lambda:InvokeFunction", Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
      ],
    });
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

  test("lists the accounts, sweeps each until it is done, tells one digest, and then writes the report", () => {
    const { StartAt, States } = definition();
    expect(StartAt).toBe("List the accounts");
    expect(States["List the accounts"]).toMatchObject({
      Resource: functionArn(/^SweepListAccounts/),
      Next: "Each account",
    });
    const each = States["Each account"];
    expect(each).toMatchObject({
      Type: "Map",
      ItemReader: {
        ReaderConfig: { InputType: "JSON" },
        Parameters: { Bucket: expect.stringMatching(/^<ReportsBucket/), "Key.$": "$.accountsKey" },
      },
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
      ResultPath: null,
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.untold", Next: "Write the report" }],
      Next: "Write the report",
    });
    // Tried again alone, it tells nobody.
    expect(States["Write the report"]).toMatchObject({
      Resource: functionArn(/^SweepDigest/),
      Parameters: {
        step: "report",
        "runId.$": "$.runId",
        "listedAt.$": "$.listedAt",
        "accountsKey.$": "$.accountsKey",
      },
      Retry: expect.arrayContaining([expect.objectContaining({ ErrorEquals: ["States.ALL"], MaxAttempts: 8 })]),
      Next: "Digest told?",
    });
    expect(States["Digest told?"]).toMatchObject({
      Choices: [{ Variable: "$.untold", IsPresent: true, Next: "Digest not told" }],
      Default: "Told and written",
    });
    expect(States["Digest not told"]).toMatchObject({ Type: "Fail", Error: "DigestNotTold" });
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
    const ofSchedules = [...statementsByRole(template)].filter(([id]) => id.startsWith("SchedulerRole"));
    const starts = ofSchedules.flatMap(([, statements]) => statements.flatMap(({ Action = [] }) => Action));
    const laidAside = ["sqs:SendMessage", "sqs:SendMessage"];
    expect(starts.toSorted()).toEqual(["lambda:InvokeFunction", ...laidAside, "states:StartExecution"]);
  });
});

describe("the hourly run", () => {
  test("tells every hour what was left over, and is started again before the next if it could not be", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "cron(30 * * * ? *)",
      Target: {
        Arn: { "Fn::GetAtt": [one("AWS::Lambda::Function", /^EscalationFunction/), "Arn"] },
        RetryPolicy: { MaximumEventAgeInSeconds: 3_000, MaximumRetryAttempts: 2 },
      },
    });
  });

  test("is not repeated by Lambda where a part of it failed", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: one("AWS::Lambda::Function", /^EscalationFunction/) },
      MaximumRetryAttempts: 0,
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
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });

  test("no resource is made by a function of its own, which would log beside these groups", () => {
    const types = Object.values(repairing.toJSON().Resources).map((resource) => String(Object(resource).Type));
    expect(types.filter((type) => !type.startsWith("AWS::") || type.startsWith("AWS::CloudFormation::Custom"))).toEqual(
      [],
    );
  });

  test("every log group forgets after three months", () => {
    // One for each function, and the state machine's.
    expect(resourcesOf(repairing, "AWS::Logs::LogGroup")).toHaveLength(10);
    repairing.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });

  test("every function runs the entry of its name on Node 24 and arm64, and logs to its own group", () => {
    repairing.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    expect(resourcesOf(repairing, "AWS::Lambda::Function")).toHaveLength(9);
    expect(resources("AWS::Lambda::Function")).toHaveLength(8);
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
      input: JSON.stringify(repairing.toJSON()),
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

const byName = (a: { readonly name: unknown }, b: { readonly name: unknown }): number =>
  String(a.name) < String(b.name) ? -1 : 1;
