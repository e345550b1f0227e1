import * as z from "zod";
import { type Operation, sortBy } from "../protocol/service.ts";
import {
  accountIdPattern,
  constraint,
  describeAccount,
  fail,
  organizationOperation,
  pageOf,
  paging,
  requireAccount,
} from "./tree.ts";

const servicePrincipal = z.string().regex(/^[\w+=,.@-]{1,128}$/);

/** CloudFormation lets an organization have so many delegated administrators of stack sets. */
const mostOfStackSets = 5;
const stackSets = "member.org.stacksets.cloudformation.amazonaws.com";

const earliest = (dates: Iterable<Date>): Date | undefined =>
  [...dates].reduce<Date | undefined>(
    (first, date) => (first !== undefined && first <= date ? first : date),
    undefined,
  );

/** Trusted access of services, and who administers them for the organization. */
export const delegationOperations: Readonly<Record<string, Operation>> = {
  EnableAWSServiceAccess: organizationOperation(
    "management",
    { ServicePrincipal: servicePrincipal },
    ({ state, now }, { ServicePrincipal }) => {
      const { featureSet, trustedServices } = state.organization;
      if (featureSet !== "ALL") constraint("You must enable all features in the organization for this operation.");
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
      const others = [...delegatedAdministrators.values()].filter((of) => of.has(ServicePrincipal)).length;
      if (ServicePrincipal === stackSets && others >= mostOfStackSets) {
        constraint("You have exceeded the number of delegated administrators allowed for the delegated service.");
      }
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

  ListDelegatedServicesForAccount: organizationOperation(
    "administrators",
    { AccountId: accountIdPattern, ...paging },
    (call, { AccountId, ...at }) => {
      const { delegatedAdministrators } = call.state.organization;
      const services = delegatedAdministrators.get(requireAccount(call.state, AccountId).id);
      if (services === undefined) return fail("AccountNotRegisteredException");
      const sorted = sortBy(services, ([service]) => service);
      const { items, ...next } = pageOf(call, sorted, ([service]) => service, at);
      return {
        DelegatedServices: items.map(([ServicePrincipal, DelegationEnabledDate]) => ({
          ServicePrincipal,
          DelegationEnabledDate,
        })),
        ...next,
      };
    },
  ),
};
