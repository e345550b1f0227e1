import { z } from "zod";
import { integer, type Operation, operation, sortBy, tagList } from "../protocol/service.ts";
import { addRole } from "../state.ts";
import * as shape from "./shapes.ts";

const { find, userName } = shape;

export const roleOperations: Record<string, Operation> = {
  CreateRole: operation(
    {
      RoleName: userName,
      Path: shape.path.optional(),
      AssumeRolePolicyDocument: shape.document,
      Description: z.string().max(1000).optional(),
      MaxSessionDuration: integer(3600, 43_200).optional(),
      PermissionsBoundary: shape.arn.optional(),
      Tags: tagList.optional(),
    },
    ({ account, ids, now }, input) => {
      shape.checkNew(account, "Role", input.RoleName);
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
      return { Role: shape.wholeRole(role) };
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
};
