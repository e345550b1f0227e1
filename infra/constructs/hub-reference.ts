import { CfnParameter, Fn, type Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { partitionOf } from "../../shared/aws/arn.ts";
import type { DeploymentSettings } from "../../shared/settings/settings.ts";
import { busName } from "../names.ts";

/** Where the hub is, as an account's template is told. */
export interface HubReference {
  readonly organizationId: string;
  readonly eventBusArn: string;
  /** By the bus. */
  readonly hubAccountId: string;
}

/** What of it the settings may say. */
export type HubPlace = Pick<DeploymentSettings, "hubAccountId" | "hubRegion" | "organizationId">;

/** The parameters' names, for whoever passes them on. */
export const hubParameters = { organizationId: "OrganizationId", eventBusArn: "EventBusArn" } as const;

/**
 * The hub by what the settings say, else by parameters.
 *
 * What the settings say is no parameter's default: CDK and CloudFormation keep a parameter's earlier value at each later
 * deployment, and a default that has changed would not be taken up.
 */
export const hubReference = (stack: Stack, deployment: HubPlace = {}): HubReference => {
  const eventBusArn =
    eventBusArnOf(deployment) ??
    new CfnParameter(stack, hubParameters.eventBusArn, {
      description: "The hub's event bus, as the hub's stack puts it out",
      allowedPattern: "^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[\\w.-]+$",
    }).valueAsString;
  return {
    organizationId: organizationIdOf(stack, deployment),
    eventBusArn,
    hubAccountId: deployment.hubAccountId ?? Fn.select(4, Fn.split(":", eventBusArn)),
  };
};

/** The bus has a name of its own, so that its ARN is known before the hub is deployed. */
const eventBusArnOf = ({ hubAccountId, hubRegion }: HubPlace): string | undefined =>
  hubAccountId === undefined || hubRegion === undefined
    ? undefined
    : `arn:${partitionOf(hubRegion)}:events:${hubRegion}:${hubAccountId}:event-bus/${busName}`;

/** Of the settings, or a parameter. */
export const organizationIdOf = (scope: Construct, { organizationId }: HubPlace): string =>
  organizationId ??
  new CfnParameter(scope, hubParameters.organizationId, {
    description: "The organization whose accounts may send events and are audited, e.g. o-a1b2c3d4e5",
    allowedPattern: "^o-[a-z0-9]{10,32}$",
  }).valueAsString;
