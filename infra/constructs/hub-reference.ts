import { CfnParameter, Fn, type Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { partitionOf } from "../../shared/aws/arn.ts";
import type { DeploymentSettings } from "../../shared/settings/settings.ts";
import { busName } from "../names.ts";

/** Where the hub is, as an account's template is told by its parameters. */
export interface HubReference {
  readonly organizationId: string;
  readonly eventBusArn: string;
  /** By the bus. */
  readonly hubAccountId: string;
}

/** The parameters' names, for whoever passes them on. */
export const hubParameters = { organizationId: "OrganizationId", eventBusArn: "EventBusArn" } as const;

/** A parameter's default, where the settings give one; without one it has to be given when the stack is made. */
export const defaultTo = (value: string | undefined): { readonly default?: string } =>
  value === undefined ? {} : { default: value };

export const hubReference = (stack: Stack, deployment: DeploymentSettings): HubReference => {
  const eventBusArn = new CfnParameter(stack, hubParameters.eventBusArn, {
    description: "The hub's event bus, as the hub's stack puts it out",
    allowedPattern: "^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[\\w.-]+$",
    ...defaultTo(eventBusArnOf(deployment)),
  }).valueAsString;
  return {
    organizationId: organizationIdParameter(stack, deployment),
    eventBusArn,
    hubAccountId: Fn.select(4, Fn.split(":", eventBusArn)),
  };
};

/** The bus has a name of its own, so that its ARN is known before the hub is deployed. */
const eventBusArnOf = ({ hubAccountId, hubRegion }: DeploymentSettings): string | undefined =>
  hubAccountId === undefined || hubRegion === undefined
    ? undefined
    : `arn:${partitionOf(hubRegion)}:events:${hubRegion}:${hubAccountId}:event-bus/${busName}`;

export const organizationIdParameter = (scope: Construct, { organizationId }: DeploymentSettings): string =>
  new CfnParameter(scope, hubParameters.organizationId, {
    description: "The organization whose accounts may send events and are audited, e.g. o-a1b2c3d4e5",
    allowedPattern: "^o-[a-z0-9]{10,32}$",
    ...defaultTo(organizationId),
  }).valueAsString;
