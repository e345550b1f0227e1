import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { deployed, everythingRepairs, resourcesOf, settingsFileOf, templateOf } from "./templates.ts";

const subscribers = `subscribers:
  - { protocol: email, endpoint: security@example.com }
  - { protocol: https, endpoint: "https://global.sns-api.chatbot.amazonaws.com", only: { severity: [critical, high] } }
  - { protocol: sqs, endpoint: "arn:aws:sqs:eu-west-1:111122223333:tickets", only: { ouPath: [Root/Prod] } }
`;
const settingsFile = settingsFileOf(`${everythingRepairs}${subscribers}`);
const template = templateOf((app) => new HubStack(app, "hub", { settingsFile }));
const quiet = templateOf((app) => new HubStack(app, "hub"));
const place = { accountId: "999999999999", region: "eu-west-1" };
const made = deployed(template, place);

const alarmSchema = z.object({
  AlarmName: z.string(),
  MetricName: z.string(),
  Namespace: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  TreatMissingData: z.enum(["notBreaching", "breaching", "ignore"]),
  ComparisonOperator: z.string(),
  Threshold: z.number(),
  AlarmActions: z.array(z.string()),
  OKActions: z.array(z.string()),
});
const alarmsOf = (resources: typeof made) =>
  resources
    .filter(({ type }) => type === "AWS::CloudWatch::Alarm")
    .map(({ properties }) => alarmSchema.parse(properties));
const alarms = alarmsOf(made);
const on = (namespace: string, metric: string, value: string) =>
  alarms.filter(
    ({ Namespace, MetricName, Dimensions }) =>
      Namespace === namespace && MetricName === metric && Dimensions.some(({ Value }) => Value === value),
  );
const topicLike = (like: RegExp) => made.find(({ id, type }) => type === "AWS::SNS::Topic" && like.test(id));

