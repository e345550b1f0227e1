import {
  type AccessKeyMetadata,
  GetAccountPasswordPolicyCommand,
  GetLoginProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type GetUserPolicyResponse,
  type IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { isOwnAnalyzer } from "../analyzers/own-analyzer.ts";
import { call, isCode, isNoSuchEntity } from "../aws/errors.ts";
import { MalformedInputError } from "../errors.ts";
import { passwordPolicyOf } from "../facts/passwords.ts";
import { maxItems, pages } from "../facts/reading.ts";
import { policyText } from "../facts/shapes.ts";
import type { AccountAccess } from "./account-access.ts";
import type { SlotState } from "./remediation.ts";
import type { KeyStatus, Slot } from "./step.ts";

/** `undefined` where IAM says that there is no such entity. */
export const ifThere = async <T>(
  permission: string,
  accountId: string,
  send: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await call(permission, accountId, send);
  } catch (error) {
    if (isNoSuchEntity(error)) return undefined;
    throw error;
  }
};

/** The same of Access Analyzer. */
const ifFound = async <T>(permission: string, accountId: string, send: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call(permission, accountId, send);
  } catch (error) {
    if (isCode(error, "ResourceNotFound")) return undefined;
    throw error;
  }
};

const required = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new MalformedInputError(`IAM answered without ${what}`);
  return value;
};

/**
 * The text of an inline policy, to the byte.
 * @throws MalformedInputError if IAM sent none, or none that can be decoded
 */
export const policyTextOf = ({ PolicyDocument }: Pick<GetUserPolicyResponse, "PolicyDocument">): string => {
  const document = required(PolicyDocument, "PolicyDocument");
  try {
    return policyText(document);
  } catch (cause) {
    throw new MalformedInputError("IAM answered with a policy document that cannot be decoded", { cause });
  }
};

const statusOf = (key: AccessKeyMetadata): KeyStatus => (key.Status === "Active" ? "Active" : "Inactive");

/** The keys of a user, or without a name of whoever asks. */
const listKeys = async (iam: IAMClient, UserName?: string): Promise<readonly AccessKeyMetadata[]> => {
  const keys: AccessKeyMetadata[] = [];
  const list = pages((marker) =>
    iam.send(new ListAccessKeysCommand({ ...(UserName !== undefined && { UserName }), MaxItems: maxItems, ...marker })),
  );
  for await (const page of list) keys.push(...(page.AccessKeyMetadata ?? []));
  return keys;
};

/**
 * What stands at a slot now.
 * @throws AccessDeniedError | ThrottledError, or the SDK's own error
 */
export const readSlot = async (
  { accountId, iam, analyzers, asRoot }: AccountAccess,
  slot: Slot,
): Promise<SlotState> => {
  switch (slot.kind) {
    case "userPolicy": {
      const { userName: UserName, policyName: PolicyName } = slot;
      const user = await ifThere("iam:GetUser", accountId, () => iam.send(new GetUserCommand({ UserName })));
      if (user === undefined) return { kind: "gone", what: `user ${UserName}` };
      const policy = await ifThere("iam:GetUserPolicy", accountId, () =>
        iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
      );
      const document = policy && policyTextOf(policy);
      return { kind: "userPolicy", userId: required(user.User?.UserId, "UserId"), document: document ?? null };
    }
    case "accessKey": {
      const { userName, accessKeyId } = slot;
      const keys = await ifThere("iam:ListAccessKeys", accountId, () => listKeys(iam, userName));
      const key = keys?.find((one) => one.AccessKeyId === accessKeyId);
      return { kind: "accessKey", status: key ? statusOf(key) : null };
    }
    case "roleBoundary": {
      const { roleName: RoleName } = slot;
      const answer = await ifThere("iam:GetRole", accountId, () => iam.send(new GetRoleCommand({ RoleName })));
      if (answer === undefined) return { kind: "gone", what: `role ${RoleName}` };
      return {
        kind: "roleBoundary",
        roleId: required(answer.Role?.RoleId, "RoleId"),
        boundaryArn: answer.Role?.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
      };
    }
    case "rolePolicy": {
      const { roleName: RoleName, policyName: PolicyName } = slot;
      const answer = await ifThere("iam:GetRole", accountId, () => iam.send(new GetRoleCommand({ RoleName })));
      if (answer === undefined) return { kind: "gone", what: `role ${RoleName}` };
      const policy = await ifThere("iam:GetRolePolicy", accountId, () =>
        iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
      );
      const document = policy && policyTextOf(policy);
      return { kind: "rolePolicy", roleId: required(answer.Role?.RoleId, "RoleId"), document: document ?? null };
    }
    case "roleTag": {
      const { roleName: RoleName, key } = slot;
      const answer = await ifThere("iam:GetRole", accountId, () => iam.send(new GetRoleCommand({ RoleName })));
      if (answer === undefined) return { kind: "gone", what: `role ${RoleName}` };
      const tag = answer.Role?.Tags?.find(({ Key }) => Key === key);
      return {
        kind: "roleTag",
        roleId: required(answer.Role?.RoleId, "RoleId"),
        value: tag ? (tag.Value ?? "") : null,
      };
    }
    case "trustPolicy": {
      const { roleName: RoleName } = slot;
      const answer = await ifThere("iam:GetRole", accountId, () => iam.send(new GetRoleCommand({ RoleName })));
      if (answer === undefined) return { kind: "gone", what: `role ${RoleName}` };
      return {
        kind: "trustPolicy",
        roleId: required(answer.Role?.RoleId, "RoleId"),
        document: policyTextOf({ PolicyDocument: answer.Role?.AssumeRolePolicyDocument }),
      };
    }
    case "passwordPolicy": {
      const answer = await ifThere("iam:GetAccountPasswordPolicy", accountId, () =>
        iam.send(new GetAccountPasswordPolicyCommand({})),
      );
      return { kind: "passwordPolicy", policy: answer ? passwordPolicyOf(answer.PasswordPolicy) : null };
    }
    case "analyzer": {
      const { region, analyzerName } = slot;
      const found = await ifFound("access-analyzer:GetAnalyzer", accountId, () => analyzers(region).get(analyzerName));
      return { kind: "analyzer", made: found === undefined ? "none" : isOwnAnalyzer(found) ? "own" : "other" };
    }
    case "rootAccessKeys": {
      const root = await asRoot("IAMAuditRootUserCredentials");
      const keys = await call("iam:ListAccessKeys", accountId, () => listKeys(root));
      const shown = keys.map((key) => ({
        id: required(key.AccessKeyId, "AccessKeyId"),
        status: statusOf(key),
        createdAt: required(key.CreateDate, "CreateDate").toISOString(),
      }));
      return { kind: "rootAccessKeys", keys: shown.sort((a, b) => (a.id < b.id ? -1 : 1)) };
    }
    case "rootPassword": {
      const root = await asRoot("IAMAuditRootUserCredentials");
      const profile = await ifThere("iam:GetLoginProfile", accountId, () => root.send(new GetLoginProfileCommand({})));
      return { kind: "rootPassword", present: profile !== undefined };
    }
  }
};
