import * as z from "zod";
import { integer, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import { checkTrustPolicy } from "./documents.ts";
import * as shape from "./shapes.ts";
import { addRole, trusting } from "./state.ts";

const { find, findToChange, userName } = shape;

const description = z.string().max(1000);
const maxSessionDuration = integer(3600, 43_200);

const checkTrust = (account: AccountState, document: string) => {
  checkTrustPolicy(document);
  const quota = account.quotas.assumeRolePolicySizeQuota;
  if (document.length > quota) throw shape.limitExceeded("ACLSizePerRole", quota);
};

export const roleOperations: Record<string, Operation> = {
  CreateRole: operation(
    {
      RoleName: userName,
      Path: shape.path.optional(),
      AssumeRolePolicyDocument: shape.document,
      Description: description.optional(),
      MaxSessionDuration: maxSessionDuration.optional(),
      PermissionsBoundary: shape.arn.optional(),
      Tags: shape.tagList.optional(),
    },
    ({ account, ids, now }, input) => {
      if (input.Path?.startsWith("/aws-service-role/") || input.Path?.startsWith("/aws-reserved/")) {
        throw shape.invalidInput(`The path ${input.Path} is reserved for AWS.`);
      }
      checkTrust(account, input.AssumeRolePolicyDocument);
      shape.checkNew(account, "Role", input.RoleName);
      if (input.PermissionsBoundary !== undefined) shape.findPolicy(account, input.PermissionsBoundary);
      const role = addRole(account, ids, {
        name: input.RoleName,
        createdAt: now,
        trustPolicy: input.AssumeRolePolicyDocument,
        description: input.Description ?? "",
        maxSessionDuration: input.MaxSessionDuration ?? 3600,
        tags: shape.tagMap(input.Tags),
        ...(input.Path && { path: input.Path }),
        ...(input.PermissionsBoundary && { boundary: input.PermissionsBoundary }),
      });
      return { Role: shape.newRole(role) };
    },
  ),

  CreateServiceLinkedRole: operation(
    {
      AWSServiceName: z
        .string()
        .regex(/^[\w+=,.@-]+$/)
        .min(1)
        .max(128),
      Description: description.optional(),
      CustomSuffix: z.string().max(64).optional(),
    },
    ({ account, ids, now }, { AWSServiceName: service, Description, CustomSuffix }) => {
      const [first = ""] = service.split(".");
      const base = `AWSServiceRoleFor${first.charAt(0).toUpperCase()}${first.slice(1)}`;
      const name = CustomSuffix === undefined ? base : `${base}_${CustomSuffix}`;
      if (account.roles.has(name.toLowerCase())) {
        throw shape.invalidInput(
          `Service role name ${name} has been taken in this account, please try a different suffix.`,
        );
      }
      const role = addRole(account, ids, {
        name,
        path: `/aws-service-role/${service}/`,
        createdAt: now,
        description: Description ?? "",
        trustPolicy: trusting({ Service: service }),
      });
      return { Role: shape.newRole(role) };
    },
  ),

  GetRole: operation({ RoleName: userName }, ({ account }, input) => ({
    Role: shape.wholeRole(find(account, "Role", input.RoleName)),
  })),

  ListRoles: operation({ PathPrefix: z.string().max(512).optional(), ...shape.paging }, ({ account }, input) => {
    const roles = sortBy(account.roles.values(), (role) => role.name).filter((role) =>
      role.path.startsWith(input.PathPrefix ?? "/"),
    );
    return shape.listed("Roles", roles, (role) => role.name, shape.listedRole, input);
  }),

  UpdateRole: operation(
    { RoleName: userName, Description: description.optional(), MaxSessionDuration: maxSessionDuration.optional() },
    ({ account }, { RoleName, Description, MaxSessionDuration }) => {
      const role = findToChange(account, "Role", RoleName);
      role.description = Description ?? role.description;
      role.maxSessionDuration = MaxSessionDuration ?? role.maxSessionDuration;
      return {};
    },
  ),

  UpdateAssumeRolePolicy: operation(
    { RoleName: userName, PolicyDocument: shape.document },
    ({ account }, { RoleName, PolicyDocument }) => {
      const role = findToChange(account, "Role", RoleName);
      checkTrust(account, PolicyDocument);
      role.trustPolicy = PolicyDocument;
    },
  ),

  DeleteRole: operation({ RoleName: userName }, ({ account }, { RoleName }) => {
    const role = findToChange(account, "Role", RoleName);
    if (role.inlinePolicies.size > 0) throw shape.deleteConflict("Cannot delete entity, must delete policies first.");
    if (role.attachedPolicies.size > 0)
      throw shape.deleteConflict("Cannot delete entity, must detach all policies first.");
    account.roles.delete(RoleName.toLowerCase());
  }),
};

/** Tags and permissions boundaries, which users and roles have alike. */
const decorations = (kind: "User" | "Role"): Record<string, Operation> => {
  const nameField = `${kind}Name` as const;
  const named = { [nameField]: userName } as Record<"UserName" | "RoleName", typeof userName>;
  const nameOf = (input: { UserName?: string; RoleName?: string }) => input[nameField] ?? "";
  return {
    [`Tag${kind}`]: operation({ ...named, Tags: shape.tagList }, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      const added = shape.tagMap(input.Tags);
      const before = new Map([...entity.tags].map(([key]) => [key.toLowerCase(), key]));
      const more = [...added.keys()].filter((key) => !before.has(key.toLowerCase())).length;
      if (entity.tags.size + more > 50) throw shape.limitExceeded("TagsPerResource", 50);
      for (const [key, value] of added) {
        entity.tags.delete(before.get(key.toLowerCase()) ?? key);
        entity.tags.set(key, value);
      }
    }),
    [`Untag${kind}`]: operation({ ...named, TagKeys: z.array(z.string()) }, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      const unwanted = new Set(input.TagKeys.map((key) => key.toLowerCase()));
      for (const key of [...entity.tags.keys()]) if (unwanted.has(key.toLowerCase())) entity.tags.delete(key);
    }),
    [`List${kind}Tags`]: operation({ ...named, ...shape.paging }, ({ account }, input) => {
      const tags = sortBy(find(account, kind, nameOf(input)).tags, ([key]) => key);
      return shape.listed(
        "Tags",
        tags,
        ([key]) => key,
        ([Key, Value]) => ({ Key, Value }),
        input,
      );
    }),
    [`Put${kind}PermissionsBoundary`]: operation({ ...named, PermissionsBoundary: shape.arn }, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      shape.findPolicy(account, input.PermissionsBoundary);
      entity.boundary = input.PermissionsBoundary;
    }),
    [`Delete${kind}PermissionsBoundary`]: operation(named, ({ account }, input) => {
      const entity = findToChange(account, kind, nameOf(input));
      if (entity.boundary === undefined) {
        throw shape.noSuchEntity(`${kind} ${entity.name} does not have a permissions boundary.`);
      }
      delete entity.boundary;
    }),
  };
};

export const decorationOperations = { ...decorations("User"), ...decorations("Role") };
