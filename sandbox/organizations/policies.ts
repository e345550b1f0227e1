import * as z from "zod";
import { checkIdentityPolicy } from "../iam/documents.ts";
import { AwsError, type Call, type Operation, type Output, sortBy, tagList } from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import { type AnyPolicy, allPolicies, attach, detach, isAttached, policiesOn, policyArnOf } from "./attachments.ts";
import type { OrganizationState, ServiceControlPolicy } from "./state.ts";
import {
  accountArn,
  arnOf,
  constraint,
  fail,
  invalidInput,
  members,
  organizationOperation,
  pageOf,
  paging,
} from "./tree.ts";

/** @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const mostPoliciesOnTarget = 10;
const mostCharacters = 10_240;

const policyId = z.string().regex(/^p-[0-9a-zA-Z_]{8,128}$/);
const targetId = z.string().regex(/^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/);
const name = z.string().min(1).max(128);
const description = z.string().max(512);
const content = z.string().min(1).max(1_000_000);
const policyType = z.literal("SERVICE_CONTROL_POLICY");

/** @throws AwsError `MalformedPolicyDocumentException`, or `ConstraintViolationException` for one that is too long */
const checkContent = (text: string): void => {
  if (text.length > mostCharacters) {
    constraint(`You have exceeded the maximum policy size of ${mostCharacters} characters.`);
  }
  try {
    checkIdentityPolicy(text);
  } catch (error) {
    if (error instanceof AwsError) fail("MalformedPolicyDocumentException");
    throw error;
  }
};

const requirePolicy = ({ organization }: SandboxState, id: string): AnyPolicy =>
  allPolicies(organization).find((policy) => policy.id === id) ?? fail("PolicyNotFoundException");

/** A policy that may be changed. */
const requireOwn = (state: SandboxState, id: string): ServiceControlPolicy => {
  requirePolicy(state, id);
  return (
    state.organization.serviceControlPolicies.get(id) ?? invalidInput("You cannot change a policy that AWS manages.")
  );
};

/** A root, unit or account as a policy's target. */
const describeTarget = (state: SandboxState, id: string): Output => {
  const { rootId, units } = state.organization;
  if (id === rootId) return { TargetId: id, Arn: arnOf(state, "root", `/${id}`), Name: "Root", Type: "ROOT" };
  const unit = units.get(id);
  if (unit !== undefined)
    return { TargetId: id, Arn: arnOf(state, "ou", `/${id}`), Name: unit.name, Type: "ORGANIZATIONAL_UNIT" };
  const account = members(state).find((one) => one.id === id);
  if (account === undefined) return fail("TargetNotFoundException");
  return { TargetId: id, Arn: accountArn(state, id), Name: account.name, Type: "ACCOUNT" };
};

const allTargets = (state: SandboxState): readonly string[] => {
  const { rootId, units } = state.organization;
  return [rootId, ...units.keys(), ...members(state).map(({ id }) => id)];
};

const summaryOf = (state: SandboxState, policy: AnyPolicy): Output => ({
  Id: policy.id,
  Arn: policyArnOf(state, policy.id),
  Name: policy.name,
  Description: policy.description,
  Type: "SERVICE_CONTROL_POLICY",
  AwsManaged: policy.awsManaged,
});

const describe = (state: SandboxState, policy: AnyPolicy): Output => ({
  Policy: { PolicySummary: summaryOf(state, policy), Content: policy.document },
});

/** @throws AwsError `DuplicatePolicyException` */
const checkName = ({ organization }: SandboxState, wanted: string, ownId?: string): void => {
  if (allPolicies(organization).some((one) => one.name === wanted && one.id !== ownId))
    fail("DuplicatePolicyException");
};

const checkEnabled = ({ serviceControlEnabled }: OrganizationState): void => {
  if (!serviceControlEnabled) fail("PolicyTypeNotEnabledException");
};

const summaries = (call: Call, policies: readonly AnyPolicy[], at: { NextToken?: string | undefined }): Output => {
  const { items, ...next } = pageOf(call, policies, ({ id }) => id, at);
  return { Policies: items.map((policy) => summaryOf(call.state, policy)), ...next };
};

const switchType = (enable: boolean): Operation =>
  organizationOperation(
    "management",
    { RootId: z.string().regex(/^r-[0-9a-z]{4,32}$/), PolicyType: policyType },
    ({ state }, { RootId }) => {
      const { organization } = state;
      if (RootId !== organization.rootId) fail("RootNotFoundException");
      if (organization.serviceControlEnabled === enable) {
        fail(enable ? "PolicyTypeAlreadyEnabledException" : "PolicyTypeNotEnabledException");
      }
      organization.serviceControlEnabled = enable;
      // What was attached is so no more, even after the type is enabled again.
      for (const { targets } of organization.serviceControlPolicies.values()) targets.clear();
      organization.withoutFullAccess.clear();
      return undefined;
    },
  );

