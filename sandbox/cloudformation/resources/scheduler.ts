import * as z from "zod";
import { parseExpression } from "../../scheduler/expression.ts";
import { handler, ignored, type ResourceHandler } from "../resource.ts";

const window = z.discriminatedUnion("Mode", [
  z.strictObject({ Mode: z.literal("OFF") }),
  z.strictObject({ Mode: z.literal("FLEXIBLE"), MaximumWindowInMinutes: z.number().int().min(1).max(1440) }),
]);
const target = z.strictObject({
  Arn: z.string(),
  RoleArn: z.string(),
  Input: z.string().optional(),
  RetryPolicy: z
    .strictObject({
      MaximumEventAgeInSeconds: z.number().default(86_400),
      MaximumRetryAttempts: z.number().default(185),
    })
    .default({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 }),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});

const schedule = handler(
  {
    Name: z.string().optional(),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.enum(["UTC", "Etc/UTC"]).default("UTC"),
    FlexibleTimeWindow: window,
    State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
    Target: target,
    Description: ignored,
  },
  (making, { Name: name = making.newName().slice(0, 64), FlexibleTimeWindow, ...properties }) => {
    const { state, place, now } = making;
    const { ScheduleExpression: expression, Target } = properties;
    parseExpression(expression);
    const arn = `arn:aws:scheduler:${place.region}:${place.accountId}:schedule/default/${name}`;
    state.schedules.set(arn, {
      ...{ arn, name, expression, createdAt: now, state: properties.State },
      windowMinutes: FlexibleTimeWindow.Mode === "FLEXIBLE" ? FlexibleTimeWindow.MaximumWindowInMinutes : 0,
      target: {
        ...{ arn: Target.Arn, roleArn: Target.RoleArn },
        ...(Target.Input !== undefined && { input: Target.Input }),
        maximumRetryAttempts: Target.RetryPolicy.MaximumRetryAttempts,
        maximumEventAgeSeconds: Target.RetryPolicy.MaximumEventAgeInSeconds,
        ...(Target.DeadLetterConfig && { deadLetterArn: Target.DeadLetterConfig.Arn }),
      },
    });
    return { ref: name, attributes: { Arn: arn } };
  },
);

export const schedulerResources: Readonly<Record<string, ResourceHandler>> = { "AWS::Scheduler::Schedule": schedule };
