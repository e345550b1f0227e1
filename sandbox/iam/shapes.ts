import * as z from "zod";
import { AwsError, type Call, integer, list, type Output, page, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import { awsManagedPolicies } from "./aws-policies.ts";
import type { Entity, Group, ManagedPolicy, Role, User } from "./state.ts";

export type Kind = "User" | "Role" | "Group";

export const noSuchEntity = (message: string) => new AwsError("NoSuchEntity", message, 404);
export const alreadyExists = (message: string) => new AwsError("EntityAlreadyExists", message, 409);
export const deleteConflict = (message: string) => new AwsError("DeleteConflict", message, 409);
export const invalidInput = (message: string) => new AwsError("InvalidInput", message, 400);
export const limitExceeded = (quota: string, limit: number) =>
  new AwsError("LimitExceeded", `Cannot exceed quota for ${quota}: ${limit}`, 409);

// Shapes of the inputs that many operations share; names and limits are those of the service's model.
export const userName = z
  .string()
  .regex(/^[\w+=,.@-]+$/)
  .min(1)
  .max(64);
export const existingName = z
  .string()
  .regex(/^[\w+=,.@-]+$/)
  .min(1)
  .max(128);
export const entityName = { User: userName, Role: userName, Group: existingName } as const;
export const path = z
  .string()
  .regex(/^\/([\x21-\x7e]{0,510}\/)?$/)
  .max(512);
export const arn = z.string().min(20).max(2048);
export const document = z.string().min(1).max(131_072);
export const tagList = list(
  z.object({
    Key: z
      .string()
      .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u)
      .max(128),
    Value: z
      .string()
      .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u)
      .max(256),
  }),
);
export const paging = { Marker: z.string().max(320).optional(), MaxItems: integer(1, 1000).optional() };

interface Paging {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** One page of a list (100 unless `MaxItems` says otherwise), shown under `name`, with IAM's paging fields. */
export const listed = <T>(
  name: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  show: (item: T) => unknown,
  { Marker, MaxItems = 100 }: Paging,
): Output => {
  const { items: shown, next } = page(items, keyOf, { marker: Marker, size: MaxItems });
  return { [name]: shown.map(show), IsTruncated: next !== undefined, Marker: next };
};

interface EntityOf {
  User: User;
  Role: Role;
  Group: Group;
}

/** The account's users, roles or groups, by name in lower case. */
export const entitiesOf = <K extends Kind>(account: AccountState, kind: K): Map<string, EntityOf[K]> => {
  const maps: { [Each in Kind]: Map<string, EntityOf[Each]> } = {
    User: account.users,
    Role: account.roles,
    Group: account.groups,
  };
  return maps[kind];
};

/** @throws AwsError `NoSuchEntity` */
export const find = <K extends Kind>(account: AccountState, kind: K, name: string): EntityOf[K] => {
  const entity = entitiesOf(account, kind).get(name.toLowerCase());
  if (entity?.name !== name) throw noSuchEntity(`The ${kind.toLowerCase()} with name ${name} cannot be found.`);
  return entity;
};

/** As `find`, for a change. @throws AwsError `UnmodifiableEntity` for roles that only AWS may change */
export const findToChange = <K extends Kind>(account: AccountState, kind: K, name: string): EntityOf[K] => {
  const entity = find(account, kind, name);
  if (entity.path.startsWith("/aws-service-role/") || entity.path.startsWith("/aws-reserved/")) {
    throw new AwsError(
      "UnmodifiableEntity",
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    );
  }
  return entity;
};

/** @throws AwsError `EntityAlreadyExists` if the name is taken in any case, `LimitExceeded` if the quota is used up */
export const checkNew = (account: AccountState, kind: Kind, name: string) => {
  const entities = entitiesOf(account, kind);
  if (entities.has(name.toLowerCase())) throw alreadyExists(`${kind} with name ${name} already exists.`);
  const quota = { User: account.quotas.usersQuota, Role: account.quotas.rolesQuota, Group: account.quotas.groupsQuota }[
    kind
  ];
  if (entities.size >= quota) throw limitExceeded(`${kind}sPerAccount`, quota);
};

const encoded = new Map<string, string>();

/** URL-encoded by RFC 3986, as IAM returns policy documents. Remembered, because many roles have one document alike. */
export const encodeDocument = (text: string): string => {
  let result = encoded.get(text);
  if (result === undefined) {
    result = encodeURIComponent(text).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    if (encoded.size > 10_000) encoded.clear();
    encoded.set(text, result);
  }
  return result;
};

export const tagsOf = (tags: ReadonlyMap<string, string>) => [...tags].map(([Key, Value]) => ({ Key, Value }));

/** Undefined where there are none: IAM leaves an empty list of tags out. */
export const someTags = (tags: ReadonlyMap<string, string>) => (tags.size > 0 ? tagsOf(tags) : undefined);

/** @throws AwsError `InvalidInput` for a key given twice, in any case */
export const tagMap = (tags: readonly { Key: string; Value: string }[] = []): Map<string, string> => {
  if (new Set(tags.map(({ Key }) => Key.toLowerCase())).size < tags.length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (tags.length > 50) throw limitExceeded("TagsPerResource", 50);
  return new Map(tags.map(({ Key, Value }) => [Key, Value]));
};

const boundaryOf = (boundary: string | undefined) =>
  boundary && { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary };

/** What lists show of a user: neither tags nor boundary. */
export const listedUser = (user: User) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: user.createdAt,
  PasswordLastUsed: user.loginProfile && user.passwordLastUsedAt,
});

