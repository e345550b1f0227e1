import * as z from "zod";
import { AwsError, boolean, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import { awsManagedPolicies } from "./aws-policies.ts";
import { checkIdentityPolicy, sizeOf } from "./documents.ts";
import * as shape from "./shapes.ts";
import type { Entity, ManagedPolicy } from "./state.ts";

export const policyName = z
  .string()
  .regex(/^[\w+=,.@-]+$/)
  .min(1)
  .max(128);
const versionId = z.string().regex(/^v[1-9]\d*(\.[A-Za-z\d-]*)?$/);
export const pathPrefix = z.string().max(512).optional();

/** How many entities use each managed policy, as a policy and as a boundary, by ARN. */
export const usageOf = (account: AccountState): ReadonlyMap<string, { attached: number; boundary: number }> => {
  const usage = new Map<string, { attached: number; boundary: number }>();
  const count = (arn: string, field: "attached" | "boundary") => {
    const counts = usage.get(arn) ?? { attached: 0, boundary: 0 };
    counts[field]++;
    usage.set(arn, counts);
  };
  for (const entity of entitiesOf(account)) for (const arn of entity.attachedPolicies) count(arn, "attached");
  for (const { boundary } of [...account.users.values(), ...account.roles.values()]) {
    if (boundary !== undefined) count(boundary, "boundary");
  }
  return usage;
};

const entitiesOf = ({ users, roles, groups }: AccountState): Entity[] => [
  ...users.values(),
  ...roles.values(),
  ...groups.values(),
];

export const shownPolicy = (policy: ManagedPolicy, usage: ReturnType<typeof usageOf>) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersionId,
  AttachmentCount: usage.get(policy.arn)?.attached ?? 0,
  PermissionsBoundaryUsageCount: usage.get(policy.arn)?.boundary ?? 0,
  IsAttachable: true,
  CreateDate: policy.createdAt,
  UpdateDate: policy.updatedAt,
});

const wholePolicy = (account: AccountState, policy: ManagedPolicy) => ({
  ...shownPolicy(policy, usageOf(account)),
  Description: policy.description || undefined,
  Tags: shape.someTags(policy.tags),
});

export const shownVersion = (policy: ManagedPolicy, { id, createdAt }: ManagedPolicy["versions"][number]) => ({
  VersionId: id,
  IsDefaultVersion: id === policy.defaultVersionId,
  CreateDate: createdAt,
});

/** A policy of the account itself, to be changed. */
const findOwn = (account: AccountState, arn: string): ManagedPolicy => {
  const policy = shape.findPolicy(account, arn);
  if (awsManagedPolicies.has(arn))
    throw new AwsError("AccessDenied", `AWS managed policy ${arn} cannot be changed.`, 403);
  return policy;
};

const findVersion = (policy: ManagedPolicy, id: string) => {
  const version = policy.versions.find((one) => one.id === id);
  if (!version) throw shape.noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
};

const checkDocument = (account: AccountState, text: string) => {
  checkIdentityPolicy(text);
  if (sizeOf(text) > account.quotas.policySizeQuota)
    throw shape.limitExceeded("PolicySize", account.quotas.policySizeQuota);
};