/** Service control policies, and where they are attached. */
export const policyOperations: Readonly<Record<string, Operation>> = {
  EnablePolicyType: switchType(true),
  DisablePolicyType: switchType(false),

  ListPolicies: organizationOperation(
    "administrators",
    { Filter: policyType, ...paging },
    (call, { Filter: _, ...at }) => summaries(call, allPolicies(call.state.organization), at),
  ),

  DescribePolicy: organizationOperation("administrators", { PolicyId: policyId }, ({ state }, { PolicyId }) =>
    describe(state, requirePolicy(state, PolicyId)),
  ),

  ListPoliciesForTarget: organizationOperation(
    "administrators",
    { TargetId: targetId, Filter: policyType, ...paging },
    (call, { TargetId, Filter: _, ...at }) => {
      const { organization } = call.state;
      describeTarget(call.state, TargetId);
      return summaries(call, organization.serviceControlEnabled ? policiesOn(organization, TargetId) : [], at);
    },
  ),

  ListTargetsForPolicy: organizationOperation(
    "administrators",
    { PolicyId: policyId, ...paging },
    (call, { PolicyId, ...at }) => {
      const { state } = call;
      requirePolicy(state, PolicyId);
      const { organization } = state;
      const on = allTargets(state).filter(
        (target) => organization.serviceControlEnabled && isAttached(organization, PolicyId, target),
      );
      const { items, ...next } = pageOf(
        call,
        sortBy(on, (id) => id),
        (id) => id,
        at,
      );
      return { Targets: items.map((id) => describeTarget(state, id)), ...next };
    },
  ),

  CreatePolicy: organizationOperation(
    "management",
    { Content: content, Description: description, Name: name, Type: policyType, Tags: tagList.optional() },
    ({ state, ids }, { Content, Description, Name, Tags = [] }) => {
      checkContent(Content);
      checkName(state, Name);
      const policy: ServiceControlPolicy = {
        ...{ id: `p-${ids.lower(8)}`, name: Name, description: Description, document: Content, targets: new Set() },
        tags: new Map(Tags.map(({ Key, Value }) => [Key, Value])),
      };
      state.organization.serviceControlPolicies.set(policy.id, policy);
      return describe(state, { ...policy, awsManaged: false });
    },
  ),

  UpdatePolicy: organizationOperation(
    "management",
    { PolicyId: policyId, Content: content.optional(), Description: description.optional(), Name: name.optional() },
    ({ state }, { PolicyId, Content, Description, Name }) => {
      const policy = requireOwn(state, PolicyId);
      if (Content !== undefined) checkContent(Content);
      if (Name !== undefined) checkName(state, Name, PolicyId);
      policy.name = Name ?? policy.name;
      policy.description = Description ?? policy.description;
      policy.document = Content ?? policy.document;
      return describe(state, { ...policy, awsManaged: false });
    },
  ),

  DeletePolicy: organizationOperation("management", { PolicyId: policyId }, ({ state }, { PolicyId }) => {
    if (requireOwn(state, PolicyId).targets.size > 0) fail("PolicyInUseException");
    state.organization.serviceControlPolicies.delete(PolicyId);
    return undefined;
  }),

  AttachPolicy: organizationOperation(
    "management",
    { PolicyId: policyId, TargetId: targetId },
    ({ state }, { PolicyId, TargetId }) => {
      const { organization } = state;
      requirePolicy(state, PolicyId);
      describeTarget(state, TargetId);
      checkEnabled(organization);
      if (isAttached(organization, PolicyId, TargetId)) fail("DuplicatePolicyAttachmentException");
      if (policiesOn(organization, TargetId).length >= mostPoliciesOnTarget) {
        constraint("You have exceeded the number of policies attached to an entity.");
      }
      attach(organization, PolicyId, TargetId);
      return undefined;
    },
  ),

  DetachPolicy: organizationOperation(
    "management",
    { PolicyId: policyId, TargetId: targetId },
    ({ state }, { PolicyId, TargetId }) => {
      const { organization } = state;
      requirePolicy(state, PolicyId);
      describeTarget(state, TargetId);
      checkEnabled(organization);
      if (!isAttached(organization, PolicyId, TargetId)) fail("PolicyNotAttachedException");
      if (policiesOn(organization, TargetId).length === 1) {
        constraint("You cannot detach the last service control policy: each entity has to have one.");
      }
      detach(organization, PolicyId, TargetId);
      return undefined;
    },
  ),
};
