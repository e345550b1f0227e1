import * as z from "zod";
import { AwsError, boolean, type Call, integer, type Operation, operation, sortBy } from "../protocol/service.ts";
import * as shape from "./shapes.ts";
import type { ServiceCredential, User } from "./state.ts";

const credentialId = z.string().regex(/^\w+$/).min(20).max(128);
const status = z.enum(["Active", "Inactive"]);
const serviceName = z.string().min(1);
const perServiceQuota = 2;
const dayMs = 86_400_000;

/** Services whose credential is an API key, which may expire; that of the others is a name and a password. */
const withApiKeys = new Set(["bedrock.amazonaws.com", "logs.amazonaws.com"]);
const withPasswords = new Set(["cassandra.amazonaws.com", "codecommit.amazonaws.com"]);

const metadataOf = (user: User, { id, service, alias, status: state, createdAt, expiresAt }: ServiceCredential) => ({
  UserName: user.name,
  Status: state,
  [withApiKeys.has(service) ? "ServiceCredentialAlias" : "ServiceUserName"]: alias,
  CreateDate: createdAt,
  ExpirationDate: expiresAt,
  ServiceSpecificCredentialId: id,
  ServiceName: service,
});

/** A user's credential; without a user's name, of whoever asks. */
const credentialOf = (call: Call, name: string | undefined, id: string) => {
  const user = shape.namedUser(call, name);
  const credential = user.serviceCredentials?.get(id);
  if (!credential) throw shape.noSuchEntity(`Service specific credential ${id} does not exist.`);
  return { user, credential };
};

/** Credentials for one service alone. */
export const serviceCredentialOperations: Record<string, Operation> = {
  CreateServiceSpecificCredential: operation(
    { UserName: shape.userName, ServiceName: serviceName, CredentialAgeDays: integer(1, 36_600).optional() },
    ({ account, ids, now }, { UserName, ServiceName, CredentialAgeDays }) => {
      const user = shape.find(account, "User", UserName);
      const isKey = withApiKeys.has(ServiceName);
      if (!isKey && !withPasswords.has(ServiceName))
        throw new AwsError("NotSupportedService", `Service ${ServiceName} is not supported for this operation`, 404);
      if (CredentialAgeDays !== undefined && !isKey)
        throw shape.invalidInput(`CredentialAgeDays is not supported for service ${ServiceName}`);
      user.serviceCredentials ??= new Map();
      const ofService = [...user.serviceCredentials.values()].filter(({ service }) => service === ServiceName);
      if (ofService.length >= perServiceQuota)
        throw shape.limitExceeded("ServiceSpecificCredentialsPerUser", perServiceQuota);
      const suffix = ofService.length === 0 ? "" : `+${ofService.length}`;
      const credential: ServiceCredential = {
        id: ids.entity("ACCA"),
        service: ServiceName,
        alias: `${user.name}${suffix}-at-${account.id}`,
        status: "Active",
        createdAt: now,
        ...(CredentialAgeDays !== undefined && { expiresAt: new Date(now.getTime() + CredentialAgeDays * dayMs) }),
      };
      user.serviceCredentials.set(credential.id, credential);
      const secret = ids.secret();
      return {
        ServiceSpecificCredential: {
          ...metadataOf(user, credential),
          [isKey ? "ServiceCredentialSecret" : "ServicePassword"]: secret,
        },
      };
    },
  ),

  ListServiceSpecificCredentials: operation(
    {
      UserName: shape.userName.optional(),
      ServiceName: serviceName.optional(),
      AllUsers: boolean.optional(),
      ...shape.paging,
    },
    (call, input) => {
      const { UserName, ServiceName, AllUsers = false } = input;
      if (AllUsers && UserName !== undefined) throw shape.invalidInput("UserName cannot be given with AllUsers");
      const users = AllUsers ? [...call.account.users.values()] : [shape.namedUser(call, UserName)];
      const all = users
        .flatMap((user) => [...(user.serviceCredentials?.values() ?? [])].map((credential) => ({ user, credential })))
        .filter(({ credential }) => ServiceName === undefined || credential.service === ServiceName);
      return shape.listed(
        "ServiceSpecificCredentials",
        sortBy(all, ({ credential }) => credential.id),
        ({ credential }) => credential.id,
        ({ user, credential }) => metadataOf(user, credential),
        input,
      );
    },
  ),

  UpdateServiceSpecificCredential: operation(
    { UserName: shape.userName.optional(), ServiceSpecificCredentialId: credentialId, Status: status },
    (call, { UserName, ServiceSpecificCredentialId, Status }) => {
      credentialOf(call, UserName, ServiceSpecificCredentialId).credential.status = Status;
    },
  ),

  DeleteServiceSpecificCredential: operation(
    { UserName: shape.userName.optional(), ServiceSpecificCredentialId: credentialId },
    (call, { UserName, ServiceSpecificCredentialId }) => {
      const { user } = credentialOf(call, UserName, ServiceSpecificCredentialId);
      user.serviceCredentials?.delete(ServiceSpecificCredentialId);
    },
  ),
};
