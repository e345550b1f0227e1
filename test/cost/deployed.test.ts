import { expect, test } from "vitest";
import * as z from "zod";
import { deployed } from "../../cli/cost/deployed.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { everythingRepairs, resourcesOf, settingsFileOf, templateOf } from "../infra/templates.ts";

const template = templateOf((app) => new HubStack(app, "hub"));
const repairing = templateOf((app) => new HubStack(app, "hub", { settingsFile: settingsFileOf(everythingRepairs) }));

test("the functions have the memory that costs are reckoned with", () => {
  const roles = new Map(
    resourcesOf(template, "AWS::IAM::Role").map(([id, { Properties }]) => [id, String(Properties.RoleName)]),
  );
  const memory = resourcesOf(template, "AWS::Lambda::Function").map(([, { Properties }]) => {
    const { Role, MemorySize } = z
      .object({ Role: z.object({ "Fn::GetAtt": z.array(z.string()) }), MemorySize: z.number() })
      .parse(Properties);
    return [roles.get(Role["Fn::GetAtt"][0] ?? "")?.replace(/^iam-warden-hub-/, ""), MemorySize];
  });
  expect(Object.fromEntries(memory)).toEqual(deployed.memory);
});

test("there are as many alarms, dashboards and polled queues, and with repairs nine alarms and a queue more, with owners three alarms", () => {
  const count = (of: typeof template) => ({
    alarms: resourcesOf(of, "AWS::CloudWatch::Alarm").length,
    dashboards: resourcesOf(of, "AWS::CloudWatch::Dashboard").length,
    polledQueues: resourcesOf(of, "AWS::Lambda::EventSourceMapping").length,
  });
  const { alarms, dashboards, polledQueues } = deployed;
  expect(count(template)).toEqual({ alarms, dashboards, polledQueues });
  expect(count(repairing)).toEqual({ alarms: alarms + 9 + 3, dashboards, polledQueues: polledQueues + 1 });
});

test("a sweep takes as many transitions", () => {
  const [machine] = resourcesOf(template, "AWS::StepFunctions::StateMachine");
  const { "Fn::Join": parts } = z
    .object({ "Fn::Join": z.tuple([z.string(), z.array(z.unknown())]) })
    .parse(machine?.[1].Properties.DefinitionString);
  const text = parts[1].map((part) => (typeof part === "string" ? part : "x")).join("");
  const states = z.record(z.string(), z.looseObject({ Type: z.string(), ItemProcessor: z.unknown().optional() }));
  const { States } = z.object({ States: states }).parse(JSON.parse(text));
  const [inner] = Object.values(States).flatMap(({ ItemProcessor }) => ItemProcessor ?? []);
  const { ProcessorConfig, States: each } = z
    .object({ ProcessorConfig: z.object({ ExecutionType: z.string() }), States: z.record(z.string(), z.unknown()) })
    .parse(inner);
  expect(ProcessorConfig.ExecutionType).toBe("STANDARD");
  const started = 1;
  // One that fails costs as many: it ends in another state.
  const run = Object.values(States).filter(({ Type }) => Type !== "Fail").length;
  expect({ run: started + run, account: started + Object.keys(each).length }).toEqual(deployed.transitions);
});

test("logs are kept as long", () => {
  const days = resourcesOf(template, "AWS::Logs::LogGroup").map(([, { Properties }]) => Properties.RetentionInDays);
  expect(new Set(days)).toEqual(new Set([deployed.logDays]));
});
