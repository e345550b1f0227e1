import * as z from "zod";
import { findAccessKey, rootArn } from "../callers.ts";
import { AwsError, type Call, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import type { Credentials, User } from "./state.ts";

const userName = shape.existingName;
const keyId = z.string().regex(/^\w+$/).min(16).max(128);
const serial = z
  .string()
  .regex(/^[\w+=/:,.@-]+$/)
  .min(9)
  .max(256);
const code = z.string().regex(/^\d{6}$/);
const mfaDevicesQuota = 8;

/** How CloudTrail names the root user where a call about its MFA device names a user. */
const rootName = "AWS ROOT USER";

/** Whose credentials a call is about: a named user's, or the caller's own, who may be root. */
const ownerOf = (call: Call, name: string | undefined): { user?: User; credentials: Credentials } => {
  const { account, caller } = call;
  if (name === rootName && caller.principal.type === "root") return { credentials: account.root };
  const user = shape.userOrCaller(call, name);
  return user ? { user, credentials: user } : { credentials: account.root };
};

const accessKeyOf = (call: Call, name: string | undefined, id: string) => {
  const { user, credentials } = ownerOf(call, name);
  const key = credentials.accessKeys.find((one) => one.id === id);
  if (!key) throw shape.noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return { user, credentials, key };
};

const accessKeys: Record<string, Operation> = {
  CreateAccessKey: operation({ UserName: userName.optional() }, (call, { UserName }) => {
    const { user, credentials } = ownerOf(call, UserName);
    const quota = call.account.quotas.accessKeysPerUserQuota;
    if (credentials.accessKeys.length >= quota) throw shape.limitExceeded("AccessKeysPerUser", quota);
    const id = call.ids.accessKey("AKIA");
    const secret = call.ids.secret();
    credentials.accessKeys.push({ id, secret, status: "Active", createdAt: call.now });
    return {
      AccessKey: {
        UserName: user?.name,
        AccessKeyId: id,
        Status: "Active",
        SecretAccessKey: secret,
        CreateDate: call.now,
      },
    };
  }),

  UpdateAccessKey: operation(
    { UserName: userName.optional(), AccessKeyId: keyId, Status: z.enum(["Active", "Inactive"]) },
    (call, { UserName, AccessKeyId, Status }) => {
      accessKeyOf(call, UserName, AccessKeyId).key.status = Status;
    },
  ),

  DeleteAccessKey: operation({ UserName: userName.optional(), AccessKeyId: keyId }, (call, input) => {
    const { credentials, key } = accessKeyOf(call, input.UserName, input.AccessKeyId);
    credentials.accessKeys.splice(credentials.accessKeys.indexOf(key), 1);
  }),

  ListAccessKeys: operation({ UserName: userName.optional(), ...shape.paging }, (call, input) => {
    const { user, credentials } = ownerOf(call, input.UserName);
    return shape.listed(
      "AccessKeyMetadata",
      sortBy(credentials.accessKeys, (key) => key.id),
      (key) => key.id,
      (key) => ({ UserName: user?.name, AccessKeyId: key.id, Status: key.status, CreateDate: key.createdAt }),
      input,
    );
  }),

  GetAccessKeyLastUsed: operation({ AccessKeyId: keyId }, ({ account }, { AccessKeyId }) => {
    const found = findAccessKey([account], AccessKeyId);
    if (!found) throw shape.noSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`);
    const { at, service = "N/A", region = "N/A" } = found.key.lastUsed ?? {};
    return { UserName: found.userName, AccessKeyLastUsed: { LastUsedDate: at, ServiceName: service, Region: region } };
  }),
};

const noDevice = (number: string) => shape.noSuchEntity(`MFADevice with serial number ${number} does not exist.`);

const holderOf = (account: AccountState, number: string): { user?: User; enabledAt: Date } | undefined => {
  for (const user of [undefined, ...account.users.values()]) {
    const device = (user ?? account.root).mfaDevices.find((one) => one.serial === number);
    if (device) return { ...(user && { user }), enabledAt: device.enabledAt };
  }
  return undefined;
};

const shownHolder = (account: AccountState, user: User | undefined) =>
  user ? shape.wholeUser(user) : { UserId: account.id, Arn: rootArn(account.id), CreateDate: account.root.createdAt };

const mfa: Record<string, Operation> = {
  CreateVirtualMFADevice: operation(
    {
      VirtualMFADeviceName: z
        .string()
        .regex(/^[\w+=,.@-]+$/)
        .min(1)
        .max(226),
      Path: shape.path.optional(),
      Tags: shape.tagList.optional(),
    },
    ({ account, ids }, { VirtualMFADeviceName, Path = "/" }) => {
      const number = `arn:aws:iam::${account.id}:mfa${Path}${VirtualMFADeviceName}`;
      if (account.virtualMfaDevices.has(number)) {
        throw shape.alreadyExists("MFADevice entity at the same path and name already exists.");
      }
      const seed = ids.secret();
      account.virtualMfaDevices.set(number, { serial: number, seed });
      return {
        VirtualMFADevice: { SerialNumber: number, Base32StringSeed: Buffer.from(seed), QRCodePNG: Buffer.from(seed) },
      };
    },
  ),

  EnableMFADevice: operation(
    {
      UserName: z.union([userName, z.literal(rootName)]),
      SerialNumber: serial,
      AuthenticationCode1: code,
      AuthenticationCode2: code,
    },
    (call, { UserName, SerialNumber, AuthenticationCode1, AuthenticationCode2 }) => {
      const { account } = call;
      const { credentials } = ownerOf(call, UserName);
      const virtual = SerialNumber.startsWith(`arn:aws:iam::${account.id}:mfa/`);
      if (virtual && !account.virtualMfaDevices.has(SerialNumber)) throw noDevice(SerialNumber);
      if (holderOf(account, SerialNumber)) throw shape.alreadyExists("MFA Device is already in use.");
      if (AuthenticationCode1 === AuthenticationCode2) {
        throw new AwsError("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403);
      }
      if (credentials.mfaDevices.length >= mfaDevicesQuota)
        throw shape.limitExceeded("MFADevicesPerUser", mfaDevicesQuota);
      credentials.mfaDevices.push({ serial: SerialNumber, enabledAt: call.now });
    },
  ),

  ResyncMFADevice: operation(
    { UserName: userName, SerialNumber: serial, AuthenticationCode1: code, AuthenticationCode2: code },
    (call, { UserName, SerialNumber }) => {
      const { mfaDevices } = ownerOf(call, UserName).credentials;
      if (!mfaDevices.some((device) => device.serial === SerialNumber)) throw noDevice(SerialNumber);
    },
  ),

  DeactivateMFADevice: operation(
    { UserName: z.union([userName, z.literal(rootName)]).optional(), SerialNumber: serial },
    (call, { UserName, SerialNumber }) => {
      const { mfaDevices } = ownerOf(call, UserName).credentials;
      const index = mfaDevices.findIndex((device) => device.serial === SerialNumber);
      if (index === -1) throw noDevice(SerialNumber);
      mfaDevices.splice(index, 1);
    },
  ),

  DeleteVirtualMFADevice: operation({ SerialNumber: serial }, ({ account }, { SerialNumber }) => {
    if (!account.virtualMfaDevices.has(SerialNumber)) {
      throw shape.noSuchEntity(`VirtualMFADevice with serial number ${SerialNumber} doesn't exist.`);
    }
    if (holderOf(account, SerialNumber)) throw shape.deleteConflict("MFA VirtualDevice in use. Must deactivate first.");
    account.virtualMfaDevices.delete(SerialNumber);
  }),

  ListMFADevices: operation({ UserName: userName.optional(), ...shape.paging }, (call, input) => {
    const { user, credentials } = ownerOf(call, input.UserName);
    return shape.listed(
      "MFADevices",
      sortBy(credentials.mfaDevices, (device) => device.serial),
      (device) => device.serial,
      (device) => ({
        UserName: user?.name ?? call.account.id,
        SerialNumber: device.serial,
        EnableDate: device.enabledAt,
      }),
      input,
    );
  }),

  ListVirtualMFADevices: operation(
    { AssignmentStatus: z.enum(["Assigned", "Unassigned", "Any"]).optional(), ...shape.paging },
    ({ account }, input) => {
      const { AssignmentStatus = "Any" } = input;
      const devices = sortBy(account.virtualMfaDevices.keys(), (number) => number)
        .map((number) => ({ number, holder: holderOf(account, number) }))
        .filter(
          ({ holder }) => AssignmentStatus === "Any" || (AssignmentStatus === "Assigned") === (holder !== undefined),
        );
      return shape.listed(
        "VirtualMFADevices",
        devices,
        ({ number }) => number,
        ({ number, holder }) => ({
          SerialNumber: number,
          ...(holder && { User: shownHolder(account, holder.user), EnableDate: holder.enabledAt }),
        }),
        input,
      );
    },
  ),
};

export const credentialOperations: Record<string, Operation> = { ...accessKeys, ...mfa };
