import * as z from "zod";
import {
  AwsError,
  type Operation,
  type Output,
  operation,
  type Service,
  sortBy,
  tagList,
} from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import { accountOperations } from "./accounts.ts";
import { delegationOperations } from "./delegation.ts";
import { organizationNeeds } from "./permissions.ts";
import { policyOperations } from "./policies.ts";
import {
  accountArn,
  constraint,
  fail,
  organizationArn,
  organizationOperation,
  pageOf,
  withServiceWording,
} from "./tree.ts";
import { unitOperations } from "./units.ts";

const describeOrganization = (state: SandboxState): Output => {
  const { id, managementAccountId, featureSet } = state.organization;
  return {
    Id: id,
    Arn: organizationArn(state),
    FeatureSet: featureSet,
    MasterAccountArn: accountArn(state, managementAccountId),
    MasterAccountId: managementAccountId,
    MasterAccountEmail: state.accounts.get(managementAccountId)?.email,
    AvailablePolicyTypes: [{ Type: "SERVICE_CONTROL_POLICY", Status: "ENABLED" }],
  };
};

const createOrganization = operation({ FeatureSet: z.enum(["ALL", "CONSOLIDATED_BILLING"]).default("ALL") }, (call) => {
  const { account, state } = call;
  if (!account.standalone) fail("AlreadyInOrganizationException");
  if (account.id !== state.organization.managementAccountId) {
    throw new AwsError("ConstraintViolationException", "The sandbox has one organization, and another account's.");
  }
  account.standalone = false;
  return { Organization: describeOrganization(state) };
});

/** The tags of whatever has an id. @throws AwsError `TargetNotFoundException` */
const tagsOf = ({ organization, accounts }: SandboxState, id: string): Map<string, string> => {
  if (id === organization.rootId) return organization.tags;
  const { units, serviceControlPolicies } = organization;
  const tagged = units.get(id) ?? serviceControlPolicies.get(id) ?? accounts.get(id);
  return tagged?.tags ?? fail("TargetNotFoundException");
};

const administration: Readonly<Record<string, Operation>> = {
  CreateOrganization: { parse: (raw) => withServiceWording(() => createOrganization.parse(raw)) },

  DescribeOrganization: organizationOperation("members", {}, ({ state }) => ({
    Organization: describeOrganization(state),
  })),

  TagResource: organizationOperation(
    "management",
    { ResourceId: z.string().max(130), Tags: tagList },
    ({ state }, { ResourceId, Tags }) => {
      const tags = tagsOf(state, ResourceId);
      if (new Set([...tags.keys(), ...Tags.map(({ Key }) => Key)]).size > 50) {
        constraint("You have exceeded the number of tags allowed on this resource.");
      }
      for (const { Key, Value } of Tags) tags.set(Key, Value);
      return undefined;
    },
  ),

  UntagResource: organizationOperation(
    "management",
    { ResourceId: z.string().max(130), TagKeys: z.array(z.string().min(1).max(128)) },
    ({ state }, { ResourceId, TagKeys }) => {
      const tags = tagsOf(state, ResourceId);
      for (const key of TagKeys) tags.delete(key);
      return undefined;
    },
  ),

  ListTagsForResource: organizationOperation(
    "administrators",
    { ResourceId: z.string().max(130), NextToken: z.string().optional() },
    (call, { ResourceId, ...at }) => {
      const tags = sortBy(tagsOf(call.state, ResourceId), ([key]) => key);
      const { items, ...next } = pageOf(call, tags, ([key]) => key, at);
      return { Tags: items.map(([Key, Value]) => ({ Key, Value })), ...next };
    },
  ),
};

/** AWS Organizations: its records are in us-east-1 of the account that called. */
export const organizations: Service = {
  name: "organizations",
  protocol: { type: "json", target: "AWSOrganizationsV20161128" },
  operations: {
    ...administration,
    ...delegationOperations,
    ...accountOperations,
    ...unitOperations,
    ...policyOperations,
  },
  recordRegion: "us-east-1",
  needs: organizationNeeds,
  masked: ["Email", "AccountName"],
};
