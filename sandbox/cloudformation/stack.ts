import { createResolver, type Place } from "../../shared/cloudformation/intrinsics.ts";
import { parameterValues, readTemplate, type Template } from "../../shared/cloudformation/template.ts";
import { takeForUpdate } from "./remove.ts";
import type { Deploying, Made, Making, StackRequest } from "./resource.ts";
import { handlers, withoutBehaviour } from "./resources/index.ts";
import type { Stack, StackResource } from "./state.ts";

/**
 * Deploys a template as CloudFormation would: every resource whose condition holds, after those that it refers to or
 * depends on. There are no updates: a stack is made once.
 * @throws Error that names the stack and the resource that could not be made, and why
 */
export const deployStack = (deploying: Deploying, request: StackRequest): Stack => {
  const { accountId, region, stackName } = request;
  try {
    return deploy(deploying, request);
  } catch (error) {
    throw new Error(`stack ${stackName} in ${accountId} ${region}: ${textOf(error)}`, { cause: error });
  }
};

const deploy = (deploying: Deploying, request: StackRequest): Stack => {
  const { state, ids, now } = deploying;
  const { accountId, region, stackName, stackSetId } = request;
  if (!state.accounts.has(accountId)) throw new Error("there is no such account");
  const template = readTemplate(request.template);
  const parameters = parameterValues(template, request.parameters);
  const stackId = `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/${ids.uuid()}`;
  const taken = [...state.stacks.values()].some(
    (stack) => stack.accountId === accountId && stack.region === region && stack.name === stackName,
  );
  if (taken) throw new Error("it exists already");
  const place: Place = { partition: "aws", accountId, region, stackId, stackName };

  const made = new Map<string, Made>();
  const making: string[] = [];
  const resources = new Map<string, StackResource>();
  const resourceOf = (logicalId: string): Made => {
    const existing = made.get(logicalId);
    if (existing !== undefined) return existing;
    if (making.includes(logicalId)) throw new Error(`${[...making, logicalId].join(" needs ")}: none can be first`);
    making.push(logicalId);
    try {
      const resource = make(logicalId);
      made.set(logicalId, resource);
      return resource;
    } finally {
      making.pop();
    }
  };
  const resolver = createResolver(template, place, {
    parameters,
    ref: (logicalId) => resourceOf(logicalId).ref,
    attribute: (logicalId, name) => {
      const value = resourceOf(logicalId).attributes?.[name];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${name} in the sandbox`);
      return value;
    },
  });
  const isWanted = ({ Condition }: { Condition?: string | undefined }): boolean =>
    Condition === undefined || resolver.holds(Condition) === true;

  const make = (logicalId: string): Made => {
    const resource = template.Resources[logicalId];
    if (resource === undefined || !isWanted(resource)) throw new Error(`${logicalId} is not made here`);
    const { Type, Properties, DependsOn = [] } = resource;
    for (const other of [DependsOn].flat()) resourceOf(other);
    let name: string | undefined;
    const context: Making = {
      ...deploying,
      ...{ place, logicalId },
      newName: () => {
        name ??= request.names?.get(logicalId) ?? `${stackName}-${logicalId}-${ids.lower(12)}`;
        return name;
      },
      deployStack: (nested) => void deployStack(deploying, nested),
    };
    const handle = handlers.get(Type);
    if (handle === undefined && !withoutBehaviour.has(Type))
      throw new Error(`${logicalId} is of type ${Type}, which the sandbox can neither make nor leave out`);
    try {
      const properties = resolver.resolve(Properties);
      const resource = handle?.(context, properties) ?? placeholder(context, Type);
      resources.set(logicalId, { type: Type, physicalId: resource.ref, ...(name !== undefined && { name }) });
      return resource;
    } catch (error) {
      throw new Error(`${logicalId} (${Type}): ${textOf(error)}`, { cause: error });
    }
  };

  for (const [logicalId, resource] of Object.entries(template.Resources)) if (isWanted(resource)) resourceOf(logicalId);
  const outputs = Object.entries(template.Outputs).map(
    ([name, { Value }]) => [name, String(resolver.resolve(Value))] as const,
  );
  const stack: Stack = {
    ...{ id: stackId, name: stackName, accountId, region, createdAt: now, status: "CREATE_COMPLETE", resources },
    ...{ template: request.template as Template, parameters: request.parameters, outputs: new Map(outputs) },
    ...(stackSetId !== undefined && { stackSetId }),
  };
  state.stacks.set(stackId, stack);
  return stack;
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What others may refer to of a resource that does nothing here. */
const placeholder = ({ newName, place }: Making, type: string): Made => {
  const name = newName();
  const service = type.split("::")[1]?.toLowerCase();
  return { ref: name, attributes: { Arn: `arn:aws:${service}:${place.region}:${place.accountId}:${name}` } };
};

/** Deploys a changed template over a stack: what keeps its logical id keeps its name, tables and queues what they hold. */
export const updateStack = (
  deploying: Deploying,
  stack: Stack,
  change: Pick<StackRequest, "template" | "parameters">,
): Stack => {
  const { accountId, region, name: stackName } = stack;
  const { names, restore } = takeForUpdate(deploying.state, stack);
  const updated = deployStack(deploying, { accountId, region, stackName, ...change, names });
  restore();
  return updated;
};

/** The stack of such a name in an account and Region. @throws Error if there is none @internal for tests */
export const findStack = (state: Deploying["state"], accountId: string, region: string, name: string): Stack => {
  const found = [...state.stacks.values()].find(
    (stack) => stack.accountId === accountId && stack.region === region && stack.name === name,
  );
  if (found === undefined) throw new Error(`there is no stack ${name} in ${accountId} ${region}`);
  return found;
};
