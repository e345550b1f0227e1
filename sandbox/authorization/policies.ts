import { type PolicyDocument, readPolicyDocument } from "../../shared/policy/language/document.ts";
import { awsManagedPolicies } from "../iam/aws-policies.ts";
import type { Entity, Role, User } from "../iam/state.ts";
import type { AccountState } from "../state.ts";

/** A policy where it stands; an inline one has no ARN. */
export interface HeldPolicy {
  readonly name: string;
  readonly arn?: string;
  readonly document: PolicyDocument;
}

/** Nobody can say what it denies. */
const unreadable: PolicyDocument = {
  statements: [{ effect: "Deny", conditions: {}, actions: ["*"], unknownElements: ["unreadable"] }],
};

const mostDocuments = 20_000;
const documents = new Map<string, PolicyDocument>();

/**
 * A policy as the state holds it: the same object for the same text, as long as it is remembered. What cannot be read makes
 * every decision `unknown`.
 */
export const policyOf = (text: string): PolicyDocument => {
  const known = documents.get(text);
  if (known) return known;
  const document = readOrUnreadable(text);
  if (documents.size >= mostDocuments) documents.clear();
  documents.set(text, document);
  return document;
};

const readOrUnreadable = (text: string): PolicyDocument => {
  const read = readPolicyDocument(text);
  return "malformed" in read ? unreadable : read;
};

/** The default version of a managed policy; none for one that the sandbox does not know, which therefore allows nothing. */
const managed = (account: AccountState, arn: string): HeldPolicy[] => {
  const policy = account.policies.get(arn) ?? awsManagedPolicies.get(arn);
  const version = policy?.versions.find(({ id }) => id === policy.defaultVersionId);
  return policy && version ? [{ name: policy.name, arn, document: policyOf(version.document) }] : [];
};

/** The policies that give a user, role or group its permissions, a user's groups' included. */
export const identityPolicies = (account: AccountState, entity: Entity | User): HeldPolicy[] => {
  const held: HeldPolicy[] = [];
  const add = ({ inlinePolicies, attachedPolicies }: Entity): void => {
    for (const [name, text] of inlinePolicies) held.push({ name, document: policyOf(text) });
    for (const arn of attachedPolicies) held.push(...managed(account, arn));
  };
  add(entity);
  for (const name of "groups" in entity ? entity.groups : []) {
    const group = account.groups.get(name.toLowerCase());
    if (group) add(group);
  }
  return held;
};

/** The permissions boundary, if there is one: a list without policies, which allows nothing, if nobody knows what is in it. */
export const boundaryOf = (account: AccountState, { boundary }: User | Role): HeldPolicy[] | undefined =>
  boundary === undefined ? undefined : managed(account, boundary);

/** Everything is allowed: what `FullAWSAccess` says, and what root has without any policy. */
export const fullAccess = policyOf(
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
);
