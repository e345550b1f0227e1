import { MalformedInputError } from "../../shared/errors.ts";
import { type PolicyDocument, parsePolicy } from "../../shared/policy/document.ts";
import type { AccountState, Entity, Role, User } from "../state.ts";
import * as shape from "./shapes.ts";

/** A policy where it stands; an inline one has no ARN. */
export interface HeldPolicy {
  readonly arn?: string;
  readonly document: PolicyDocument;
}

/** @throws AwsError `InvalidInput` if it cannot be read */
export const readPolicy = (text: string): PolicyDocument => {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedInputError) throw shape.invalidInput(`Syntax errors in policy: ${error.message}`);
    throw error;
  }
};

/** The default version of a managed policy. @throws AwsError `NoSuchEntity` */
const managedPolicy = (account: AccountState, arn: string): HeldPolicy => {
  const policy = shape.findPolicy(account, arn);
  const version = policy.versions.find(({ id }) => id === policy.defaultVersionId);
  if (!version) throw shape.noSuchEntity(`Policy ${arn} has no default version.`);
  return { arn, document: readPolicy(version.document) };
};

/** The policies that give a user, role or group its permissions, a user's groups' included. */
export const identityPolicies = (account: AccountState, entity: Entity | User): HeldPolicy[] => {
  const groups = "groups" in entity ? [...entity.groups].map((name) => shape.find(account, "Group", name)) : [];
  return [entity, ...groups].flatMap(({ inlinePolicies, attachedPolicies }) => [
    ...[...inlinePolicies.values()].map((text) => ({ document: readPolicy(text) })),
    ...[...attachedPolicies].map((arn) => managedPolicy(account, arn)),
  ]);
};

/** The permissions boundary, if there is one. */
export const boundaryOf = (account: AccountState, { boundary }: User | Role): HeldPolicy | undefined =>
  boundary === undefined ? undefined : managedPolicy(account, boundary);
