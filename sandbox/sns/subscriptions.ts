import * as z from "zod";
import { AwsError, boolean, type Call, type Operation, type Output, operation, page } from "../protocol/service.ts";
import type { Ids } from "../random.ts";
import { checkFilterPolicy } from "./filter.ts";
import type { Subscription, Topic } from "./state.ts";
import { findSubscription, invalidParameter, notFound, requireTopic, stringMap, topicsOf } from "./topics.ts";

/** What an endpoint looks like, by protocol. */
const endpoints: Readonly<Record<string, RegExp>> = {
  http: /^http:\/\/\S+$/,
  https: /^https:\/\/\S+$/,
  email: /^[^\s@]+@[^\s@]+$/,
  "email-json": /^[^\s@]+@[^\s@]+$/,
  sms: /^\+?[0-9-]{5,20}$/,
  sqs: /^arn:aws:sqs:/,
  lambda: /^arn:aws:lambda:/,
  firehose: /^arn:aws:firehose:/,
  application: /^arn:aws:sns:/,
};

/** Where AWS's chat service (which confirms at once) listens. */
const chatEndpoint = "https://global.sns-api.chatbot.amazonaws.com";

const needsConfirmation = (protocol: string, endpoint: string): boolean =>
  /^(https?|email(-json)?)$/.test(protocol) && endpoint !== chatEndpoint;

const checkAttribute = (name: string, value: string, scope: string): void => {
  switch (name) {
    case "FilterPolicy":
      checkFilterPolicy(value, scope);
      return;
    case "FilterPolicyScope":
      if (value !== "MessageAttributes" && value !== "MessageBody") {
        invalidParameter(`FilterPolicyScope: Invalid value [${value}]`);
      }
      return;
    case "RawMessageDelivery":
      if (value !== "true" && value !== "false") invalidParameter("RawMessageDelivery: must be true or false");
      return;
    case "RedrivePolicy":
    case "DeliveryPolicy":
    case "SubscriptionRoleArn":
      return;
    default:
      invalidParameter(`AttributeName: ${name}`);
  }
};

/** Adds a confirmed subscription to the state, or with `pendingToken` one that waits for it. */
export const addSubscription = (
  topic: Topic,
  ids: Ids,
  init: Omit<Subscription, "arn" | "attributes"> & { readonly attributes?: Readonly<Record<string, string>> },
): Subscription => {
  const { attributes = {}, ...rest } = init;
  const subscription: Subscription = {
    ...rest,
    arn: `${topic.arn}:${ids.uuid()}`,
    attributes: new Map(Object.entries(attributes)),
  };
  topic.subscriptions.set(subscription.arn, subscription);
  return subscription;
};

const shownArn = ({ arn, pendingToken }: Subscription): string =>
  pendingToken === undefined ? arn : "PendingConfirmation";

const describe = (topic: Topic, subscription: Subscription): Output => ({
  SubscriptionArn: shownArn(subscription),
  Owner: subscription.ownerId,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: topic.arn,
});

