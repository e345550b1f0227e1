import * as z from "zod";
import { addRole, type ManagedPolicy, type Role } from "../../iam/state.ts";
import type { AccountState } from "../../state.ts";
import { handler, ignored, type Making, policyDocument, type ResourceHandler } from "../resource.ts";

const accountOf = ({ state, place }: Making): AccountState => {
  const account = state.accounts.get(place.accountId);
  if (account === undefined) throw new Error(`there is no account ${place.accountId}`);
  return account;
};

const requireRole = (account: AccountState, name: string): Role => {
  const role = account.roles.get(name.toLowerCase());
  if (role === undefined) throw new Error(`account ${account.id} has no role ${name}`);
  return role;
};

const inlinePolicies = z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument }));

const role = handler(
  {
    RoleName: z.string().optional(),
    Path: z.string().default("/"),
    Description: z.string().default(""),
    AssumeRolePolicyDocument: policyDocument,
    MaxSessionDuration: z.number().default(3600),
    PermissionsBoundary: z.string().optional(),
    ManagedPolicyArns: z.array(z.string()).default([]),
    Policies: inlinePolicies.default([]),
    Tags: ignored,
  },
  (making, { RoleName: name = making.newName().slice(0, 64), PermissionsBoundary: boundary, ...properties }) => {
    const account = accountOf(making);
    if (account.roles.has(name.toLowerCase())) throw new Error(`account ${account.id} has a role ${name} already`);
    const made = addRole(account, making.ids, {
      ...{ name, path: properties.Path, description: properties.Description, createdAt: making.now },
      ...{ trustPolicy: properties.AssumeRolePolicyDocument, maxSessionDuration: properties.MaxSessionDuration },
      attachedPolicies: new Set(properties.ManagedPolicyArns),
      inlinePolicies: new Map(
        properties.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
      ),
      ...(boundary !== undefined && { boundary }),
    });
    return { ref: name, attributes: { Arn: made.arn, RoleId: made.id } };
  },
);

const inlinePolicy = handler(
  { PolicyName: z.string(), PolicyDocument: policyDocument, Roles: z.array(z.string()).min(1) },
  (making, { PolicyName, PolicyDocument, Roles }) => {
    const account = accountOf(making);
    for (const name of Roles) requireRole(account, name).inlinePolicies.set(PolicyName, PolicyDocument);
    return { ref: PolicyName };
  },
);

const managedPolicy = handler(
  {
    ManagedPolicyName: z.string().optional(),
    Path: z.string().default("/"),
    Description: z.string().default(""),
    PolicyDocument: policyDocument,
    Roles: z.array(z.string()).default([]),
  },
  (making, { ManagedPolicyName: name = making.newName(), Path: path, Description, PolicyDocument, Roles }) => {
    const account = accountOf(making);
    const arn = `arn:aws:iam::${account.id}:policy${path}${name}`;
    if (account.policies.has(arn)) throw new Error(`there is a policy ${arn} already`);
    const at = making.now;
    const policy: ManagedPolicy = {
      ...{ name, path, arn, id: making.ids.entity("ANPA"), description: Description, createdAt: at, updatedAt: at },
      ...{ tags: new Map(), defaultVersionId: "v1", nextVersion: 2 },
      versions: [{ id: "v1", document: PolicyDocument, createdAt: at }],
    };
    account.policies.set(arn, policy);
    for (const role of Roles) requireRole(account, role).attachedPolicies.add(arn);
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
);

export const iamResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::IAM::Role": role,
  "AWS::IAM::Policy": inlinePolicy,
  "AWS::IAM::ManagedPolicy": managedPolicy,
};
