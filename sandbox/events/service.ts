import * as z from "zod";
import {
  AwsError,
  type Call,
  integer,
  type Needs,
  type Operation,
  operation,
  page,
  type Service,
} from "../protocol/service.ts";
import { busArn, ruleArn } from "./bus.ts";
import type { Rule } from "./state.ts";

const names = { Name: z.string().min(1), EventBusName: z.string().default("default") };

/** A bus may be named by its ARN. */
const busNameOf = (text: string): string => text.slice(text.lastIndexOf("/") + 1);

/** @throws AwsError `ResourceNotFoundException` */
const findRule = ({ state, account, region }: Call, name: string, bus: string): Rule => {
  const rule = state.buses.get(busArn(account.id, region, busNameOf(bus)))?.rules.get(name);
  if (rule === undefined)
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busNameOf(bus)}.`);
  return rule;
};

const operations: Readonly<Record<string, Operation>> = {
  DescribeRule: operation({ Name: names.Name, EventBusName: names.EventBusName }, (call, { Name, EventBusName }) => {
    const { arn, name, pattern, state } = findRule(call, Name, EventBusName);
    return {
      ...{ Arn: arn, Name: name, EventBusName: busNameOf(EventBusName), CreatedBy: call.account.id },
      ...{ EventPattern: JSON.stringify(pattern), State: state },
    };
  }),

  ListTargetsByRule: operation(
    {
      Rule: names.Name,
      EventBusName: names.EventBusName,
      NextToken: z.string().optional(),
      Limit: integer(1, 100).optional(),
    },
    (call, { Rule: name, EventBusName, NextToken, Limit = 100 }) => {
      const targets = [...findRule(call, name, EventBusName).targets.values()];
      const { items, next } = page(targets, ({ id }) => id, { marker: NextToken, size: Limit });
      return {
        Targets: items.map(({ id, arn, roleArn }) => ({ Id: id, Arn: arn, RoleArn: roleArn })),
        NextToken: next,
      };
    },
  ),
};

/** An operation needs its action on the rule that its input names. */
const needs: Needs<Readonly<Record<string, unknown>>> = ({ account, region }, { Name, Rule: rule, EventBusName }) => [
  ruleArn(account.id, region, busNameOf(String(EventBusName ?? "default")), String(Name ?? rule)),
];

/** Amazon EventBridge, as far as rules are looked at. */
export const events: Service = {
  name: "events",
  protocol: { type: "json", target: "AWSEvents", codesAsTheyAre: true },
  operations,
  needs,
};
