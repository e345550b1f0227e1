import { CfnParameter, Fn, type Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Where the hub is, as an account's template is told by its parameters. */
export interface HubReference {
  readonly organizationId: string;
  readonly eventBusArn: string;
  /** By the bus. */
  readonly hubAccountId: string;
}

/** The parameters' names, for whoever passes them on. */
export const hubParameters = { organizationId: "OrganizationId", eventBusArn: "EventBusArn" } as const;

export const hubReference = (stack: Stack): HubReference => {
  const eventBusArn = new CfnParameter(stack, hubParameters.eventBusArn, {
    description: "The hub's event bus, as the hub's stack puts it out",
    allowedPattern: "^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[\\w.-]+$",
  }).valueAsString;
  return {
    organizationId: organizationIdParameter(stack),
    eventBusArn,
    hubAccountId: Fn.select(4, Fn.split(":", eventBusArn)),
  };
};

export const organizationIdParameter = (scope: Construct): string =>
  new CfnParameter(scope, hubParameters.organizationId, {
    description: "The organization whose accounts may send events and are audited, e.g. o-a1b2c3d4e5",
    allowedPattern: "^o-[a-z0-9]{10,32}$",
  }).valueAsString;