describe("alarms", () => {
  test("tell of errors that nobody tries again, of every throttle, and of every message that was laid aside", () => {
    const functions = resourcesOf(template, "AWS::Lambda::Function").map(([id]) => id);
    expect(functions).toHaveLength(9);
    const told = (id: string, metric: string) => on("AWS/Lambda", metric, `«${id}»`).map(({ Threshold }) => Threshold);
    for (const id of functions) {
      expect([id, told(id, "Throttles")]).toEqual([id, [1]]);
      // The state machine tries the steps of a sweep again, and says itself what it gave up.
      const isStep = id.startsWith("Sweep");
      expect([id, told(id, "Errors")]).toEqual([id, isStep ? [] : [1]]);
    }
    for (const metric of ["ExecutionsFailed", "ExecutionsTimedOut"])
      expect(alarms.filter(({ MetricName }) => MetricName === metric)).toHaveLength(1);
    const deadLetters = resourcesOf(template, "AWS::SQS::Queue").filter(([id]) => id.includes("DeadLetters"));
    // Of events, of repairs, and of what the scheduler could not start.
    expect(deadLetters).toHaveLength(5);
    // Of a queue that nobody touches for six hours SQS counts nothing: what lies there is not over for that.
    for (const [id] of deadLetters)
      expect(on("AWS/SQS", "ApproximateNumberOfMessagesVisible", `«${id}.QueueName»`)).toMatchObject([
        { TreatMissingData: "ignore" },
      ]);
  });

  // From the third time on that SQS gives a message out it counts for no age any more.
  test("tell of what waits after its second try, before SQS stops counting it", () => {
    const queues = resourcesOf(template, "AWS::SQS::Queue").filter(([, { Properties }]) => Properties.RedrivePolicy);
    expect(queues).toHaveLength(4);
    for (const [id, { Properties }] of queues) {
      const tryEvery = Number(Properties.VisibilityTimeout);
      const begunAt = Number(Properties.DelaySeconds ?? 0);
      const [late, ...more] = on("AWS/SQS", "ApproximateAgeOfOldestMessage", `«${id}.QueueName»`);
      expect([id, more]).toEqual([id, []]);
      expect(late?.Threshold).toBeGreaterThan(begunAt + tryEvery + 300);
      expect(late?.Threshold).toBeLessThan(begunAt + 2 * tryEvery - 120);
    }
  });

  test("tell of settings that cannot be read in two hours on end, not of a start at which AppConfig did not answer", () => {
    const unusable = resourcesOf(template, "AWS::CloudWatch::Alarm")
      .map(([, { Properties }]) => Properties)
      .filter(({ MetricName }) => MetricName === "SettingsUnusable");
    expect(unusable.map(({ AlarmName }) => AlarmName)).toEqual(
      ["intake", "escalate", "remediate"].map((name) => `iam-warden-${name}-settings-unusable`),
    );
    for (const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } of unusable)
      expect([Period, EvaluationPeriods, DatapointsToAlarm]).toEqual([3600, 2, 2]);
  });

  test("tell of owners that a function may not read, where the settings have a tag of accounts name them", () => {
    const lists = ["list-accounts", "intake", "remediate"];
    for (const service of lists)
      expect([service, on("IamWarden", "OwnersUnknown", service)]).toMatchObject([service, [{ Threshold: 1 }]]);
    expect(alarmsOf(deployed(quiet, place)).filter(({ MetricName }) => MetricName === "OwnersUnknown")).toEqual([]);
  });

  test("tell of a forged event", () => {
    expect(on("IamWarden", "EventsRefused", "intake")).toMatchObject([{ Threshold: 1 }]);
  });

  test("tell where accounts were not swept, a breaker tripped, notices could not be published", () => {
    expect(on("IamWarden", "AccountsUnswept", "digest")).toHaveLength(1);
    expect(on("IamWarden", "BreakersTripped", "remediate")).toHaveLength(1);
    expect(on("IamWarden", "NotificationsFailed", "intake")).toHaveLength(1);
  });

  test("tell where events have waited too long, repairs too, and where a subscriber was not reached", () => {
    const age = (queue: RegExp) => {
      const [[id] = [""]] = resourcesOf(template, "AWS::SQS::Queue").filter(([one]) => queue.test(one));
      return on("AWS/SQS", "ApproximateAgeOfOldestMessage", `«${id}.QueueName»`).map(({ Threshold }) => Threshold);
    };
    for (const lane of [/^IntakeChangesQueue/, /^IntakeActivityQueue/, /^IntakeDenialsQueue/])
      expect(age(lane)).toEqual([900]);
    // Longer than the half hour after which what failed is tried again.
    expect(age(/^RepairsQueue/)).toEqual([2_700]);
    expect(on("AWS/SNS", "NumberOfNotificationsFailed", `«${topicLike(/^Alerts/)?.id}.TopicName»`)).toHaveLength(1);
  });

  test("tell that an account is blind for as long as it is, though it is counted but once an hour", () => {
    expect(on("IamWarden", "BlindAccounts", "escalate")).toMatchObject([
      { AlarmName: "iam-warden-accounts-blind", Threshold: 1, TreatMissingData: "notBreaching" },
    ]);
    expect(JSON.stringify(template.toJSON())).toContain("`warden doctor` says which, and what is wrong there");
    const [alarm] = resourcesOf(template, "AWS::CloudWatch::Alarm").filter(([id]) => /accountsblind/i.test(id));
    expect(alarm?.[1].Properties).toMatchObject({ Period: 3600, EvaluationPeriods: 2, DatapointsToAlarm: 1 });
  });

  test("are no alarm where what is seldom was not counted, but where what runs by the clock did not run", () => {
    const silent = alarms.filter(({ TreatMissingData }) => TreatMissingData === "breaching");
    expect(silent.map(({ MetricName, ComparisonOperator }) => [MetricName, ComparisonOperator])).toEqual([
      ["ExecutionsSucceeded", "LessThanThreshold"],
      ["Invocations", "LessThanThreshold"],
    ]);
  });

  test("go to the operations topic, which CloudWatch of this account may publish to, over TLS", () => {
    const topic = topicLike(/^Operations/);
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toEqual([`«${topic?.id}»`]);
      expect(OKActions).toEqual([`«${topic?.id}»`]);
    }
    // CloudWatch cannot use AWS's own key.
    expect(topic?.properties.KmsMasterKeyId).toBeUndefined();
    const policy = made.find(
      ({ type, properties }) =>
        type === "AWS::SNS::TopicPolicy" && JSON.stringify(properties.Topics).includes(topic?.id ?? "none"),
    );
    expect(policy?.properties.PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": place.accountId } },
        }),
        expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      ]),
    });
  });

  test("and the dashboard leave repairs out where nothing opted in", () => {
    const there = deployed(quiet, place);
    const names = alarmsOf(there).map(({ AlarmName }) => AlarmName);
    expect(names.filter((name) => /repair|remediate|breaker/.test(name))).toEqual([]);
    const boards = (resources: typeof made) =>
      String(resources.find(({ type }) => type === "AWS::CloudWatch::Dashboard")?.properties.DashboardBody);
    // Is it watching, what did it find, what did it do?
    for (const metric of ["AccountsSwept", "AccountsUnswept", "FindingsOpened", "NumberOfMessagesPublished"])
      expect(boards(there)).toContain(metric);
    expect(boards(there)).not.toContain("RepairsMade");
    expect(boards(made)).toContain("RepairsMade");
    expect(() => JSON.parse(boards(made))).not.toThrow();
  });
});

describe("alerts", () => {
  it("reach whom the settings subscribe, filtered as they ask", () => {
    const subscriptions = made.filter(({ type }) => type === "AWS::SNS::Subscription");
    const topic = topicLike(/^Alerts/);
    expect(topic?.properties.KmsMasterKeyId).toMatch(/alias\/aws\/sns$/);
    expect(subscriptions.map(({ properties }) => properties)).toEqual([
      { TopicArn: `«${topic?.id}»`, Protocol: "email", Endpoint: "security@example.com" },
      {
        TopicArn: `«${topic?.id}»`,
        Protocol: "https",
        Endpoint: "https://global.sns-api.chatbot.amazonaws.com",
        FilterPolicy: { severity: ["critical", "high"] },
        FilterPolicyScope: "MessageAttributes",
      },
      {
        TopicArn: `«${topic?.id}»`,
        Protocol: "sqs",
        Endpoint: "arn:aws:sqs:eu-west-1:111122223333:tickets",
        FilterPolicy: { ouPath: ["Root/Prod", { prefix: "Root/Prod/" }] },
        FilterPolicyScope: "MessageAttributes",
      },
    ]);
  });

  it("keep their subscriptions when the settings list them in another order", () => {
    const lines = subscribers.trimEnd().split("\n");
    const turned = settingsFileOf(`${everythingRepairs}${[lines[0], ...lines.slice(1).toReversed()].join("\n")}\n`);
    const other = templateOf((app) => new HubStack(app, "hub", { settingsFile: turned }));
    const byId = (of: typeof template) => Object.fromEntries(resourcesOf(of, "AWS::SNS::Subscription"));
    expect(byId(other)).toEqual(byId(template));
  });
});
