import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { createSandbox, type EventBridgeEvent } from "../../../sandbox/sandbox.ts";
import { addAccount } from "../../../sandbox/state.ts";

const started = async () => {
  const sandbox = createSandbox();
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const accountId = sandbox.state.organization.managementAccountId;
  const client = new SNSClient(
    sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"), { region: "eu-west-1" }),
  );
  const { TopicArn = "" } = await client.send(new CreateTopicCommand({ Name: "findings" }));
  const subscribe = async (Protocol: string, Endpoint: string, Attributes?: Record<string, string>) => {
    const { SubscriptionArn = "" } = await client.send(
      new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }),
    );
    const pending = sandbox.state.topics.get(TopicArn)?.subscriptions.get(SubscriptionArn)?.pendingToken;
    if (pending !== undefined) await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: pending }));
    return SubscriptionArn;
  };
  const publish = (input: Partial<PublishCommandInput>) =>
    client.send(new PublishCommand({ TopicArn, Message: "hello", ...input }));
  const received = () => sandbox.deliveries.map(({ endpoint, message }) => [endpoint, message]);
  return { sandbox, events, accountId, client, TopicArn, subscribe, publish, received };
};

const text = (StringValue: string): MessageAttributeValue => ({ DataType: "String", StringValue });

describe("topics", () => {
  it("are made once, described, listed and deleted", async () => {
    const { client, TopicArn, accountId, events } = await started();
    expect(TopicArn).toBe(`arn:aws:sns:eu-west-1:${accountId}:findings`);
    expect((await client.send(new CreateTopicCommand({ Name: "findings" }))).TopicArn).toBe(TopicArn);
    await client.send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "Findings" }),
    );
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({
      TopicArn,
      Owner: accountId,
      DisplayName: "Findings",
      SubscriptionsConfirmed: "0",
    });
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    await client.send(new DeleteTopicCommand({ TopicArn }));
    await client.send(new DeleteTopicCommand({ TopicArn }));
    await expect(client.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toMatchObject({
      name: "NotFoundException",
      message: "Topic does not exist",
    });
    expect(events[0]).toMatchObject({
      source: "aws.sns",
      region: "eu-west-1",
      detail: { eventName: "CreateTopic", responseElements: { topicArn: TopicArn } },
    });
  });

  it("are listed a hundred at a time", async () => {
    const { client } = await started();
    for (let at = 0; at < 120; at++) await client.send(new CreateTopicCommand({ Name: `t${at}` }));
    const { Topics: first, NextToken } = await client.send(new ListTopicsCommand({}));
    const { Topics: second, NextToken: end } = await client.send(new ListTopicsCommand({ NextToken }));
    expect([first?.length, second?.length, end]).toEqual([100, 21, undefined]);
    expect(new Set([...(first ?? []), ...(second ?? [])].map((topic) => topic.TopicArn)).size).toBe(121);
  });

  it("have names and attributes that SNS knows", async () => {
    const { client } = await started();
    for (const Name of ["", "a b", "x".repeat(257), "é"]) {
      await expect(client.send(new CreateTopicCommand({ Name }))).rejects.toMatchObject({
        name: "InvalidParameterException",
      });
    }
    await expect(
      client.send(new CreateTopicCommand({ Name: "findings", Attributes: { DisplayName: "other" } })),
    ).rejects.toThrow(/already exists with different attributes/);
    await expect(client.send(new CreateTopicCommand({ Name: "x", Attributes: { Nonsense: "1" } }))).rejects.toThrow(
      /AttributeName/,
    );
  });

  it("of another account are closed", async () => {
    const { sandbox, TopicArn } = await started();
    addAccount(sandbox.state, { id: "222222222222", name: "member", joinedAt: sandbox.clock.now() });
    const member = new SNSClient(
      sandbox.clientConfig(sandbox.credentialsFor("222222222222", "root"), { region: "eu-west-1" }),
    );
    await expect(member.send(new PublishCommand({ TopicArn, Message: "x" }))).rejects.toMatchObject({
      name: "AuthorizationErrorException",
      message: expect.stringContaining("no resource-based policy allows the SNS:Publish action"),
    });
  });

  it.each(["findings", "arn:aws:sns:us-east-1:111122223333:findings"])("%s is no ARN for this Region", async (arn) => {
    const { publish } = await started();
    await expect(publish({ TopicArn: arn })).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});

