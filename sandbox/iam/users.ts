import * as z from "zod";
import { rootArn } from "../callers.ts";
import { AwsError, boolean, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import { addUser, type RootUser, type User } from "./state.ts";

const { find, userName } = shape;

const password = z.string().min(1).max(128);

const loginProfileOf = (user: User) => {
  if (!user.loginProfile) throw shape.noSuchEntity(`Login Profile for User ${user.name} cannot be found.`);
  return user.loginProfile;
};

const rootWithPassword = ({ id, root }: AccountState): RootUser => {
  if (!root.passwordEnabled) throw shape.noSuchEntity(`Login Profile for User ${id} cannot be found.`);
  return root;
};

const checkPassword = (policy: Record<string, unknown> | undefined, text: string) => {
  const { MinimumPasswordLength = 8 } = policy ?? {};
  if (text.length < Number(MinimumPasswordLength)) {
    const message = `Password should have a minimum length of ${MinimumPasswordLength}`;
    throw new AwsError("PasswordPolicyViolation", message);
  }
};

/** What has to be removed before a user can be. */
const remnantsOf = (user: User): string | undefined => {
  if (user.loginProfile) return "delete login profile first.";
  if (user.accessKeys.length > 0) return "delete access keys first.";
  if (user.mfaDevices.length > 0) return "deactivate MFA device first.";
  if (user.inlinePolicies.size > 0) return "delete policies first.";
  if (user.attachedPolicies.size > 0) return "detach all policies first.";
  if (user.serviceCredentials?.size) return "delete service specific credentials first.";
  return user.groups.size > 0 ? "remove users from group first." : undefined;
};

export const userOperations: Record<string, Operation> = {
  CreateUser: operation(
    {
      UserName: userName,
      Path: shape.path.optional(),
      PermissionsBoundary: shape.arn.optional(),
      Tags: shape.tagList.optional(),
    },
    ({ account, ids, now }, input) => {
      shape.checkNew(account, "User", input.UserName);
      if (input.PermissionsBoundary !== undefined) shape.findPolicy(account, input.PermissionsBoundary);
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
    const user = shape.userOrCaller(call, input.UserName);
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

  UpdateUser: operation(
    { UserName: userName, NewUserName: userName.optional(), NewPath: shape.path.optional() },
    ({ account }, { UserName, NewUserName = UserName, NewPath }) => {
      const user = find(account, "User", UserName);
      const taken = account.users.get(NewUserName.toLowerCase());
      if (taken && taken !== user) throw shape.alreadyExists(`User with name ${NewUserName} already exists.`);
      account.users.delete(UserName.toLowerCase());
      user.name = NewUserName;
      user.path = NewPath ?? user.path;
      user.arn = `arn:aws:iam::${account.id}:user${user.path}${user.name}`;
      account.users.set(NewUserName.toLowerCase(), user);
    },
  ),

  DeleteUser: operation({ UserName: userName }, ({ account }, { UserName }) => {
    const remnants = remnantsOf(find(account, "User", UserName));
    if (remnants) throw shape.deleteConflict(`Cannot delete entity, must ${remnants}`);
    account.users.delete(UserName.toLowerCase());
  }),

  CreateLoginProfile: operation(
    { UserName: userName.optional(), Password: password.optional(), PasswordResetRequired: boolean.optional() },
    (call, { UserName, Password = "", PasswordResetRequired = false }) => {
      const user = shape.namedUser(call, UserName);
      if (user.loginProfile) throw shape.alreadyExists(`Login Profile for user ${user.name} already exists.`);
      checkPassword(call.account.passwordPolicy, Password);
      user.loginProfile = { createdAt: call.now, changedAt: call.now, resetRequired: PasswordResetRequired };
      return { LoginProfile: { UserName: user.name, CreateDate: call.now, PasswordResetRequired } };
    },
  ),

  GetLoginProfile: operation({ UserName: userName.optional() }, (call, { UserName }) => {
    const user = shape.userOrCaller(call, UserName);
    if (!user) {
      const { createdAt, passwordChangedAt: CreateDate = createdAt } = rootWithPassword(call.account);
      return { LoginProfile: { UserName: call.account.id, CreateDate, PasswordResetRequired: false } };
    }
    const { createdAt, resetRequired } = loginProfileOf(user);
    return { LoginProfile: { UserName: user.name, CreateDate: createdAt, PasswordResetRequired: resetRequired } };
  }),

  UpdateLoginProfile: operation(
    { UserName: userName, Password: password.optional(), PasswordResetRequired: boolean.optional() },
    ({ account, now }, { UserName, Password, PasswordResetRequired }) => {
      const profile = loginProfileOf(find(account, "User", UserName));
      if (Password !== undefined) {
        checkPassword(account.passwordPolicy, Password);
        profile.changedAt = now;
      }
      profile.resetRequired = PasswordResetRequired ?? profile.resetRequired;
    },
  ),

  DeleteLoginProfile: operation({ UserName: userName.optional() }, (call, { UserName }) => {
    const user = shape.userOrCaller(call, UserName);
    if (!user) {
      const root = rootWithPassword(call.account);
      root.passwordEnabled = false;
      delete root.passwordChangedAt;
      delete root.passwordLastUsedAt;
      return;
    }
    loginProfileOf(user);
    delete user.loginProfile;
    delete user.passwordLastUsedAt;
  }),

  ChangePassword: operation({ OldPassword: password, NewPassword: password }, (call, { NewPassword }) => {
    const user = shape.userOrCaller(call, undefined);
    if (!user) throw new AwsError("InvalidUserType", "Only IAM Users can change their own password");
    checkPassword(call.account.passwordPolicy, NewPassword);
    const profile = loginProfileOf(user);
    profile.changedAt = call.now;
    profile.resetRequired = false;
  }),
};
