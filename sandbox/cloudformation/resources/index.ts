import type { ResourceHandler } from "../resource.ts";
import { dynamoDbResources } from "./dynamodb.ts";
import { eventResources } from "./events.ts";
import { iamResources } from "./iam.ts";
import { lambdaResources } from "./lambda.ts";
import { organizationResources } from "./organizations.ts";
import { schedulerResources } from "./scheduler.ts";
import { snsResources } from "./sns.ts";
import { sqsResources } from "./sqs.ts";
import { stackSetResources } from "./stack-set.ts";
import { stateMachineResources } from "./states.ts";

/** What makes each type of resource. */
export const handlers: ReadonlyMap<string, ResourceHandler> = new Map(
  Object.entries({
    ...dynamoDbResources,
    ...eventResources,
    ...iamResources,
    ...lambdaResources,
    ...organizationResources,
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
  ["AWS::CloudWatch::Alarm", "nobody counts metrics here"],
  ["AWS::CloudWatch::Dashboard", "nobody looks at it"],
]);
