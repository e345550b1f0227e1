import type { Deploying, StackRequest } from "../cloudformation/resource.ts";
import { deployStack, updateStack } from "../cloudformation/stack.ts";
import { deployInstances } from "../cloudformation/stack-set.ts";
import type { Stack } from "../cloudformation/state.ts";
import type { Templates } from "../cloudformation/synthesize.ts";
import type { Sandbox } from "../sandbox.ts";

const home = "us-east-1";

export interface Place {
  /** A delegated administrator of stack sets. */
  readonly hubAccountId: string;
  /** Regions to hear of besides `us-east-1`; absent: those of the hub's template. */
  readonly otherRegions?: readonly string[] | undefined;
}

const deployingOf = ({ state, ids, clock }: Sandbox, { entries, taskRoot }: Templates): Deploying => ({
  ...{ state, ids, now: clock.now(), entries, taskRoot },
});

/** Deploys a stack, or updates the one that has its name there. */
const put = (sandbox: Sandbox, templates: Templates, request: StackRequest): Stack => {
  const deploying = deployingOf(sandbox, templates);
  const { accountId, region, stackName } = request;
  const existing = [...sandbox.state.stacks.values()].find(
    (stack) => stack.accountId === accountId && stack.region === region && stack.name === stackName,
  );
  return existing === undefined ? deployStack(deploying, request) : updateStack(deploying, existing, request);
};

/**
 * Deploys the hub's stack, whose stack set reaches the members, and the management account's own in each Region, as the
 * guide for operators says. Where they are deployed already, they are updated.
 */
export const deployTemplates = (
  sandbox: Sandbox,
  templates: Templates,
  { hubAccountId, otherRegions }: Place,
): Stack => {
  const { organization, stackSets } = sandbox.state;
  const { id: OrganizationId, managementAccountId, rootId } = organization;
  const hub = put(sandbox, templates, {
    ...{ accountId: hubAccountId, region: home, stackName: "iam-warden-hub", template: templates.hub },
    parameters: {
      ...{ OrganizationId, MemberTargets: [rootId] },
      ...(otherRegions && { OtherRegions: otherRegions }),
    },
  });
  const EventBusArn = hub.outputs.get("EventBusArn") ?? "";
  const regions = [...stackSets.values()].find(({ accountId }) => accountId === hubAccountId)?.regions ?? [];
  for (const region of regions)
    put(sandbox, templates, {
      ...{ accountId: managementAccountId, region, stackName: "iam-warden-management-account" },
      ...{ template: templates.managementAccount, parameters: { OrganizationId, EventBusArn } },
    });
  return hub;
};

/** Where each guardrail holds: ids of roots, OUs and accounts; absent: nowhere. */
export interface GuardrailTargets {
  readonly DenyRoot?: readonly string[];
  readonly ProtectIamWarden?: readonly string[];
  readonly RequireBoundary?: readonly string[];
}

/** Deploys the guardrails, which nobody has to have, from the management account. */
export const deployGuardrails = (
  sandbox: Sandbox,
  templates: Templates,
  { hubAccountId, ...targets }: Pick<Place, "hubAccountId"> & GuardrailTargets,
): Stack => {
  const { guardrails: template } = templates;
  // Settings that name the hub leave nothing to ask.
  const asksForHub = Object.hasOwn(template.Parameters ?? {}, "HubAccountId");
  const lists = Object.entries(targets).map(([name, ids]) => [`${name}Targets`, ids] as const);
  return put(sandbox, templates, {
    ...{ accountId: sandbox.state.organization.managementAccountId, region: home, template },
    stackName: "iam-warden-guardrails",
    parameters: { ...(asksForHub && { HubAccountId: hubAccountId }), ...Object.fromEntries(lists) },
  });
};

/** Gives accounts that joined their instances of every stack set that deploys by itself. */
export const deployToJoined = (sandbox: Sandbox, templates: Templates): void => {
  const deploying = deployingOf(sandbox, templates);
  const { state } = sandbox;
  for (const set of state.stackSets.values())
    if (set.autoDeployment)
      deployInstances({ state, deployStack: (request) => void deployStack(deploying, request) }, set);
};
