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
import { organizationNeeds } from "./permissions.ts";
import {
  accountArn,
  accountIdPattern,
  constraint,
  describeAccount,
  fail,
  organizationArn,
  organizationOperation,
  pageOf,
  paging,
  requireAccount,
  withServiceWording,
} from "./tree.ts";
import { unitOperations } from "./units.ts";

const servicePrincipal = z.string().regex(/^[\w+=,.@-]{1,128}$/);

const describeOrganization = (state: SandboxState): Output => {
  const { id, managementAccountId } = state.organization;
  return {
    Id: id,
    Arn: organizationArn(state),
    FeatureSet: "ALL",
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
  return organization.units.get(id)?.tags ?? accounts.get(id)?.tags ?? fail("TargetNotFoundException");
};

const earliest = (dates: Iterable<Date>): Date | undefined =>
  [...dates].reduce<Date | undefined>(
    (first, date) => (first !== undefined && first <= date ? first : date),
    undefined,
  );

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

  EnableAWSServiceAccess: organizationOperation(
    "management",
    { ServicePrincipal: servicePrincipal },
    ({ state, now }, { ServicePrincipal }) => {
      const { trustedServices } = state.organization;
      if (!trustedServices.has(ServicePrincipal)) trustedServices.set(ServicePrincipal, now);
      return undefined;
    },
  ),

  ListAWSServiceAccessForOrganization: organizationOperation("administrators", paging, (call, at) => {
    const services = sortBy(call.state.organization.trustedServices, ([service]) => service);
    const { items, ...next } = pageOf(call, services, ([service]) => service, at);
    return {
      EnabledServicePrincipals: items.map(([ServicePrincipal, DateEnabled]) => ({ ServicePrincipal, DateEnabled })),
      ...next,
    };
  }),

  RegisterDelegatedAdministrator: organizationOperation(
    "management",
    { AccountId: accountIdPattern, ServicePrincipal: servicePrincipal },
    ({ state, now }, { AccountId, ServicePrincipal }) => {
      const { delegatedAdministrators, managementAccountId, trustedServices } = state.organization;
      const { id } = requireAccount(state, AccountId);
      if (id === managementAccountId) {
        constraint("You cannot register the management account as a delegated administrator.");
      }
      if (!trustedServices.has(ServicePrincipal)) {
        constraint(`You must enable trusted access for ${ServicePrincipal} before you delegate its administration.`);
      }
      const services = delegatedAdministrators.get(id) ?? new Map<string, Date>();
      if (services.has(ServicePrincipal)) fail("AccountAlreadyRegisteredException");
      delegatedAdministrators.set(id, services.set(ServicePrincipal, now));
      return undefined;
    },
  ),

  DeregisterDelegatedAdministrator: organizationOperation(
    "management",
    { AccountId: accountIdPattern, ServicePrincipal: servicePrincipal },
    ({ state }, { AccountId, ServicePrincipal }) => {
      const { delegatedAdministrators } = state.organization;
      const services = delegatedAdministrators.get(requireAccount(state, AccountId).id);
      if (!services?.delete(ServicePrincipal)) fail("AccountNotRegisteredException");
      if (services?.size === 0) delegatedAdministrators.delete(AccountId);
      return undefined;
    },
  ),

  ListDelegatedAdministrators: organizationOperation(
    "administrators",
    { ServicePrincipal: servicePrincipal.optional(), ...paging },
    (call, { ServicePrincipal, ...at }) => {
      const { state } = call;
      const administrators = sortBy(state.organization.delegatedAdministrators, ([id]) => id).flatMap(
        ([id, services]) => {
          const since = ServicePrincipal === undefined ? earliest(services.values()) : services.get(ServicePrincipal);
          return since === undefined ? [] : [{ id, since }];
        },
      );
      const { items, ...next } = pageOf(call, administrators, ({ id }) => id, at);
      return {
        DelegatedAdministrators: items.map(({ id, since }) => ({
          ...describeAccount(state, requireAccount(state, id)),
          Paths: undefined,
          DelegationEnabledDate: since,
        })),
        ...next,
      };
    },
  ),
};

/** AWS Organizations: its records are in us-east-1 of the account that called. */
export const organizations: Service = {
  name: "organizations",
  protocol: { type: "json", target: "AWSOrganizationsV20161128" },
  operations: { ...administration, ...accountOperations, ...unitOperations },
  recordRegion: "us-east-1",
  needs: organizationNeeds,
  masked: ["Email", "AccountName"],
};
