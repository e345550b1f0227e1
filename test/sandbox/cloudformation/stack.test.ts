import { describe, expect, it } from "vitest";
import { deployStack, findStack } from "../../../sandbox/cloudformation/stack.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import type { Template } from "../../../shared/cloudformation/template.ts";

const deploy = (Resources: Template["Resources"], more: Omit<Template, "Resources"> = {}) => {
  const { state, ids, clock } = createSandbox();
  const accountId = state.organization.managementAccountId;
  const deploying = { state, ids, now: clock.now(), entries: new Map() };
  const request = { accountId, region: "eu-west-1", stackName: "s", template: { Resources, ...more }, parameters: {} };
  return { state, accountId, deploying, request, stack: deployStack(deploying, request) };
};
const queue = (properties: Record<string, unknown> = {}) => ({ Type: "AWS::SQS::Queue", Properties: properties });

describe("a stack", () => {
  it("makes what is referred to first, in whatever order the template has it", () => {
    const { state, accountId, stack } = deploy(
      {
        Policy: {
          Type: "AWS::SQS::QueuePolicy",
          Properties: { PolicyDocument: { Statement: [] }, Queues: [{ Ref: "Work" }] },
        },
        Work: queue({
          QueueName: "work",
          RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 3 },
        }),
        Dead: queue({ QueueName: "dead" }),
      },
      { Outputs: { Url: { Value: { Ref: "Work" } } } },
    );
    const work = state.queues.get(`arn:aws:sqs:eu-west-1:${accountId}:work`);
    expect(work?.attributes.get("Policy")).toBe('{"Statement":[]}');
    expect(work?.attributes.get("RedrivePolicy")).toContain(`:${accountId}:dead`);
    expect(stack.outputs.get("Url")).toBe(work?.url);
    expect([...stack.resources.keys()]).toEqual(["Dead", "Work", "Policy"]);
    expect(findStack(state, accountId, "eu-west-1", "s")).toBe(stack);
  });

  it("leaves out what its condition leaves out", () => {
    const Conditions = { Never: { "Fn::Equals": ["a", "b"] } };
    const { state } = deploy({ One: queue(), Other: { ...queue(), Condition: "Never" } }, { Conditions });
    expect(state.queues.size).toBe(1);
  });

  const failures: Record<string, [Template["Resources"], RegExp]> = {
    "a type that it cannot make": [
      { Machine: { Type: "AWS::EC2::Instance" } },
      /stack s in \d{12} eu-west-1: Machine is of type AWS::EC2::Instance, which the sandbox can neither make nor leave out/,
    ],
    "a property that it does not know": [{ One: queue({ FifoQueue: true }) }, /One \(AWS::SQS::Queue\).*FifoQueue/s],
    "resources that need each other": [
      { One: { ...queue(), DependsOn: "Two" }, Two: { ...queue(), DependsOn: ["One"] } },
      /One needs Two needs One/,
    ],
    "a reference to what its condition leaves out": [
      { One: queue({ QueueName: { Ref: "Two" } }), Two: { ...queue(), Condition: "Never" } },
      /Two is not made here/,
    ],
    "an attribute that nobody has": [
      { One: queue({ QueueName: { "Fn::GetAtt": ["Two", "Colour"] } }), Two: queue() },
      /Two has no attribute Colour/,
    ],
  };
  it.each(Object.entries(failures))("refuses %s", (_, [resources, message]) => {
    const Conditions = { Never: { "Fn::Equals": ["a", "b"] } };
    expect(() => deploy(resources, { Conditions })).toThrow(message);
  });

  it("is made once", () => {
    const { deploying, request } = deploy({ One: queue() });
    expect(() => deployStack(deploying, request)).toThrow("it exists already");
  });
});
