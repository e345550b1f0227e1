import * as z from "zod";
import { AwsError, type Call, type Operation, operation, page, sortBy, tagList } from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import type { Subscription, Topic } from "./state.ts";

/** A map of strings, as the Query protocol carries it; an empty one comes as `""`. */
export const stringMap = z.preprocess(
  (value) => (value === "" ? {} : value),
  z.record(z.string(), z.string()),
) as z.ZodType<Record<string, string>>;

/** @throws AwsError `InvalidParameter`, worded as SNS does */
export const invalidParameter = (what: string): never => {
  throw new AwsError("InvalidParameter", `Invalid parameter: ${what}`);
};

export const notFound = (what: "Topic" | "Subscription"): never => {
  throw new AwsError("NotFound", `${what} does not exist`, 404);
};

/** @throws AwsError `InvalidParameter` for what is no ARN of SNS in the call's Region */
export const checkTopicArn = ({ region }: Call, arn: string, parameter = "TopicArn"): void => {
  const parts = arn.split(":");
  if (parts.length < 6)
    invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  if (parts[2] !== "sns" || parts[3] !== region) invalidParameter(parameter);
};

/** @throws AwsError `NotFound` or `InvalidParameter` */
export const requireTopic = (call: Call, arn: string): Topic => {
  checkTopicArn(call, arn);
  return call.state.topics.get(arn) ?? notFound("Topic");
};

/** The account's topics in the call's Region, by ARN. */
export const topicsOf = ({ state, account, region }: Call): readonly Topic[] =>
  sortBy(
    [...state.topics.values()].filter(({ arn }) => arn.startsWith(`arn:aws:sns:${region}:${account.id}:`)),
    ({ arn }) => arn,
  );

/** A subscription and its topic. A pending one has no ARN that anybody knows. */
export const findSubscription = (
  state: SandboxState,
  arn: string,
): { topic: Topic; subscription: Subscription } | undefined => {
  for (const topic of state.topics.values()) {
    const subscription = topic.subscriptions.get(arn);
    if (subscription !== undefined) return { topic, subscription };
  }
  return undefined;
};

/** Adds a topic to the state, or finds the one of that name. */
export const addTopic = (state: SandboxState, accountId: string, region: string, name: string): Topic => {
  const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
  const topic = state.topics.get(arn) ?? {
    arn,
    name,
    attributes: new Map<string, string>(),
    tags: new Map<string, string>(),
    subscriptions: new Map<string, Subscription>(),
  };
  state.topics.set(arn, topic);
  return topic;
};

/** In bytes: the default and the largest that a topic may ask for. */
const messageSize = { default: 262_144, smallest: 1024, largest: 1_048_576 };

/** How large a message of the topic may be, in bytes. */
export const largestMessage = (topic: Topic): number =>
  Number(topic.attributes.get("MaximumMessageSize") ?? messageSize.default);

const checkAttribute = (name: string, value: string): void => {
  switch (name) {
    case "DisplayName":
      if (value.length > 100) invalidParameter("DisplayName");
      return;
    case "Policy":
    case "DeliveryPolicy":
      try {
        JSON.parse(value);
      } catch {
        invalidParameter(`${name}: not JSON`);
      }
      return;
    case "MaximumMessageSize": {
      const size = Number(value);
      if (!Number.isInteger(size) || size < messageSize.smallest || size > messageSize.largest) invalidParameter(name);
      return;
    }
    case "KmsMasterKeyId":
    case "SignatureVersion":
    case "TracingConfig":
      return;
    default:
      invalidParameter(`AttributeName: ${name}`);
  }
};

const listSize = 100;
const topicArn = z.string();

export const topicOperations: Readonly<Record<string, Operation>> = {
  CreateTopic: operation(
    { Name: z.string(), Attributes: stringMap.optional(), Tags: tagList.optional() },
    (call, { Name, Attributes = {}, Tags = [] }) => {
      if (!/^[\w-]{1,256}$/.test(Name)) invalidParameter("Topic Name");
      for (const [name, value] of Object.entries(Attributes)) checkAttribute(name, value);
      const existing = call.state.topics.get(`arn:aws:sns:${call.region}:${call.account.id}:${Name}`);
      if (existing && Object.entries(Attributes).some(([name, value]) => existing.attributes.get(name) !== value)) {
        invalidParameter("Attributes Reason: Topic already exists with different attributes");
      }
      const topic = existing ?? addTopic(call.state, call.account.id, call.region, Name);
      if (!existing) {
        for (const [name, value] of Object.entries(Attributes)) topic.attributes.set(name, value);
        for (const { Key, Value } of Tags) topic.tags.set(Key, Value);
      }
      return { TopicArn: topic.arn };
    },
  ),

  /** Deletes its subscriptions with it; succeeds where there is none. */
  DeleteTopic: operation({ TopicArn: topicArn }, (call, { TopicArn }) => {
    checkTopicArn(call, TopicArn);
    call.state.topics.delete(TopicArn);
    return undefined;
  }),

  ListTopics: operation({ NextToken: z.string().optional() }, (call, { NextToken }) => {
    const { items, next } = page(topicsOf(call), ({ arn }) => arn, { marker: NextToken, size: listSize });
    return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: next };
  }),

  GetTopicAttributes: operation({ TopicArn: topicArn }, (call, { TopicArn }) => {
    const topic = requireTopic(call, TopicArn);
    const subscriptions = [...topic.subscriptions.values()];
    const pending = subscriptions.filter(({ pendingToken }) => pendingToken !== undefined).length;
    const defaults = {
      TopicArn: topic.arn,
      Owner: call.account.id,
      DisplayName: "",
      Policy: JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [] }),
      SubscriptionsConfirmed: String(subscriptions.length - pending),
      SubscriptionsPending: String(pending),
      SubscriptionsDeleted: "0",
    };
    return { Attributes: new Map([...Object.entries(defaults), ...topic.attributes]) };
  }),

  SetTopicAttributes: operation(
    { TopicArn: topicArn, AttributeName: z.string(), AttributeValue: z.string().default("") },
    (call, { TopicArn, AttributeName, AttributeValue }) => {
      const topic = requireTopic(call, TopicArn);
      checkAttribute(AttributeName, AttributeValue);
      topic.attributes.set(AttributeName, AttributeValue);
      return undefined;
    },
  ),
};