export const wholeUser = (user: User) => ({
  ...listedUser(user),
  PermissionsBoundary: boundaryOf(user.boundary),
  Tags: someTags(user.tags),
});

/** What lists show of a role: neither tags nor boundary nor last use. */
export const listedRole = (role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  Description: role.description || undefined,
  MaxSessionDuration: role.maxSessionDuration,
});

export const newRole = (role: Role) => ({
  ...listedRole(role),
  PermissionsBoundary: boundaryOf(role.boundary),
  Tags: someTags(role.tags),
});

export const wholeRole = (role: Role) => ({
  ...newRole(role),
  RoleLastUsed: role.lastUsed ? { LastUsedDate: role.lastUsed.at, Region: role.lastUsed.region } : {},
});

export const shownGroup = (group: Entity) => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: group.createdAt,
});

const mustName = () => new AwsError("ValidationError", "Must specify userName when calling with non-User credentials");

/** The user of that name; without a name the caller's own, or undefined for root. */
export const userOrCaller = ({ account, caller }: Call, name: string | undefined): User | undefined => {
  if (name !== undefined) return find(account, "User", name);
  if (caller.principal.type === "role") throw mustName();
  return caller.principal.type === "root" ? undefined : find(account, "User", caller.principal.userName);
};

/** As `userOrCaller`, for what root has none of. */
export const namedUser = (call: Call, name: string | undefined): User => {
  const user = userOrCaller(call, name);
  if (!user) throw mustName();
  return user;
};

/** A customer's or AWS's managed policy. @throws AwsError `NoSuchEntity` */
export const findPolicy = (account: AccountState, policyArn: string): ManagedPolicy => {
  const policy = account.policies.get(policyArn) ?? awsManagedPolicies.get(policyArn);
  if (!policy) throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
  return policy;
};

export const attachedPolicy = ({ name, arn: policyArn }: { name: string; arn: string }) => ({
  PolicyName: name,
  PolicyArn: policyArn,
});

/** One list of several that are paged one after another: the output field, its items in order, how one is shown. */
export interface Part {
  readonly field: string;
  readonly items: readonly { readonly key: string; readonly show: () => unknown }[];
}

/** A part in the order of the items' names. */
export const part = <T extends { readonly name: string }>(
  field: string,
  items: Iterable<T>,
  show: (item: T) => unknown,
): Part => ({
  field,
  items: sortBy(items, ({ name }) => name).map((item) => ({ key: item.name, show: () => show(item) })),
});

/** One page over several lists, as `GetAccountAuthorizationDetails` pages. */
export const listedTogether = (parts: readonly Part[], { Marker, MaxItems = 100 }: Paging): Output => {
  const all = parts.flatMap(({ field, items }, index) =>
    items.map((item) => ({ ...item, field, key: `${index}/${item.key}` })),
  );
  const { items: shown, next } = page(all, ({ key }) => key, { marker: Marker, size: MaxItems });
  const fields = Object.fromEntries(parts.map(({ field }): [string, unknown[]] => [field, []]));
  for (const { field, show } of shown) fields[field]?.push(show());
  return { ...fields, IsTruncated: next !== undefined, Marker: next };
};
