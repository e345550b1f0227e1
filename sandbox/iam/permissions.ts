import { findAccessKey, rootArn } from "../callers.ts";
import type { Call, Needs, Permission } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import type { Role, User } from "./state.ts";

/** What AWS knows no resource of: a policy has to name `*`. */
const withoutResource = new Set([
  ...["ListUsers", "ListRoles", "ListGroups", "ListPolicies", "ListVirtualMFADevices", "ListOpenIDConnectProviders"],
  ...["ListServerCertificates", "ListSAMLProviders"],
  ...["SimulateCustomPolicy", "GetServiceLastAccessedDetails"],
]);

/** Operations that without a user's name are about the caller itself. */
const aboutCaller =
  /^(GetUser|ChangePassword|(Create|Get|Delete)LoginProfile|(Create|Update|Delete)AccessKey|(List|Update|Reset|Delete)ServiceSpecificCredentials?|ListAccessKeys|ListMFADevices|DeactivateMFADevice)$/;

/** Actions that IAM lets policies limit by the boundary that the principal has, or is to have. */
const byBoundary =
  /^(Create(User|Role)|(Put|Delete)(User|Role)(PermissionsBoundary|Policy)|(Attach|Detach)(User|Role)Policy)$/;

type Input = Parameters<NonNullable<Needs<Readonly<Record<string, unknown>>>>>[1];

const text = (input: Input, name: string): string | undefined => {
  const value = input[name];
  return typeof value === "string" ? value : undefined;
};

/** The ARN of a user, role or group, with its path if there is such a one, else with the path that it is to have. */
const named = (call: Call, kind: "user" | "role" | "group", name: string, path = "/"): string => {
  const entity = call.account[`${kind}s`].get(name.toLowerCase());
  return entity?.name === name ? entity.arn : `arn:aws:iam::${call.account.id}:${kind}${path}${name}`;
};

const ownArn = ({ account, caller }: Call): string => {
  const { principal } = caller;
  if (principal.type === "root") return rootArn(account.id);
  return principal.type === "user" ? caller.arn : "*";
};

const ownerOfKey = ({ account }: Call, accessKeyId: string): string => {
  const found = findAccessKey([account], accessKeyId);
  if (!found) return `arn:aws:iam::${account.id}:user/*`;
  return account.users.get(found.userName?.toLowerCase() ?? "")?.arn ?? rootArn(account.id);
};

const resourceOf = (call: Call, input: Input): string => {
  const { operation, account } = call;
  const arn = (rest: string) => `arn:aws:iam::${account.id}:${rest}`;
  if (withoutResource.has(operation) || input.AllUsers === true) return "*";
  const path = text(input, "Path");
  const group = text(input, "GroupName");
  if (group !== undefined) return named(call, "group", group, path);
  const role = text(input, "RoleName");
  if (role !== undefined) return named(call, "role", role, path);
  const user = text(input, "UserName");
  if (user === "AWS ROOT USER") return rootArn(account.id);
  if (user !== undefined) return named(call, "user", user, path);
  if (aboutCaller.test(operation)) return ownArn(call);
  const key = text(input, "AccessKeyId");
  if (key !== undefined) return ownerOfKey(call, key);
  const device = text(input, "VirtualMFADeviceName");
  if (device !== undefined) return arn(`mfa${path ?? "/"}${device}`);
  const url = text(input, "Url");
  if (url !== undefined) return arn(`oidc-provider/${url.replace(/^https:\/\//, "")}`);
  const certificate = text(input, "ServerCertificateName");
  if (certificate !== undefined)
    return (
      account.serverCertificates.get(certificate.toLowerCase())?.arn ??
      arn(`server-certificate${path ?? "/"}${certificate}`)
    );
  const service = text(input, "AWSServiceName");
  if (service !== undefined) return arn(`role/aws-service-role/${service}/*`);
  const own = ["PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "PolicySourceArn", "SerialNumber", "Arn"]
    .map((name) => text(input, name))
    .find((found) => found !== undefined);
  if (own !== undefined) return own;
  const policy = text(input, "PolicyName");
  return policy === undefined ? "*" : arn(`policy${path ?? "/"}${policy}`);
};

/** Who or what stands behind an ARN of the account, if it is there and can have tags. */
const tagged = (
  { users, roles, policies, oidcProviders }: AccountState,
  arn: string,
): { readonly tags: ReadonlyMap<string, string> } | User | Role | undefined => {
  const [, kind, name = ""] = /^arn:aws:iam::\d+:(user|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (kind === undefined) return policies.get(arn) ?? oidcProviders.get(arn);
  const found = (kind === "user" ? users : roles).get(name.toLowerCase());
  return found?.arn === arn ? found : undefined;
};

const byTag = (tags: ReadonlyMap<string, string>) =>
  Object.fromEntries([...tags].map(([key, value]) => [`iam:ResourceTag/${key}`, value]));

/**
 * What an operation of IAM asks its caller's policies for: its action, on whatever its input names.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const iamNeeds: Needs<Input> = (call, input) => {
  const { operation, account } = call;
  const resource = resourceOf(call, input);
  const found = tagged(account, resource);
  const boundary = byBoundary.test(operation)
    ? (text(input, "PermissionsBoundary") ?? (found && "boundary" in found ? found.boundary : undefined))
    : undefined;
  const permission: Permission = {
    resource,
    // A policy of AWS belongs to no account, and is for everybody's use.
    accountId: account.id,
    tags: found?.tags,
    context: {
      "iam:PermissionsBoundary": boundary,
      "iam:PolicyARN": /^(Attach|Detach)/.test(operation) ? text(input, "PolicyArn") : undefined,
      "iam:AWSServiceName": text(input, "AWSServiceName"),
      ...(found && byTag(found.tags)),
    },
  };
  const renamed = operation === "UpdateUser" && (text(input, "NewUserName") ?? text(input, "NewPath"));
  if (!renamed) return [permission];
  const path = text(input, "NewPath") ?? account.users.get(text(input, "UserName")?.toLowerCase() ?? "")?.path;
  const name = text(input, "NewUserName") ?? text(input, "UserName");
  return [permission, { ...permission, resource: `arn:aws:iam::${account.id}:user${path ?? "/"}${name}` }];
};
