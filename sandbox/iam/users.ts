import { z } from "zod";
import { rootArn } from "../callers.ts";
import { type Operation, operation, sortBy, tagList } from "../protocol/service.ts";
import { addUser } from "../state.ts";
import * as shape from "./shapes.ts";

const { find, userName } = shape;

export const userOperations: Record<string, Operation> = {
  CreateUser: operation(
    {
      UserName: userName,
      Path: shape.path.optional(),
      PermissionsBoundary: shape.arn.optional(),
      Tags: tagList.optional(),
    },
    ({ account, ids, now }, input) => {
      shape.checkNew(account, "User", input.UserName);
      const user = addUser(account, ids, {
        name: input.UserName,
        createdAt: now,
        tags: shape.tagMap(input.Tags),
        ...(input.Path && { path: input.Path }),
        ...(input.PermissionsBoundary && { boundary: input.PermissionsBoundary }),
      });
      return { User: shape.wholeUser(user) };
    },
  ),

  GetUser: operation({ UserName: shape.existingName.optional() }, (call, input) => {
    const { account } = call;
    const user = input.UserName === undefined ? shape.ownUser(call) : find(account, "User", input.UserName);
    if (user) return { User: shape.wholeUser(user) };
    const { createdAt, passwordLastUsedAt } = account.root;
    return {
      User: {
        Path: "/",
        UserName: account.alias,
        UserId: account.id,
        Arn: rootArn(account.id),
        CreateDate: createdAt,
        PasswordLastUsed: passwordLastUsedAt,
      },
    };
  }),

  ListUsers: operation({ PathPrefix: z.string().max(512).optional(), ...shape.paging }, ({ account }, input) => {
    const users = sortBy(account.users.values(), (user) => user.name).filter((user) =>
      user.path.startsWith(input.PathPrefix ?? "/"),
    );
    return shape.listed("Users", users, (user) => user.name, shape.listedUser, input);
  }),
};
