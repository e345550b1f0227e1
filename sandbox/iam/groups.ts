import * as z from "zod";
import { type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import { addGroup, type Group, type User } from "./state.ts";

const { existingName: groupName, find } = shape;

const membersOf = (account: AccountState, group: Group): User[] =>
  sortBy(account.users.values(), (user) => user.name).filter((user) => user.groups.has(group.name));

export const groupOperations: Record<string, Operation> = {
  CreateGroup: operation(
    { GroupName: groupName, Path: shape.path.optional() },
    ({ account, ids, now }, { GroupName, Path = "/" }) => {
      shape.checkNew(account, "Group", GroupName);
      return { Group: shape.shownGroup(addGroup(account, ids, { name: GroupName, path: Path, createdAt: now })) };
    },
  ),

  GetGroup: operation({ GroupName: groupName, ...shape.paging }, ({ account }, input) => {
    const group = find(account, "Group", input.GroupName);
    const users = shape.listed("Users", membersOf(account, group), (user) => user.name, shape.listedUser, input);
    return { Group: shape.shownGroup(group), ...users };
  }),

  ListGroups: operation({ PathPrefix: z.string().max(512).optional(), ...shape.paging }, ({ account }, input) => {
    const groups = sortBy(account.groups.values(), (group) => group.name).filter((group) =>
      group.path.startsWith(input.PathPrefix ?? "/"),
    );
    return shape.listed("Groups", groups, (group) => group.name, shape.shownGroup, input);
  }),

  DeleteGroup: operation({ GroupName: groupName }, ({ account }, { GroupName }) => {
    const group = find(account, "Group", GroupName);
    const { deleteConflict } = shape;
    if (membersOf(account, group).length > 0)
      throw deleteConflict("Cannot delete entity, must remove users from group first.");
    if (group.inlinePolicies.size > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
    if (group.attachedPolicies.size > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
    account.groups.delete(GroupName.toLowerCase());
  }),

  AddUserToGroup: operation(
    { GroupName: groupName, UserName: shape.existingName },
    ({ account }, { GroupName, UserName }) => {
      const group = find(account, "Group", GroupName);
      const { groups } = find(account, "User", UserName);
      const quota = account.quotas.groupsPerUserQuota;
      if (!groups.has(group.name) && groups.size >= quota) throw shape.limitExceeded("GroupsPerUser", quota);
      groups.add(group.name);
    },
  ),

  RemoveUserFromGroup: operation(
    { GroupName: groupName, UserName: shape.existingName },
    ({ account }, { GroupName, UserName }) => {
      find(account, "Group", GroupName);
      if (!find(account, "User", UserName).groups.delete(GroupName)) {
        throw shape.noSuchEntity(`User ${UserName} is not in group ${GroupName}.`);
      }
    },
  ),

  ListGroupsForUser: operation({ UserName: shape.existingName, ...shape.paging }, ({ account }, input) => {
    const groups = sortBy(find(account, "User", input.UserName).groups, (name) => name);
    return shape.listed(
      "Groups",
      groups,
      (name) => name,
      (name) => shape.shownGroup(find(account, "Group", name)),
      input,
    );
  }),
};
