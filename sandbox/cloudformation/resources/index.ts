import type { ResourceHandler } from "../resource.ts";
import { appConfigResources } from "./appconfig.ts";
import { dynamoDbResources } from "./dynamodb.ts";
import { eventResources } from "./events.ts";
import { iamResources } from "./iam.ts";
import { lambdaResources } from "./lambda.ts";
import { organizationResources } from "./organizations.ts";
import { s3Resources } from "./s3.ts";
import { schedulerResources } from "./scheduler.ts";
import { snsResources } from "./sns.ts";
import { sqsResources } from "./sqs.ts";
import { stackSetResources } from "./stack-set.ts";
import { stateMachineResources } from "./states.ts";

/** What makes each type of resource. */
export const handlers: ReadonlyMap<string, ResourceHandler> = new Map(
  Object.entries({
    ...appConfigResources,
    ...dynamoDbResources,
    ...eventResources,
    ...iamResources,
    ...lambdaResources,
    ...organizationResources,
    ...s3Resources,
    ...schedulerResources,
    ...snsResources,
    ...sqsResources,
    ...stackSetResources,
    ...stateMachineResources,
  }),
);

/** Types that need not do anything here, each with why. */
export const withoutBehaviour: ReadonlyMap<string, string> = new Map([
  ["AWS::Logs::LogGroup", "functions tell their telemetry to whoever deploys"],
  ["AWS::Events::Archive", "nothing is replayed here"],
  ["AWS::Chatbot::SlackChannelConfiguration", "nobody reads the channel; what it is sent is what the topic is sent"],
  ["AWS::Chatbot::MicrosoftTeamsChannelConfiguration", "the same"],
  ["AWS::CloudWatch::Alarm", "nobody counts metrics here"],
  ["AWS::CloudWatch::Dashboard", "nobody looks at it"],
]);
