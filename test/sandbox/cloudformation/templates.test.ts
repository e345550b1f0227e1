import { describe, expect, it } from "vitest";
import { handlers, withoutBehaviour } from "../../../sandbox/cloudformation/resources/index.ts";
import { deployStack, findStack, updateStack } from "../../../sandbox/cloudformation/stack.ts";
import { deployInstances, stackSetService } from "../../../sandbox/cloudformation/stack-set.ts";
import { synthesize, type Templates } from "../../../sandbox/cloudformation/synthesize.ts";
import { rulesOf } from "../../../sandbox/events/bus.ts";
import { entries } from "../../../sandbox/lambda/entries.ts";
import { policiesOn } from "../../../sandbox/organizations/attachments.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { addAccount, type SandboxState } from "../../../sandbox/state.ts";
import { readTemplate } from "../../../shared/cloudformation/template.ts";
import { everythingRepairs } from "../../infra/templates.ts";

const memberTemplate = ({ hub }: Templates): unknown => {
  const sets = Object.values(hub.Resources).filter(({ Type }) => Type === "AWS::CloudFormation::StackSet");
  return JSON.parse(String(sets[0]?.Properties?.TemplateBody));
};

const start = (templates = synthesize(everythingRepairs)) => {
  const { state, ids, clock } = createSandbox();
  const [hub, data, closed] = ["security", "data", "closed"].map((name) =>
    addAccount(state, { id: ids.account(), name, joinedAt: clock.now() }),
  );
  if (!hub || !data || !closed) throw new Error("no accounts");
  closed.status = "SUSPENDED";
  state.organization.delegatedAdministrators.set(hub.id, new Map([[stackSetService, clock.now()]]));
  const deploying = { state, ids, now: clock.now(), entries: templates.entries, taskRoot: templates.taskRoot };
  const { id: OrganizationId, rootId } = state.organization;
  const deployHub = (MemberTargets = [rootId]) =>
    deployStack(deploying, {
      ...{ accountId: hub.id, region: "us-east-1", stackName: "iam-warden-hub", template: templates.hub },
      parameters: { OrganizationId, MemberTargets },
    });
  return { state, ids, clock, hub, data, closed, deploying, deployHub };
};

const instances = (state: SandboxState, accountId: string): string[] =>
  [...state.stacks.values()].filter((one) => one.accountId === accountId && one.stackSetId).map(({ region }) => region);

describe("the templates that iam-warden is deployed with", () => {
  it("have no type of resource that the sandbox cannot make, nor does it leave out any that they do not have", () => {
    const chat = `chat:
  slack: [{ workspaceId: T0123456789, channelId: C0123456789 }]
  teams: [{ tenantId: 01234567-89ab-cdef-0123-456789abcdef, teamId: 89abcdef-0123-4567-89ab-cdef01234567, channelId: "19%3a0123456789abcdef%40thread.tacv2" }]
`;
    const templates = synthesize(everythingRepairs + chat);
    const { hub, managementAccount, guardrails } = templates;
    const types = [hub, managementAccount, guardrails, memberTemplate(templates)]
      .flatMap((template) => Object.values(readTemplate(template).Resources))
      .map(({ Type }) => Type);
    const known = new Set([...handlers.keys(), ...withoutBehaviour.keys()]);
    expect([...new Set(types)].filter((type) => !known.has(type))).toEqual([]);
    expect([...withoutBehaviour.keys()].filter((type) => !types.includes(type))).toEqual([]);
  });

  it("have every function that the sandbox can run, and no other", () => {
    expect([...synthesize(everythingRepairs).entries.values()].sort()).toEqual(Object.keys(entries).sort());
  });

  it("are synthesized once for the same settings, and each caller may change what it got", () => {
    const first = synthesize();
    first.hub.Resources = {};
    expect(Object.keys(synthesize().hub.Resources)).not.toEqual([]);
    expect(synthesize().taskRoot).toBe(first.taskRoot);
  });

  it("refuse settings that cannot be used", () => {
    expect(() => synthesize("version: 2\n")).toThrow(/version/);
  });

  it("give every active member the rules of each Region, and its roles once", () => {
    const { state, hub, data, closed, deployHub } = start();
    deployHub();
    const regions = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"];
    expect(instances(state, data.id)).toEqual(regions);
    expect(instances(state, hub.id)).toEqual(regions);
    expect(instances(state, closed.id)).toEqual([]);
    expect(instances(state, state.organization.managementAccountId)).toEqual([]);
    expect([...data.roles.keys()].sort()).toEqual(["iam-warden-audit", "iam-warden-forward", "iam-warden-remediate"]);
    const [rule] = rulesOf(state, data.id, "eu-north-1");
    expect(rule?.targets.get("hub")?.arn).toBe(`arn:aws:events:us-east-1:${hub.id}:event-bus/iam-warden`);
  });

  it("reach accounts that join later, and only below their targets", () => {
    const { state, ids, clock, deploying, deployHub } = start();
    const { rootId, units } = state.organization;
    units.set("ou-abcd-prod0000", { id: "ou-abcd-prod0000", name: "Prod", parentId: rootId, tags: new Map() });
    deployHub(["ou-abcd-prod0000"]);
    expect(state.stacks.size).toBe(1);
    const inside = addAccount(state, {
      id: ids.account(),
      name: "new",
      joinedAt: clock.now(),
      parentId: "ou-abcd-prod0000",
    });
    const outside = addAccount(state, { id: ids.account(), name: "other", joinedAt: clock.now() });
    const [set] = state.stackSets.values();
    if (!set) throw new Error("no stack set");
    deployInstances({ state, deployStack: (request) => void deployStack(deploying, request) }, set);
    expect(instances(state, inside.id)).toHaveLength(4);
    expect(instances(state, outside.id)).toEqual([]);
  });

  it("need the hub to be a delegated administrator of stack sets", () => {
    const { state, hub, deployHub } = start();
    state.organization.delegatedAdministrators.set(hub.id, new Map());
    expect(() => deployHub()).toThrow(/MembersStackSet.*is no delegated administrator/s);
  });

  it("attach guardrails where their parameters say", () => {
    const { state, hub, deploying } = start();
    const { managementAccountId: accountId, rootId, serviceControlPolicies } = state.organization;
    const parameters = { HubAccountId: hub.id, ProtectIamWardenTargets: [rootId] };
    const { guardrails: template } = synthesize();
    const request = { accountId, region: "us-east-1", stackName: "guardrails", template, parameters };
    const stack = deployStack(deploying, request);
    const attached = () => [...serviceControlPolicies.values()].filter(({ targets }) => targets.size > 0);
    const own = { document: expect.stringMatching(/ProtectIamWarden/), targets: new Set([rootId]) };
    expect(attached()).toMatchObject([own]);
    expect(policiesOn(state.organization, rootId).map(({ name }) => name)).toContain("FullAWSAccess");
    updateStack(deploying, stack, request);
    expect(attached()).toMatchObject([own]);
    updateStack(deploying, findStack(state, accountId, "us-east-1", "guardrails"), {
      template,
      parameters: { HubAccountId: hub.id },
    });
    expect(attached()).toEqual([]);
  });
});
