import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { createSandbox } from "../../../sandbox/sandbox.ts";

const start = async (Attributes: Record<string, string> = {}) => {
  const sandbox = createSandbox();
  const accountId = sandbox.state.organization.managementAccountId;
  const sqs = new SQSClient({ ...sandbox.clientConfig(sandbox.credentialsFor(accountId, "root")), maxAttempts: 1 });
  const create = async (QueueName: string, attributes: Record<string, string> = {}) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes }))).QueueUrl ?? "";
  const QueueUrl = await create("work", Attributes);
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (url = QueueUrl) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))).Messages ?? [];
  const counts = async () => {
    const names = [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesDelayed",
      "ApproximateNumberOfMessagesNotVisible",
    ] as const;
    const { Attributes: all = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
    );
    return names.map((name) => Number(all[name]));
  };
  const pass = (seconds: number) => sandbox.clock.advance(seconds * 1000);
  return { sandbox, accountId, sqs, create, QueueUrl, send, receive, counts, pass };
};

describe("a queue, by the SDK", () => {
  it("hands a message to one receiver until it is deleted or its time is up", async () => {
    const { sqs, QueueUrl, send, receive, pass, counts } = await start({ VisibilityTimeout: "60" });
    const { MessageId } = await send("hello");
    const [first] = await receive();
    expect(first).toMatchObject({ Body: "hello", MessageId, Attributes: { ApproximateReceiveCount: "1" } });
    expect(await receive()).toEqual([]);
    expect(await counts()).toEqual([0, 0, 1]);
    pass(60);
    const [again] = await receive();
    expect(again?.Attributes?.ApproximateReceiveCount).toBe("2");
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(await counts()).toEqual([0, 0, 1]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it("hands out what is of a group that got much last, and oldest first where nothing waited", async () => {
    const { sqs, QueueUrl, receive, send } = await start();
    const sendOf = (MessageGroupId: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: MessageGroupId, MessageGroupId }));
    const bodies = async () => (await receive()).map(({ Body }) => Body);
    for (let count = 0; count < 38; count++) await sendOf("loud");
    await sendOf("quiet");
    await send("of nobody");
    for (let count = 0; count < 30; count += 10) expect(await bodies()).toEqual(Array(10).fill("loud"));
    expect(await bodies()).toEqual(["quiet", "of nobody", ...Array(8).fill("loud")]);
    expect(await bodies()).toEqual([]);
    await sendOf("loud");
    await sendOf("quiet");
    expect(await bodies()).toEqual(["loud", "quiet"]);
  });

  it("delays its messages", async () => {
    const { send, receive, pass, counts } = await start({ DelaySeconds: "20" });
    await send("hello");
    expect(await counts()).toEqual([0, 1, 0]);
    pass(19);
    expect(await receive()).toEqual([]);
    pass(1);
    expect(await receive()).toHaveLength(1);
  });

  it("gives back early, or later, whom its receiver asks for", async () => {
    const { sqs, QueueUrl, send, receive, pass } = await start();
    await send("hello");
    const [{ ReceiptHandle } = {}] = await receive();
    const change = (VisibilityTimeout: number) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await change(600);
    pass(599);
    expect(await receive()).toEqual([]);
    await change(0);
    expect(await receive()).toHaveLength(1);
  });

  it("lays aside what was received too often, as it was", async () => {
    const { sqs, create, QueueUrl, accountId, send, receive, pass } = await start();
    const dead = await create("dead");
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${accountId}:dead`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    const { MessageId } = await send("poison");
    for (let time = 0; time < 2; time++) {
      expect(await receive()).toHaveLength(1);
      pass(30);
    }
    expect(await receive()).toEqual([]);
    expect(await receive(dead)).toMatchObject([{ Body: "poison", MessageId }]);
  });

  it("forgets what was kept too long", async () => {
    const { send, receive, pass } = await start({ MessageRetentionPeriod: "60" });
    await send("hello");
    pass(61);
    expect(await receive()).toEqual([]);
  });

  it("is found by name, listed, emptied and deleted", async () => {
    const { sqs, QueueUrl, create, send, receive } = await start();
    await create("other");
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "work" }))).QueueUrl).toBe(QueueUrl);
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "w" }))).QueueUrls).toEqual([QueueUrl]);
    await send("hello");
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive()).toEqual([]);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(send("hello")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });

  it("is not made again with other attributes", async () => {
    const { create } = await start();
    await expect(create("work", { DelaySeconds: "5" })).rejects.toMatchObject({ name: "QueueNameExists" });
  });
});
