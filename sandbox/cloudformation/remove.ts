import type { SandboxState } from "../state.ts";
import type { Stack, StackResource } from "./state.ts";

type Removal = (state: SandboxState, stack: Stack, resource: StackResource) => void;

const arnIn = (stack: Stack, service: string, rest: string): string =>
  `arn:aws:${service}:${stack.region}:${stack.accountId}:${rest}`;

const queueByUrl = (state: SandboxState, url: string) => [...state.queues.values()].find((queue) => queue.url === url);

/** How a resource goes; what is not here goes with another, or was never there. Tables are retained, with what they hold. */
const removals: Readonly<Record<string, Removal>> = {
  "AWS::IAM::Role": (state, { accountId }, { physicalId }) =>
    void state.accounts.get(accountId)?.roles.delete(physicalId.toLowerCase()),
  "AWS::IAM::ManagedPolicy": (state, { accountId }, { physicalId }) =>
    void state.accounts.get(accountId)?.policies.delete(physicalId),
  "AWS::SQS::Queue": (state, _, { physicalId }) => void state.queues.delete(queueByUrl(state, physicalId)?.arn ?? ""),
  // Its objects stay, as the template retains the bucket.
  "AWS::SNS::Topic": (state, _, { physicalId }) => void state.topics.delete(physicalId),
  "AWS::Events::EventBus": (state, stack, { physicalId }) =>
    void state.buses.delete(arnIn(stack, "events", `event-bus/${physicalId}`)),
  "AWS::Events::Rule": (state, _, { physicalId }) => {
    for (const { rules } of state.buses.values())
      for (const rule of rules.values()) if (rule.arn === physicalId) rules.delete(rule.name);
  },
  "AWS::Lambda::Function": (state, stack, { physicalId }) =>
    void state.functions.delete(arnIn(stack, "lambda", `function:${physicalId}`)),
  "AWS::Lambda::EventSourceMapping": (state, _, { physicalId }) => void state.eventSourceMappings.delete(physicalId),
  "AWS::StepFunctions::StateMachine": (state, _, { physicalId }) => void state.stateMachines.delete(physicalId),
  "AWS::Scheduler::Schedule": (state, stack, { physicalId }) =>
    void state.schedules.delete(arnIn(stack, "scheduler", `schedule/default/${physicalId}`)),
  "AWS::Organizations::Policy": ({ organization }, _, { physicalId }) =>
    void organization.serviceControlPolicies.delete(physicalId),
  "AWS::CloudFormation::StackSet": (state, _, { physicalId }) => {
    state.stackSets.delete(physicalId);
    for (const stack of state.stacks.values()) if (stack.stackSetId === physicalId) removeStack(state, stack);
  },
};

/** Takes a stack's resources away, but for its tables. */
export const removeStack = (state: SandboxState, stack: Stack): void => {
  for (const resource of [...stack.resources.values()].reverse()) removals[resource.type]?.(state, stack, resource);
  state.stacks.delete(stack.id);
};

/**
 * Takes a stack away to make it anew from another template, as an update comes to: what keeps its logical id keeps its name,
 * and queues their messages.
 * @returns the names by logical id, and what to do once it is made again
 */
export const takeForUpdate = (
  state: SandboxState,
  stack: Stack,
): { readonly names: ReadonlyMap<string, string>; readonly restore: () => void } => {
  const messages = new Map(
    [...stack.resources.values()]
      .filter(({ type }) => type === "AWS::SQS::Queue")
      .flatMap(({ physicalId }) => {
        const queue = queueByUrl(state, physicalId);
        return queue === undefined ? [] : [[queue.arn, queue.messages] as const];
      }),
  );
  const named = [...stack.resources].flatMap(([id, { name }]) => (name === undefined ? [] : [[id, name] as const]));
  removeStack(state, stack);
  return {
    names: new Map(named),
    restore: () => {
      for (const [arn, kept] of messages) state.queues.get(arn)?.messages.push(...kept);
    },
  };
};