const requireSubscription = ({ state, account }: Call, arn: string) => {
  if (arn.split(":").length < 6) {
    invalidParameter(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${arn.split(":").length}`);
  }
  const found = findSubscription(state, arn) ?? notFound("Subscription");
  if (found.subscription.ownerId !== account.id) throw new AwsError("AuthorizationError", "Not authorized", 403);
  return found;
};

const listSize = 100;

const listOf = (topics: readonly Topic[], marker: string | undefined): Output => {
  const all = topics.flatMap((topic) =>
    [...topic.subscriptions.values()].map((subscription) => ({ topic, subscription })),
  );
  const sorted = all.sort((a, b) => (a.subscription.arn < b.subscription.arn ? -1 : 1));
  const { items, next } = page(sorted, ({ subscription }) => subscription.arn, { marker, size: listSize });
  return { Subscriptions: items.map(({ topic, subscription }) => describe(topic, subscription)), NextToken: next };
};

export const subscriptionOperations: Readonly<Record<string, Operation>> = {
  /** The token that confirms a pending subscription is in the state: nothing is sent to the endpoint. */
  Subscribe: operation(
    {
      TopicArn: z.string(),
      Protocol: z.string(),
      Endpoint: z.string().default(""),
      Attributes: stringMap.optional(),
      ReturnSubscriptionArn: boolean.default(false),
    },
    (call, { TopicArn, Protocol, Endpoint, Attributes = {}, ReturnSubscriptionArn }) => {
      const topic = requireTopic(call, TopicArn);
      const shape = Object.hasOwn(endpoints, Protocol) ? endpoints[Protocol] : undefined;
      if (shape === undefined) return invalidParameter(`Invalid protocol type: ${Protocol}`);
      if (!shape.test(Endpoint)) return invalidParameter(`Invalid ${Protocol} endpoint: ${Endpoint}`);
      const scope = Attributes.FilterPolicyScope ?? "MessageAttributes";
      for (const [name, value] of Object.entries(Attributes)) checkAttribute(name, value, scope);
      const existing = [...topic.subscriptions.values()].find(
        ({ protocol, endpoint }) => protocol === Protocol && endpoint === Endpoint,
      );
      if (existing && Object.entries(Attributes).some(([name, value]) => existing.attributes.get(name) !== value)) {
        invalidParameter("Attributes Reason: Subscription already exists with different attributes");
      }
      const subscription =
        existing ??
        addSubscription(topic, call.ids, {
          ownerId: call.account.id,
          protocol: Protocol,
          endpoint: Endpoint,
          attributes: Attributes,
          ...(needsConfirmation(Protocol, Endpoint) && { pendingToken: call.ids.secret() }),
        });
      const hidden = subscription.pendingToken !== undefined && !ReturnSubscriptionArn;
      return { SubscriptionArn: hidden ? "pending confirmation" : subscription.arn };
    },
  ),

  ConfirmSubscription: operation({ TopicArn: z.string(), Token: z.string() }, (call, { TopicArn, Token }) => {
    const topic = requireTopic(call, TopicArn);
    const subscription = [...topic.subscriptions.values()].find(({ pendingToken }) => pendingToken === Token);
    if (subscription === undefined) return invalidParameter("Token");
    delete subscription.pendingToken;
    return { SubscriptionArn: subscription.arn };
  }),

  /** Succeeds where there is none. */
  Unsubscribe: operation({ SubscriptionArn: z.string() }, (call, { SubscriptionArn }) => {
    if (SubscriptionArn.split(":").length < 6) invalidParameter("SubscriptionArn");
    if (findSubscription(call.state, SubscriptionArn) === undefined) return undefined;
    const { topic, subscription } = requireSubscription(call, SubscriptionArn);
    topic.subscriptions.delete(subscription.arn);
    return undefined;
  }),

  ListSubscriptions: operation({ NextToken: z.string().optional() }, (call, { NextToken }) =>
    listOf(topicsOf(call), NextToken),
  ),

  ListSubscriptionsByTopic: operation(
    { TopicArn: z.string(), NextToken: z.string().optional() },
    (call, { TopicArn, NextToken }) => listOf([requireTopic(call, TopicArn)], NextToken),
  ),

  GetSubscriptionAttributes: operation({ SubscriptionArn: z.string() }, (call, { SubscriptionArn }) => {
    const { topic, subscription } = requireSubscription(call, SubscriptionArn);
    const filtered = subscription.attributes.has("FilterPolicy");
    const defaults = {
      SubscriptionArn: subscription.arn,
      TopicArn: topic.arn,
      Owner: subscription.ownerId,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      PendingConfirmation: String(subscription.pendingToken !== undefined),
      ConfirmationWasAuthenticated: "false",
      RawMessageDelivery: "false",
      ...(filtered && { FilterPolicyScope: "MessageAttributes" }),
    };
    return { Attributes: new Map([...Object.entries(defaults), ...subscription.attributes]) };
  }),

  SetSubscriptionAttributes: operation(
    { SubscriptionArn: z.string(), AttributeName: z.string(), AttributeValue: z.string().default("") },
    (call, { SubscriptionArn, AttributeName, AttributeValue }) => {
      const { subscription } = requireSubscription(call, SubscriptionArn);
      const { attributes } = subscription;
      checkAttribute(AttributeName, AttributeValue, attributes.get("FilterPolicyScope") ?? "MessageAttributes");
      if (AttributeName === "FilterPolicyScope")
        checkFilterPolicy(attributes.get("FilterPolicy") ?? "", AttributeValue);
      if (AttributeName === "FilterPolicy" && AttributeValue === "") attributes.delete(AttributeName);
      else attributes.set(AttributeName, AttributeValue);
      return undefined;
    },
  ),
};
