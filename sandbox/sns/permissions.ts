import type { Needs } from "../protocol/service.ts";
import { checkTopicArn } from "./topics.ts";

/**
 * What an operation of SNS asks its caller's policies for: its action, on the topic that its input names, whose own policy has
 * a say. SNS knows no subscriptions as resources.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */
export const topicNeeds: Needs<Readonly<Record<string, unknown>>> = (call, input) => {
  const { Name, TargetArn, TopicArn = TargetArn } = input;
  const action = `SNS:${call.operation}`;
  if (typeof Name === "string") return [{ action, resource: `arn:aws:sns:${call.region}:${call.account.id}:${Name}` }];
  if (typeof TopicArn !== "string") return [{ action }];
  checkTopicArn(call, TopicArn);
  const topic = call.state.topics.get(TopicArn);
  return [{ action, resource: TopicArn, resourcePolicy: topic?.attributes.get("Policy"), tags: topic?.tags }];
};
