import * as z from "zod";
import { parsePattern } from "../../../shared/events/matcher.ts";
import { addBus, busArn, defaultBus, ruleArn } from "../../events/bus.ts";
import type { EventBus } from "../../events/state.ts";
import { handler, ignored, type Making, type ResourceHandler } from "../resource.ts";

const requireBus = ({ state, place }: Making, name: string): EventBus => {
  if (name === "default") return defaultBus(state, place.accountId, place.region);
  const arn = name.startsWith("arn:") ? name : busArn(place.accountId, place.region, name);
  const bus = state.buses.get(arn);
  if (bus === undefined) throw new Error(`there is no event bus ${arn}`);
  return bus;
};

const eventBus = handler({ Name: z.string(), Description: ignored }, ({ state, place }, { Name: name }) => {
  const { arn } = addBus(state, place.accountId, place.region, name);
  return { ref: name, attributes: { Arn: arn, Name: name } };
});

const busPolicy = handler(
  {
    EventBusName: z.string().default("default"),
    StatementId: z.string(),
    Statement: z.record(z.string(), z.unknown()),
  },
  (making, { EventBusName, StatementId, Statement }) => {
    requireBus(making, EventBusName).statements.set(StatementId, Statement);
    return { ref: making.logicalId };
  },
);

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  RetryPolicy: z.strictObject({ MaximumEventAgeInSeconds: z.number(), MaximumRetryAttempts: z.number() }).optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().regex(/^\$\.\w+$/) }).optional(),
});

const readTarget = ({
  Id: id,
  Arn: arn,
  RoleArn: roleArn,
  RetryPolicy: retry,
  DeadLetterConfig,
  SqsParameters,
}: z.output<typeof target>) => ({
  ...{ id, arn },
  ...(roleArn !== undefined && { roleArn }),
  ...(retry && {
    retryPolicy: {
      maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds,
      maximumRetryAttempts: retry.MaximumRetryAttempts,
    },
  }),
  ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
  ...(SqsParameters && { messageGroupPath: SqsParameters.MessageGroupId }),
});

const rule = handler(
  {
    Name: z.string().optional(),
    EventBusName: z.string().default("default"),
    EventPattern: z.record(z.string(), z.unknown()),
    State: z.enum(["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "DISABLED"]).default("ENABLED"),
    Targets: z.array(target).max(5).default([]),
    Description: ignored,
  },
  (making, { Name: name = making.newName(), EventBusName, EventPattern, State: state, Targets }) => {
    const bus = requireBus(making, EventBusName);
    if (bus.rules.has(name)) throw new Error(`there is a rule ${name} on ${bus.arn} already`);
    const arn = ruleArn(making.place.accountId, making.place.region, bus.name, name);
    const pattern = parsePattern(JSON.stringify(EventPattern));
    const targets = new Map(Targets.map((one) => [one.Id, readTarget(one)]));
    bus.rules.set(name, { arn, name, busArn: bus.arn, pattern, state, targets });
    return { ref: arn, attributes: { Arn: arn } };
  },
);

export const eventResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Events::EventBus": eventBus,
  "AWS::Events::EventBusPolicy": busPolicy,
  "AWS::Events::Rule": rule,
};
