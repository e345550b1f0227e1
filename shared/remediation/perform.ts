import {
  DeleteAccessKeyCommand,
  DeleteAccountPasswordPolicyCommand,
  DeleteLoginProfileCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAccessKeyCommand,
  UpdateAccountPasswordPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { ownAnalyzer } from "../analyzers/own-analyzer.ts";
import { call, errorCodeOf, isCode, isNoSuchEntity, isRefusal } from "../aws/errors.ts";
import { messageOf, ThrottledError, WardenError, WriteRefusedError } from "../errors.ts";
import { passwordPolicyInput } from "../facts/passwords.ts";
import type { AccountAccess } from "./account-access.ts";
import type { SlotState } from "./remediation.ts";
import type { AnyWrite } from "./step.ts";
import { inWords, writes } from "./writes.ts";

/** Refusals that a later try may not meet: somebody else is changing the same entity. */
const passing = new Set(["ConcurrentModification", "EntityTemporarilyUnmodifiable"]);

/**
 * Makes one write. Making it twice does no harm: what is to be deleted and is not there is as it should be.
 * @param before the slot's before-image: it says which of root's keys are meant
 * @throws AccessDeniedError | ThrottledError (it may have taken effect) | WriteRefusedError (it has not)
 */
export const perform = async (access: AccountAccess, write: AnyWrite, before: SlotState): Promise<void> => {
  try {
    await call(permissionOf(write), access.accountId, () => send(access, write, before));
  } catch (error) {
    if (error instanceof WardenError || !isRefusal(error)) throw error;
    const message = `${write.operation.endsWith("Analyzer") ? "Access Analyzer" : "IAM"} refused a write that ${inWords(write)}: ${messageOf(error)}`;
    const code = errorCodeOf(error).replace(/Exception$/, "");
    if (passing.has(code)) throw new ThrottledError(message, { cause: error });
    throw new WriteRefusedError(message, { cause: error });
  }
};

const permissionOf = ({ operation }: AnyWrite): string =>
  writes[operation].task === undefined ? writes[operation].permission : `iam:${operation.replace("root:", "")}`;

const send = async (
  { iam, analyzers, asRoot }: AccountAccess,
  write: AnyWrite,
  before: SlotState,
): Promise<unknown> => {
  switch (write.operation) {
    case "PutUserPolicy": {
      const { userName: UserName, policyName: PolicyName, document: PolicyDocument } = write;
      return iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
    }
    case "DeleteUserPolicy": {
      const { userName: UserName, policyName: PolicyName } = write;
      return unlessGone(() => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })));
    }
    case "UpdateAccessKey": {
      const { userName: UserName, accessKeyId: AccessKeyId, status: Status } = write;
      return iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
    }
    case "DeleteAccessKey": {
      const { userName: UserName, accessKeyId: AccessKeyId } = write;
      return unlessGone(() => iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })));
    }
    case "PutRolePermissionsBoundary": {
      const { roleName: RoleName, boundaryArn: PermissionsBoundary } = write;
      return iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    }
    case "DeleteRolePermissionsBoundary":
      return unlessGone(() => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: write.roleName })));
    case "PutRolePolicy": {
      const { roleName: RoleName, policyName: PolicyName, document: PolicyDocument } = write;
      return iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    }
    case "DeleteRolePolicy": {
      const { roleName: RoleName, policyName: PolicyName } = write;
      return unlessGone(() => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
    }
    case "TagRole": {
      const { roleName: RoleName, key: Key, value: Value } = write;
      return iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value }] }));
    }
    case "UntagRole":
      return unlessGone(() => iam.send(new UntagRoleCommand({ RoleName: write.roleName, TagKeys: [write.key] })));
    case "UpdateAssumeRolePolicy": {
      const { roleName: RoleName, document: PolicyDocument } = write;
      return iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    }
    case "UpdateAccountPasswordPolicy":
      return iam.send(new UpdateAccountPasswordPolicyCommand(passwordPolicyInput(write.policy)));
    case "DeleteAccountPasswordPolicy":
      return unlessGone(() => iam.send(new DeleteAccountPasswordPolicyCommand({})));
    case "CreateAnalyzer": {
      const { name, tags } = ownAnalyzer;
      return unlessMade(() => analyzers(write.region).create({ name, tags, type: "ACCOUNT" }));
    }
    case "DeleteAnalyzer":
      return unlessGone(() => analyzers(write.region).delete(write.analyzerName));
    case "root:DeleteAccessKey": {
      if (before.kind !== "rootAccessKeys") return undefined;
      const root = await asRoot("IAMDeleteRootUserCredentials");
      for (const { id } of before.keys)
        await unlessGone(() => root.send(new DeleteAccessKeyCommand({ AccessKeyId: id })));
      return undefined;
    }
    case "root:DeleteLoginProfile": {
      const root = await asRoot("IAMDeleteRootUserCredentials");
      return unlessGone(() => root.send(new DeleteLoginProfileCommand({})));
    }
  }
};

const unlessGone = async (deleting: () => Promise<unknown>): Promise<void> => {
  try {
    await deleting();
  } catch (error) {
    if (!isNoSuchEntity(error) && !isCode(error, "ResourceNotFound")) throw error;
  }
};

/** That one of the name is there may be because the write before was not answered: whether it is ours is read afterwards. */
const unlessMade = async (making: () => Promise<unknown>): Promise<void> => {
  try {
    await making();
  } catch (error) {
    if (!isCode(error, "Conflict")) throw error;
  }
};
