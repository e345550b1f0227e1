import * as z from "zod";
import { checkFilterPolicy } from "../../sns/filter.ts";
import { addSubscription } from "../../sns/subscriptions.ts";
import { addTopic } from "../../sns/topics.ts";
import { handler, ignored, policyDocument, type ResourceHandler } from "../resource.ts";

const topic = handler(
  {
    TopicName: z.string().optional(),
    DisplayName: z.string().optional(),
    KmsMasterKeyId: z.string().optional(),
    Tags: ignored,
  },
  (making, { TopicName: name = making.newName(), Tags: _, ...attributes }) => {
    const { accountId, region } = making.place;
    const made = addTopic(making.state, accountId, region, name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.attributes.set(key, value);
    return { ref: made.arn, attributes: { TopicArn: made.arn, TopicName: name } };
  },
);

const topicPolicy = handler(
  { PolicyDocument: policyDocument, Topics: z.array(z.string()).min(1) },
  ({ state, logicalId }, { PolicyDocument, Topics }) => {
    for (const arn of Topics) {
      const found = state.topics.get(arn);
      if (found === undefined) throw new Error(`there is no topic ${arn}`);
      found.attributes.set("Policy", PolicyDocument);
    }
    return { ref: logicalId };
  },
);

/** Confirmed, as if whoever is subscribed had clicked the link at once: nobody in the sandbox could. */
const subscription = handler(
  {
    TopicArn: z.string(),
    Protocol: z.string(),
    Endpoint: z.string(),
    FilterPolicy: z.record(z.string(), z.unknown()).optional(),
    FilterPolicyScope: z.enum(["MessageAttributes", "MessageBody"]).default("MessageAttributes"),
    RawMessageDelivery: z.boolean().optional(),
  },
  ({ state, ids, place }, { TopicArn, Protocol, Endpoint, FilterPolicy, FilterPolicyScope, RawMessageDelivery }) => {
    const found = state.topics.get(TopicArn);
    if (found === undefined) throw new Error(`there is no topic ${TopicArn}`);
    const policy = FilterPolicy && JSON.stringify(FilterPolicy);
    if (policy !== undefined) checkFilterPolicy(policy, FilterPolicyScope);
    const { arn } = addSubscription(found, ids, {
      ...{ ownerId: place.accountId, protocol: Protocol, endpoint: Endpoint },
      attributes: {
        ...(policy !== undefined && { FilterPolicy: policy, FilterPolicyScope }),
        ...(RawMessageDelivery && { RawMessageDelivery: "true" }),
      },
    });
    return { ref: arn, attributes: { Arn: arn } };
  },
);

export const snsResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SNS::Subscription": subscription,
};
