import { byCodeUnit } from "../../shared/order.ts";
import type { SandboxState } from "../state.ts";
import type { OrganizationState, ServiceControlPolicy } from "./state.ts";
import { arnOf } from "./tree.ts";

/** A policy as somebody attaches it: one of the organization's, or AWS's own. */
export type AnyPolicy = Pick<ServiceControlPolicy, "id" | "name" | "description" | "document"> & {
  readonly awsManaged: boolean;
};

/** What every root, unit and account has attached from the start. */
export const fullAwsAccess: AnyPolicy = {
  id: "p-FullAWSAccess",
  name: "FullAWSAccess",
  description: "Allows access to every operation",
  document: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  }),
  awsManaged: true,
};

/** Every policy there is, by id. */
export const allPolicies = ({ serviceControlPolicies }: OrganizationState): readonly AnyPolicy[] =>
  [fullAwsAccess, ...[...serviceControlPolicies.values()].map((policy) => ({ ...policy, awsManaged: false }))].sort(
    (a, b) => byCodeUnit(a.id, b.id),
  );

export const isAttached = (organization: OrganizationState, policyId: string, target: string): boolean =>
  policyId === fullAwsAccess.id
    ? !organization.withoutFullAccess.has(target)
    : organization.serviceControlPolicies.get(policyId)?.targets.has(target) === true;

/** The policies attached to a root, unit or account itself, by id. */
export const policiesOn = (organization: OrganizationState, target: string): readonly AnyPolicy[] =>
  allPolicies(organization).filter(({ id }) => isAttached(organization, id, target));

export const attach = (organization: OrganizationState, policyId: string, target: string): void => {
  if (policyId === fullAwsAccess.id) organization.withoutFullAccess.delete(target);
  else organization.serviceControlPolicies.get(policyId)?.targets.add(target);
};

export const detach = (organization: OrganizationState, policyId: string, target: string): void => {
  if (policyId === fullAwsAccess.id) organization.withoutFullAccess.add(target);
  else organization.serviceControlPolicies.get(policyId)?.targets.delete(target);
};

export const policyArnOf = (state: SandboxState, policyId: string): string =>
  policyId === fullAwsAccess.id
    ? `arn:aws:organizations::aws:policy/service_control_policy/${policyId}`
    : arnOf(state, "policy", `/service_control_policy/${policyId}`);

/**
 * Puts policies of these documents on a root, unit or account, in place of all that was there, as somebody would who takes
 * `FullAWSAccess` away; no documents at all (which AWS does not let anybody do) leave nothing allowed there.
 * @returns takes them away again, for `FullAWSAccess`
 */
export const limitTo = (
  organization: OrganizationState,
  target: string,
  documents: readonly string[],
): (() => void) => {
  const { serviceControlPolicies } = organization;
  for (const { id } of policiesOn(organization, target)) detach(organization, id, target);
  const made = documents.map((document, index) => {
    const id = `p-${target.replace(/\W/g, "")}${String(index).padStart(4, "0")}`;
    serviceControlPolicies.set(id, {
      ...{ id, name: `limit ${index} of ${target}`, description: "", document },
      ...{ targets: new Set([target]), tags: new Map() },
    });
    return id;
  });
  return () => {
    for (const id of made) serviceControlPolicies.delete(id);
    attach(organization, fullAwsAccess.id, target);
  };
};
