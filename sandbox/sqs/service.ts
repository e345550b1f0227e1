import { createHash } from "node:crypto";
import * as z from "zod";
import {
  AwsError,
  type Call,
  integer,
  type Needs,
  type Operation,
  operation,
  page,
  type Service,
  sortBy,
} from "../protocol/service.ts";
import { addQueue, attributesOf, deleteFrom, numberOf, queueArn, receiveFrom, sendTo } from "./queue.ts";
import type { Queue, QueuedMessage } from "./state.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

const missing = () => new AwsError("QueueDoesNotExist", "The specified queue does not exist.");

/** The queue that a URL names: only its path says which, so that it may lead to any endpoint. */
const findQueue = ({ state, region }: Pick<Call, "state" | "region">, url: unknown): Queue | undefined => {
  const [, accountId = "", name = ""] = /^https?:\/\/[^/]+\/(\d{12})\/([\w-]{1,80})$/.exec(String(url)) ?? [];
  return state.queues.get(queueArn(accountId, region, name));
};

/** @throws AwsError `QueueDoesNotExist` */
const requireQueue = (call: Call, url: string): Queue => {
  const queue = findQueue(call, url);
  if (queue === undefined) throw missing();
  return queue;
};

const messageOf = ({ id, body, receipt, receiveCount, sentAt }: QueuedMessage) => ({
  MessageId: id,
  ReceiptHandle: receipt,
  MD5OfBody: md5(body),
  Body: body,
  Attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt.getTime()) },
});

/** How many messages wait, are delayed, or are with somebody. */
export const countsOf = ({ messages }: Queue, now: Date): Readonly<Record<string, string>> => {
  const hidden = messages.filter(({ visibleAt }) => visibleAt > now.getTime());
  const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
  return {
    ApproximateNumberOfMessages: String(messages.length - hidden.length),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
  };
};

const QueueUrl = z.string();
const attributeMap = z.record(z.string(), z.string());