describe("subscriptions", () => {
  it("wait for their confirmation", async () => {
    const { sandbox, client, TopicArn, publish, received } = await started();
    const email = { TopicArn, Protocol: "email", Endpoint: "sec@example.com" };
    expect((await client.send(new SubscribeCommand(email))).SubscriptionArn).toBe("pending confirmation");
    const listed = async () => (await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions;
    expect(await listed()).toMatchObject([{ SubscriptionArn: "PendingConfirmation", Endpoint: "sec@example.com" }]);
    await publish({});
    expect(received()).toEqual([]);
    await expect(client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: "guess" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const [pending] = [...(sandbox.state.topics.get(TopicArn)?.subscriptions.values() ?? [])];
    const { SubscriptionArn } = await client.send(
      new ConfirmSubscriptionCommand({ TopicArn, Token: pending?.pendingToken }),
    );
    expect(await listed()).toMatchObject([{ SubscriptionArn }]);
    await publish({});
    expect(received()).toEqual([["sec@example.com", "hello"]]);
    expect((await client.send(new SubscribeCommand(email))).SubscriptionArn).toBe(SubscriptionArn);
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toHaveLength(1);
  });

  it("need none where AWS confirms: queues, functions, the chat service", async () => {
    const { client, TopicArn } = await started();
    for (const [Protocol, Endpoint] of [
      ["sqs", "arn:aws:sqs:eu-west-1:111122223333:q"],
      ["lambda", "arn:aws:lambda:eu-west-1:111122223333:function:f"],
      ["https", "https://global.sns-api.chatbot.amazonaws.com"],
    ] as const) {
      const { SubscriptionArn } = await client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
      expect(SubscriptionArn).toMatch(`${TopicArn}:`);
    }
  });

  it("end", async () => {
    const { client, subscribe, publish, received } = await started();
    const SubscriptionArn = await subscribe("sqs", "arn:aws:sqs:eu-west-1:111122223333:q");
    await client.send(new UnsubscribeCommand({ SubscriptionArn }));
    await client.send(new UnsubscribeCommand({ SubscriptionArn }));
    await publish({});
    expect(received()).toEqual([]);
    await expect(client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });

  it.each([
    ["pigeon", "roof"],
    ["constructor", "x"],
    ["email", "nobody"],
    ["https", "http://example.com"],
    ["sqs", "https://sqs.example.com/q"],
  ])("of protocol %s to %s are refused", async (Protocol, Endpoint) => {
    const { client, TopicArn } = await started();
    await expect(client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });
});

describe("a message", () => {
  it("reaches each subscription in its protocol's own words, in order", async () => {
    const { sandbox, subscribe, publish, TopicArn } = await started();
    const arns = [
      await subscribe("https", "https://global.sns-api.chatbot.amazonaws.com"),
      await subscribe("email", "sec@example.com"),
      await subscribe("email-json", "bot@example.com"),
      await subscribe("sqs", "arn:aws:sqs:eu-west-1:111122223333:raw", { RawMessageDelivery: "true" }),
      await subscribe("lambda", "arn:aws:lambda:eu-west-1:111122223333:function:f"),
    ];
    const Message = JSON.stringify({ default: '{"version":"1.0"}', email: "Line 1\nLine 2 é", sqs: 5 });
    const MessageAttributes = { severity: text("high") };
    const { MessageId } = await publish({ Message, MessageStructure: "json", Subject: "A finding", MessageAttributes });
    expect(sandbox.deliveries.map(({ subscriptionArn }) => subscriptionArn)).toEqual(arns);
    expect(sandbox.deliveries.map(({ protocol, message }) => [protocol, message])).toEqual([
      ["https", '{"version":"1.0"}'],
      ["email", "Line 1\nLine 2 é"],
      ["email-json", '{"version":"1.0"}'],
      ["sqs", '{"version":"1.0"}'],
      ["lambda", '{"version":"1.0"}'],
    ]);
    const [https, email, , raw, lambda] = sandbox.deliveries;
    expect(JSON.parse(https?.body ?? "")).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "A finding",
      Message: '{"version":"1.0"}',
      Timestamp: "2026-11-02T08:00:00.000Z",
      MessageAttributes: { severity: { Type: "String", Value: "high" } },
    });
    expect(email?.body).toMatch(/^Line 1\nLine 2 é\n\n--\nIf you wish to stop/);
    expect(email).toMatchObject({ subject: "A finding", attributes: { severity: { type: "String", value: "high" } } });
    expect(raw?.body).toBe('{"version":"1.0"}');
    expect(JSON.parse(lambda?.body ?? "")).toMatchObject({ Records: [{ Sns: { Message: '{"version":"1.0"}' } }] });
  });

  it.each<[string, Partial<PublishCommandInput>, RegExp]>([
    ["no text", { Message: "" }, /Empty message/],
    ["structure other than json", { MessageStructure: "xml" }, /message structure/],
    ["broken JSON", { MessageStructure: "json", Message: "{" }, /failed to parse/],
    ["a JSON list", { MessageStructure: "json", Message: "[]" }, /failed to parse/],
    ["no default", { MessageStructure: "json", Message: '{"email":"x"}' }, /No default entry/],
    ["a default that is no text", { MessageStructure: "json", Message: '{"default":{}}' }, /No default entry/],
    ["a subject of 100 characters", { Subject: "x".repeat(100) }, /Subject/],
    ["an empty subject", { Subject: "" }, /Subject/],
    ["a subject of two lines", { Subject: "a\nb" }, /Subject/],
    ["a subject with a control character", { Subject: "a\u0007b" }, /Subject/],
    ["a subject that begins with a space", { Subject: " a" }, /Subject/],
    ["a subject that begins outside ASCII", { Subject: "ä" }, /Subject/],
    ["too many bytes", { Message: "é".repeat(131_073) }, /too long/],
    [
      "too many bytes with its attributes",
      { Message: "x".repeat(262_140), MessageAttributes: { a: text("b") } },
      /too long/,
    ],
  ])("with %s is refused", async (_, input, message) => {
    const { publish, subscribe, received } = await started();
    await subscribe("email", "sec@example.com");
    const answer = publish(input);
    await expect(answer).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(answer).rejects.toThrow(message);
    expect(received()).toEqual([]);
  });

  it.each<[string, Record<string, MessageAttributeValue>]>([
    ["an unknown type", { a: { DataType: "Boolean", StringValue: "true" } }],
    ["no value", { a: { DataType: "String" } }],
    ["a number that is none", { a: { DataType: "Number", StringValue: "five" } }],
    ["a list that is none", { a: { DataType: "String.Array", StringValue: "a,b" } }],
    ["a reserved name", { "AWS.x": text("y") }],
  ])("with an attribute of %s is refused", async (_, MessageAttributes) => {
    const { publish } = await started();
    await expect(publish({ MessageAttributes })).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });

  it("may have the largest size, and a subject of 99 characters", async () => {
    const { publish, subscribe, received } = await started();
    await subscribe("email", "sec@example.com");
    await publish({ Message: "x".repeat(262_144), Subject: "ü".repeat(99).replace(/^./, "U") });
    expect(received()).toHaveLength(1);
  });
});

describe("a filter policy", () => {
  const attributes = {
    severity: text("high"),
    control: text("stale-access-key"),
    count: { DataType: "Number", StringValue: "12" },
    tags: { DataType: "String.Array", StringValue: '["prod",7,null]' },
  };
  it.each<[string, boolean]>([
    ['{"severity":["critical","high"]}', true],
    ['{"severity":["critical"]}', false],
    ['{"severity":[{"anything-but":["low"]}],"control":[{"prefix":"stale-"}]}', true],
    ['{"severity":["high"],"control":[{"prefix":"root-"}]}', false],
    ['{"control":[{"suffix":"-key"}]}', true],
    ['{"count":[{"numeric":[">",10,"<=",12]}]}', true],
    ['{"count":["12"]}', false],
    ['{"tags":["prod"]}', true],
    ['{"tags":[7]}', true],
    ['{"tags":["dev"]}', false],
    ['{"kind":[{"exists":false}]}', true],
    ['{"kind":["opened"]}', false],
    ['{"$or":[{"severity":["low"]},{"count":[12]}]}', true],
    ["{}", true],
  ])("%s on attributes: %s", async (FilterPolicy, passes) => {
    const { subscribe, publish, received } = await started();
    await subscribe("email", "sec@example.com", { FilterPolicy });
    await publish({ MessageAttributes: attributes });
    expect(received()).toHaveLength(passes ? 1 : 0);
  });

  it("may look at bodies", async () => {
    const { subscribe, publish, received } = await started();
    await subscribe("email", "sec@example.com", {
      FilterPolicyScope: "MessageBody",
      FilterPolicy: '{"finding":{"severity":["high"]}}',
    });
    await publish({ Message: '{"finding":{"severity":"high"}}' });
    await publish({ Message: '{"finding":{"severity":"low"}}' });
    await publish({ Message: "not JSON" });
    expect(received()).toHaveLength(1);
  });

  it("may be set, seen and taken away later", async () => {
    const { client, subscribe, publish, received } = await started();
    const SubscriptionArn = await subscribe("email", "sec@example.com");
    const set = (AttributeValue: string) =>
      client.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue }),
      );
    await set('{"severity":["critical"]}');
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({
      FilterPolicy: '{"severity":["critical"]}',
      FilterPolicyScope: "MessageAttributes",
      PendingConfirmation: "false",
    });
    await publish({ MessageAttributes: attributes });
    await set("");
    await publish({ MessageAttributes: attributes });
    expect(received()).toHaveLength(1);
  });

  it.each([
    ["not JSON", "{", "InvalidParameterException"],
    ["malformed", '{"severity":"high"}', "InvalidParameterException"],
    ["an unknown operator", '{"severity":[{"like":"x"}]}', "InvalidParameterException"],
    ["nested on attributes", '{"a":{"b":["c"]}}', "InvalidParameterException"],
    ["six keys", '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}', "InvalidParameterException"],
    ["151 values", JSON.stringify({ a: Array.from({ length: 151 }, String) }), "FilterPolicyLimitExceededException"],
  ])("that is %s is refused", async (_, FilterPolicy, name) => {
    const { subscribe, publish, received } = await started();
    await expect(subscribe("email", "sec@example.com", { FilterPolicy })).rejects.toMatchObject({ name });
    await publish({});
    expect(received()).toEqual([]);
  });
});
