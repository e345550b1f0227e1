import * as z from "zod";
import { AwsError, type Call, type Operation, operation } from "../protocol/service.ts";
import { passesFilter } from "./filter.ts";
import type { MessageAttribute, SnsDelivery, Subscription, Topic } from "./state.ts";
import { invalidParameter, largestMessage, requireTopic } from "./topics.ts";

interface Message {
  readonly id: string;
  readonly at: Date;
  readonly subject?: string;
  /** The text for a protocol. */
  textFor(protocol: string): string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

const attributeMap = z
  .preprocess(
    (value) => (value === "" ? {} : value),
    z.record(
      z.string(),
      z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
    ),
  )
  .optional();

const invalidAttribute = (message: string): never => {
  throw new AwsError("ParameterValueInvalid", message);
};

const isArray = (text: string): boolean => {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
};

const readAttributes = (raw: z.output<typeof attributeMap>): Record<string, MessageAttribute> =>
  Object.fromEntries(
    Object.entries(raw ?? {}).map(([name, { DataType: type, StringValue, BinaryValue }]) => {
      const named = `The message attribute '${name}'`;
      if (!/^[\w.-]{1,256}$/.test(name) || /^(aws|amazon)\.|^\.|\.$|\.\./i.test(name)) {
        invalidAttribute(`Invalid attribute name: ${name}`);
      }
      if (!/^(String|Number|Binary)(\..+)?$/.test(type)) {
        invalidAttribute(
          `${named} has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
        );
      }
      const value = type.startsWith("Binary") ? BinaryValue : StringValue;
      if (value === undefined || value === "") {
        return invalidAttribute(
          `${named} must contain non-empty message attribute value for message attribute type '${type}'.`,
        );
      }
      if (type.startsWith("Number") && !Number.isFinite(Number(value))) {
        invalidAttribute(`Could not cast message attribute '${name}' value to number.`);
      }
      if (type === "String.Array" && !isArray(value)) invalidAttribute(`${named} must be a JSON list.`);
      return [name, { type, value }];
    }),
  );

/**
 * Fewer than 100 characters, none of them a line break or another control character, the first one visible ASCII. (Newer
 * documentation allows any UTF-8 at the start; the sandbox holds senders to the older, stricter rule.)
 */
const subjectPattern = /^[!-~]\P{Cc}{0,98}$/u;

const perProtocol = (message: string): Readonly<Record<string, unknown>> => {
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    return invalidParameter("Message Structure - JSON message body failed to parse");
  }
  if (typeof texts !== "object" || texts === null || Array.isArray(texts)) {
    return invalidParameter("Message Structure - JSON message body failed to parse");
  }
  return texts as Readonly<Record<string, unknown>>;
};

/** How the text for each protocol is found: a protocol's own, if it is a string, else the default. */
const textsOf = (message: string, structure: string | undefined): ((protocol: string) => string) => {
  if (structure === undefined) return () => message;
  if (structure !== "json") invalidParameter(`Invalid message structure: ${structure}`);
  const texts = perProtocol(message);
  const fallback = texts.default;
  if (typeof fallback !== "string") {
    return invalidParameter("Message Structure - No default entry in JSON message body");
  }
  return (protocol) => {
    const own = Object.hasOwn(texts, protocol) ? texts[protocol] : undefined;
    return typeof own === "string" ? own : fallback;
  };
};

/** What SNS puts around a message. The signature is none: nothing in the sandbox could check it. */
const envelopeOf = (topic: Topic, { arn }: Subscription, { id, at, subject, attributes }: Message, text: string) => ({
  Type: "Notification",
  MessageId: id,
  TopicArn: topic.arn,
  ...(subject !== undefined && { Subject: subject }),
  Message: text,
  Timestamp: at.toISOString(),
  SignatureVersion: "1",
  Signature: "unsigned",
  SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
  UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
  ...(Object.keys(attributes).length > 0 && {
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]),
    ),
  }),
});

const bodyOf = (topic: Topic, subscription: Subscription, message: Message, text: string): string => {
  const envelope = envelopeOf(topic, subscription, message, text);
  switch (subscription.protocol) {
    case "email":
      return `${text}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n${envelope.UnsubscribeURL}\n`;
    case "sms":
      return text;
    case "lambda":
      return JSON.stringify({
        Records: [
          { EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: subscription.arn, Sns: envelope },
        ],
      });
    default:
      return subscription.attributes.get("RawMessageDelivery") === "true" ? text : JSON.stringify(envelope);
  }
};

const deliver = (topic: Topic, subscription: Subscription, message: Message): SnsDelivery => {
  const text = message.textFor(subscription.protocol);
  return {
    messageId: message.id,
    topicArn: topic.arn,
    subscriptionArn: subscription.arn,
    protocol: subscription.protocol,
    endpoint: subscription.endpoint,
    at: message.at,
    ...(message.subject !== undefined && { subject: message.subject }),
    message: text,
    body: bodyOf(topic, subscription, message, text),
    attributes: message.attributes,
  };
};

const bytes = (text: string): number => Buffer.byteLength(text);

const publish = (
  call: Call,
  topic: Topic,
  input: { Message: string; Subject?: string | undefined; MessageStructure?: string | undefined },
  attributes: Record<string, MessageAttribute>,
): Message => {
  const { Message: body, Subject, MessageStructure } = input;
  if (body === "") invalidParameter("Empty message");
  if (Subject !== undefined && !subjectPattern.test(Subject)) invalidParameter("Subject");
  const attributeBytes = Object.entries(attributes).map(([name, { type, value }]) => bytes(name + type + value));
  if (attributeBytes.reduce((sum, size) => sum + size, bytes(body)) > largestMessage(topic)) {
    invalidParameter("Message too long");
  }
  const textFor = textsOf(body, MessageStructure);
  return {
    id: call.ids.uuid(),
    at: call.clock.now(),
    ...(Subject !== undefined && { subject: Subject }),
    textFor,
    attributes,
  };
};

export const publishOperations: Readonly<Record<string, Operation>> = {
  Publish: operation(
    {
      TopicArn: z.string().optional(),
      TargetArn: z.string().optional(),
      Message: z.string(),
      Subject: z.string().optional(),
      MessageStructure: z.string().optional(),
      MessageAttributes: attributeMap,
    },
    (call, { TopicArn, TargetArn, MessageAttributes, ...input }) => {
      const arn =
        TopicArn ?? TargetArn ?? invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
      const topic = requireTopic(call, arn);
      const message = publish(call, topic, input, readAttributes(MessageAttributes));
      for (const subscription of topic.subscriptions.values()) {
        if (subscription.pendingToken !== undefined) continue;
        if (!passesFilter(subscription, message.textFor(subscription.protocol), message.attributes)) continue;
        call.state.deliveries.push(deliver(topic, subscription, message));
      }
      return { MessageId: message.id };
    },
  ),
};