const operations: Readonly<Record<string, Operation>> = {
  CreateQueue: operation(
    { QueueName: z.string().regex(/^[\w-]{1,80}$/), Attributes: attributeMap.default({}) },
    ({ account, region, state, now }, { QueueName: name, Attributes: attributes }) => {
      const existing = state.queues.get(queueArn(account.id, region, name));
      if (existing && Object.entries(attributes).some(([key, value]) => attributesOf(existing)[key] !== value))
        throw new AwsError("QueueNameExists", "A queue already exists with the same name and a different value.");
      const queue = existing ?? addQueue(state, { accountId: account.id, region, name, createdAt: now, attributes });
      return { QueueUrl: queue.url };
    },
  ),

  GetQueueUrl: operation(
    { QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() },
    ({ account, region, state }, { QueueName, QueueOwnerAWSAccountId: owner = account.id }) => {
      const queue = state.queues.get(queueArn(owner, region, QueueName));
      if (queue === undefined) throw missing();
      return { QueueUrl: queue.url };
    },
  ),

  ListQueues: operation(
    {
      QueueNamePrefix: z.string().default(""),
      NextToken: z.string().optional(),
      MaxResults: integer(1, 1000).optional(),
    },
    ({ account, region, state }, { QueueNamePrefix, NextToken, MaxResults = 1000 }) => {
      const own = queueArn(account.id, region, QueueNamePrefix);
      const queues = sortBy([...state.queues.values()], ({ arn }) => arn).filter(({ arn }) => arn.startsWith(own));
      const { items, next } = page(queues, ({ arn }) => arn, { marker: NextToken, size: MaxResults });
      return { QueueUrls: items.map(({ url }) => url), NextToken: next };
    },
  ),

  GetQueueAttributes: operation({ QueueUrl, AttributeNames: z.array(z.string()).default([]) }, (call, input) => {
    const queue = requireQueue(call, input.QueueUrl);
    const all = { ...attributesOf(queue), ...countsOf(queue, call.clock.now()), QueueArn: queue.arn };
    const wanted = new Set(input.AttributeNames);
    return {
      Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has("All") || wanted.has(name))),
    };
  }),

  SetQueueAttributes: operation({ QueueUrl, Attributes: attributeMap }, (call, { QueueUrl: url, Attributes }) => {
    const queue = requireQueue(call, url);
    for (const [name, value] of Object.entries(Attributes))
      if (value === "") queue.attributes.delete(name);
      else queue.attributes.set(name, value);
    return undefined;
  }),

  SendMessage: operation(
    {
      QueueUrl,
      MessageBody: z.string().min(1),
      DelaySeconds: integer(0, 900).optional(),
      MessageGroupId: z.string().max(128).optional(),
    },
    (call, { QueueUrl: url, MessageBody: body, DelaySeconds, MessageGroupId: groupId }) => {
      const queue = requireQueue(call, url);
      if (Buffer.byteLength(body) > numberOf(queue, "MaximumMessageSize"))
        throw new AwsError(
          "InvalidParameterValue",
          "One or more parameters are invalid. Reason: Message must be shorter.",
        );
      const delay = DelaySeconds === undefined ? {} : { delaySeconds: DelaySeconds };
      const { id } = sendTo(queue, { ids: call.ids, now: call.clock.now() }, { body, groupId, ...delay });
      return { MessageId: id, MD5OfMessageBody: md5(body) };
    },
  ),

  ReceiveMessage: operation(
    {
      QueueUrl,
      MaxNumberOfMessages: integer(1, 10).default(1),
      VisibilityTimeout: integer(0, 43_200).optional(),
      WaitTimeSeconds: integer(0, 20).optional(),
      AttributeNames: z.array(z.string()).optional(),
      MessageSystemAttributeNames: z.array(z.string()).optional(),
      MessageAttributeNames: z.array(z.string()).optional(),
    },
    (call, { QueueUrl: url, MaxNumberOfMessages: most, VisibilityTimeout }) => {
      const queue = requireQueue(call, url);
      const timeout = VisibilityTimeout === undefined ? {} : { visibilityTimeout: VisibilityTimeout };
      const received = receiveFrom(call.state, queue, { ids: call.ids, now: call.clock.now() }, { most, ...timeout });
      return received.length === 0 ? {} : { Messages: received.map(messageOf) };
    },
  ),

  DeleteMessage: operation({ QueueUrl, ReceiptHandle: z.string() }, (call, { QueueUrl: url, ReceiptHandle }) => {
    deleteFrom(requireQueue(call, url), ReceiptHandle);
    return undefined;
  }),

  ChangeMessageVisibility: operation(
    { QueueUrl, ReceiptHandle: z.string(), VisibilityTimeout: integer(0, 43_200) },
    (call, { QueueUrl: url, ReceiptHandle, VisibilityTimeout }) => {
      const message = requireQueue(call, url).messages.find(({ receipt }) => receipt === ReceiptHandle);
      if (message === undefined) throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
      message.visibleAt = call.clock.now().getTime() + VisibilityTimeout * 1000;
      return undefined;
    },
  ),

  PurgeQueue: operation({ QueueUrl }, (call, input) => {
    requireQueue(call, input.QueueUrl).messages.length = 0;
    return undefined;
  }),

  DeleteQueue: operation({ QueueUrl }, (call, input) => {
    call.state.queues.delete(requireQueue(call, input.QueueUrl).arn);
    return undefined;
  }),
};

/** An operation needs its action on the queue that its input names, whose own policy has a say. */
const needs: Needs<Readonly<Record<string, unknown>>> = (call, { QueueUrl: url, QueueName }) => {
  if (typeof QueueName === "string") return [{ resource: queueArn(call.account.id, call.region, QueueName) }];
  if (url === undefined) return [{}];
  const queue = findQueue(call, url);
  if (queue === undefined) throw missing();
  return [{ resource: queue.arn, resourcePolicy: queue.attributes.get("Policy") }];
};

/** Amazon Simple Queue Service, in virtual time: receiving never waits. */
export const sqs: Service = {
  name: "sqs",
  protocol: { type: "json", target: "AmazonSQS", codesAsTheyAre: true },
  operations,
  needs,
  unrecorded: ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"],
};