/** Customer managed policies and their versions. */
export const managedPolicyOperations: Record<string, Operation> = {
  CreatePolicy: operation(
    {
      PolicyName: policyName,
      Path: shape.path.optional(),
      PolicyDocument: shape.document,
      Description: z.string().max(1000).optional(),
      Tags: shape.tagList.optional(),
    },
    ({ account, ids, now }, { PolicyName, Path = "/", PolicyDocument, Description, Tags }) => {
      checkDocument(account, PolicyDocument);
      const taken = [...account.policies.values()].some(({ name }) => name.toLowerCase() === PolicyName.toLowerCase());
      if (taken)
        throw shape.alreadyExists(`A policy called ${PolicyName} already exists. Duplicate names are not allowed.`);
      const { policiesQuota } = account.quotas;
      if (account.policies.size >= policiesQuota) throw shape.limitExceeded("PoliciesPerAccount", policiesQuota);
      const policy: ManagedPolicy = {
        name: PolicyName,
        path: Path,
        id: ids.entity("ANPA"),
        arn: `arn:aws:iam::${account.id}:policy${Path}${PolicyName}`,
        description: Description ?? "",
        createdAt: now,
        updatedAt: now,
        tags: shape.tagMap(Tags),
        versions: [{ id: "v1", document: PolicyDocument, createdAt: now }],
        defaultVersionId: "v1",
        nextVersion: 2,
      };
      account.policies.set(policy.arn, policy);
      return { Policy: wholePolicy(account, policy) };
    },
  ),

  GetPolicy: operation({ PolicyArn: shape.arn }, ({ account }, { PolicyArn }) => ({
    Policy: wholePolicy(account, shape.findPolicy(account, PolicyArn)),
  })),

  DeletePolicy: operation({ PolicyArn: shape.arn }, ({ account }, { PolicyArn }) => {
    const policy = findOwn(account, PolicyArn);
    const { attached = 0, boundary = 0 } = usageOf(account).get(PolicyArn) ?? {};
    if (attached + boundary > 0) throw shape.deleteConflict("Cannot delete a policy attached to entities.");
    if (policy.versions.length > 1) {
      throw shape.deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    account.policies.delete(PolicyArn);
  }),

  ListPolicies: operation(
    {
      Scope: z.enum(["All", "AWS", "Local"]).optional(),
      OnlyAttached: boolean.optional(),
      PathPrefix: pathPrefix,
      PolicyUsageFilter: z.enum(["PermissionsPolicy", "PermissionsBoundary"]).optional(),
      ...shape.paging,
    },
    ({ account }, input) => {
      const { Scope = "All", OnlyAttached = false, PathPrefix = "/", PolicyUsageFilter } = input;
      const usage = usageOf(account);
      const policies = [
        ...(Scope === "AWS" ? [] : account.policies.values()),
        ...(Scope === "Local" ? [] : awsManagedPolicies.values()),
      ].filter(({ arn, path }) => {
        const { attached = 0, boundary = 0 } = usage.get(arn) ?? {};
        const used = { PermissionsPolicy: attached, PermissionsBoundary: boundary };
        if (PolicyUsageFilter && used[PolicyUsageFilter] === 0) return false;
        return path.startsWith(PathPrefix) && (!OnlyAttached || attached + boundary > 0);
      });
      const sorted = sortBy(policies, ({ arn }) => arn);
      return shape.listed(
        "Policies",
        sorted,
        ({ arn }) => arn,
        (policy) => shownPolicy(policy, usage),
        input,
      );
    },
  ),

  CreatePolicyVersion: operation(
    { PolicyArn: shape.arn, PolicyDocument: shape.document, SetAsDefault: boolean.optional() },
    ({ account, now }, { PolicyArn, PolicyDocument, SetAsDefault }) => {
      const policy = findOwn(account, PolicyArn);
      checkDocument(account, PolicyDocument);
      const quota = account.quotas.versionsPerPolicyQuota;
      if (policy.versions.length >= quota) {
        throw new AwsError(
          "LimitExceeded",
          `A managed policy can have up to ${quota} versions. Before you create a new version, you must delete an existing version.`,
          409,
        );
      }
      const version = { id: `v${policy.nextVersion++}`, document: PolicyDocument, createdAt: now };
      policy.versions.push(version);
      policy.updatedAt = now;
      if (SetAsDefault) policy.defaultVersionId = version.id;
      return { PolicyVersion: shownVersion(policy, version) };
    },
  ),

  GetPolicyVersion: operation(
    { PolicyArn: shape.arn, VersionId: versionId },
    ({ account }, { PolicyArn, VersionId }) => {
      const policy = shape.findPolicy(account, PolicyArn);
      const version = findVersion(policy, VersionId);
      return { PolicyVersion: { Document: shape.encodeDocument(version.document), ...shownVersion(policy, version) } };
    },
  ),

  ListPolicyVersions: operation({ PolicyArn: shape.arn, ...shape.paging }, ({ account }, input) => {
    const policy = shape.findPolicy(account, input.PolicyArn);
    // In the order of their numbers, newest first: markers need keys that ascend.
    const keyOf = ({ id }: { id: string }) => String(1_000_000_000 - Number(id.slice(1)));
    return shape.listed(
      "Versions",
      sortBy(policy.versions, keyOf),
      keyOf,
      (version) => shownVersion(policy, version),
      input,
    );
  }),

  SetDefaultPolicyVersion: operation({ PolicyArn: shape.arn, VersionId: versionId }, ({ account, now }, input) => {
    const policy = findOwn(account, input.PolicyArn);
    policy.defaultVersionId = findVersion(policy, input.VersionId).id;
    policy.updatedAt = now;
  }),

  DeletePolicyVersion: operation({ PolicyArn: shape.arn, VersionId: versionId }, ({ account }, input) => {
    const policy = findOwn(account, input.PolicyArn);
    const version = findVersion(policy, input.VersionId);
    if (version.id === policy.defaultVersionId) {
      throw shape.deleteConflict("Cannot delete the default version of a policy.");
    }
    policy.versions.splice(policy.versions.indexOf(version), 1);
  }),

  ListEntitiesForPolicy: operation(
    {
      PolicyArn: shape.arn,
      EntityFilter: z.enum(["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]).optional(),
      PathPrefix: pathPrefix,
      PolicyUsageFilter: z.enum(["PermissionsPolicy", "PermissionsBoundary"]).optional(),
      ...shape.paging,
    },
    ({ account }, input) => {
      const { PolicyArn, EntityFilter, PathPrefix = "/", PolicyUsageFilter } = input;
      shape.findPolicy(account, PolicyArn);
      const users = (entity: Entity & { boundary?: string }) =>
        (PolicyUsageFilter !== "PermissionsBoundary" && entity.attachedPolicies.has(PolicyArn)) ||
        (PolicyUsageFilter !== "PermissionsPolicy" && entity.boundary === PolicyArn);
      const of = <T extends Entity>(kind: shape.Kind, entities: Map<string, T>) =>
        EntityFilter && EntityFilter !== kind
          ? []
          : [...entities.values()].filter((one) => users(one) && one.path.startsWith(PathPrefix));
      return shape.listedTogether(
        [
          shape.part("PolicyGroups", of("Group", account.groups), ({ name, id }) => ({ GroupName: name, GroupId: id })),
          shape.part("PolicyRoles", of("Role", account.roles), ({ name, id }) => ({ RoleName: name, RoleId: id })),
          shape.part("PolicyUsers", of("User", account.users), ({ name, id }) => ({ UserName: name, UserId: id })),
        ],
        input,
      );
    },
  ),
};
