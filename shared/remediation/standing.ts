import { isDeepStrictEqual } from "node:util";
import type { RecordedStep, SlotState } from "./remediation.ts";
import type { AnyWrite, Slot } from "./step.ts";
import { passwordWords } from "./writes.ts";

/**
 * How a slot stands to a step: as `before` the step, as the step leaves it (`done`), between the two (`partly`, some of
 * root's keys are deleted), or as neither, because somebody else changed it (`drifted`).
 */
export type Standing = "before" | "partly" | "done" | "drifted";

/** What stands at the slot once the step is done. */
export const afterStep = ({ step: { write }, before }: RecordedStep): SlotState => {
  switch (write.operation) {
    case "PutUserPolicy":
      return before.kind === "userPolicy" ? { ...before, document: write.document } : before;
    case "UpdateAccessKey":
      return before.kind === "accessKey" && before.status !== null ? { ...before, status: write.status } : before;
    case "DeleteAccessKey":
      return { kind: "accessKey", status: null };
    case "PutRolePermissionsBoundary":
      return before.kind === "roleBoundary" ? { ...before, boundaryArn: write.boundaryArn } : before;
    case "PutRolePolicy":
      return before.kind === "rolePolicy" ? { ...before, document: write.document } : before;
    case "TagRole":
      return before.kind === "roleTag" ? { ...before, value: write.value } : before;
    case "UpdateAssumeRolePolicy":
      return before.kind === "trustPolicy" ? { ...before, document: write.document } : before;
    case "UpdateAccountPasswordPolicy":
      return { kind: "passwordPolicy", policy: write.policy };
    case "CreateAnalyzer":
      return { kind: "analyzer", made: "own" };
    case "root:DeleteAccessKey":
      return { kind: "rootAccessKeys", keys: [] };
    case "root:DeleteLoginProfile":
      return { kind: "rootPassword", present: false };
  }
};

/**
 * Whether two states of a slot are one. IAM keeps what a trust policy says, and may hand it out with other white space or its
 * keys in another order.
 */
export const isSameState = (one: SlotState, other: SlotState): boolean =>
  one.kind === "trustPolicy" && other.kind === "trustPolicy"
    ? one.roleId === other.roleId && isDeepStrictEqual(contentOf(one.document), contentOf(other.document))
    : isDeepStrictEqual(one, other);

/** A policy document's JSON; a text that is none stands for itself. */
export const contentOf = (document: string): unknown => {
  try {
    return JSON.parse(document);
  } catch (error) {
    if (error instanceof SyntaxError) return document;
    throw error;
  }
};

export const standingOf = (recorded: RecordedStep, now: SlotState): Standing => {
  if (isSameState(now, afterStep(recorded))) return "done";
  const { before } = recorded;
  if (isSameState(now, before)) return "before";
  if (now.kind !== "rootAccessKeys" || before.kind !== "rootAccessKeys") return "drifted";
  return now.keys.every((key) => before.keys.some(({ id }) => id === key.id)) ? "partly" : "drifted";
};

/** The write that brings a step's before-image back; `undefined` if nothing can. */
export const restoringWrite = ({ step, before }: RecordedStep): AnyWrite | undefined => {
  const { write } = step;
  switch (write.operation) {
    case "PutUserPolicy": {
      if (before.kind !== "userPolicy") return undefined;
      const { userName, policyName } = write;
      return before.document === null
        ? { operation: "DeleteUserPolicy", userName, policyName }
        : { operation: "PutUserPolicy", userName, policyName, document: before.document };
    }
    case "UpdateAccessKey":
      if (before.kind !== "accessKey" || before.status === null) return undefined;
      return { ...write, status: before.status };
    case "PutRolePermissionsBoundary": {
      if (before.kind !== "roleBoundary") return undefined;
      const { roleName } = write;
      return before.boundaryArn === null
        ? { operation: "DeleteRolePermissionsBoundary", roleName }
        : { operation: "PutRolePermissionsBoundary", roleName, boundaryArn: before.boundaryArn };
    }
    case "PutRolePolicy": {
      if (before.kind !== "rolePolicy") return undefined;
      const { roleName, policyName } = write;
      return before.document === null
        ? { operation: "DeleteRolePolicy", roleName, policyName }
        : { operation: "PutRolePolicy", roleName, policyName, document: before.document };
    }
    case "TagRole": {
      if (before.kind !== "roleTag") return undefined;
      const { roleName, key } = write;
      return before.value === null
        ? { operation: "UntagRole", roleName, key }
        : { operation: "TagRole", roleName, key, value: before.value };
    }
    case "UpdateAssumeRolePolicy":
      if (before.kind !== "trustPolicy") return undefined;
      return { ...write, document: before.document };
    case "UpdateAccountPasswordPolicy":
      if (before.kind !== "passwordPolicy") return undefined;
      return before.policy === null
        ? { operation: "DeleteAccountPasswordPolicy" }
        : { operation: "UpdateAccountPasswordPolicy", policy: before.policy };
    case "CreateAnalyzer": {
      const { region, analyzerName } = write;
      return { operation: "DeleteAnalyzer", region, analyzerName };
    }
    case "DeleteAccessKey":
    case "root:DeleteAccessKey":
    case "root:DeleteLoginProfile":
      return undefined;
  }
};

const nameOf = (slot: Slot): string => {
  switch (slot.kind) {
    case "userPolicy":
      return `The inline policy ${slot.policyName} of user ${slot.userName}`;
    case "accessKey":
      return `Access key ${slot.accessKeyId} of ${slot.userName}`;
    case "roleBoundary":
      return `The permissions boundary of role ${slot.roleName}`;
    case "rolePolicy":
      return `The inline policy ${slot.policyName} of role ${slot.roleName}`;
    case "roleTag":
      return `The tag ${slot.key} of role ${slot.roleName}`;
    case "trustPolicy":
      return `The trust policy of role ${slot.roleName}`;
    case "passwordPolicy":
      return "The account's password policy";
    case "analyzer":
      return `The analyzer ${slot.analyzerName} in ${slot.region}`;
    case "rootAccessKeys":
      return "The set of root's access keys";
    case "rootPassword":
      return "Root's password";
  }
};

/** How a slot stands that is not as it should be, as a sentence. */
export const driftOf = ({ step, before }: RecordedStep, now: SlotState): string => {
  const name = nameOf(step.before);
  switch (now.kind) {
    case "gone":
      return `${name} cannot be there: ${now.what} does not exist any more.`;
    case "userPolicy":
      if (before.kind === "userPolicy" && before.userId !== now.userId)
        return `${name} is another user's of the same name (${now.userId}, not ${before.userId}).`;
      return now.document === null ? `${name} has been deleted.` : `${name} has another text.`;
    case "accessKey":
      return now.status === null ? `${name} does not exist any more.` : `${name} is ${now.status}.`;
    case "roleBoundary":
      if (before.kind === "roleBoundary" && before.roleId !== now.roleId)
        return `${name} is another role's of the same name (${now.roleId}, not ${before.roleId}).`;
      return now.boundaryArn === null ? `${name} has been taken off.` : `${name} is ${now.boundaryArn}.`;
    case "rolePolicy":
      if (before.kind === "rolePolicy" && before.roleId !== now.roleId)
        return `${name} is another role's of the same name (${now.roleId}, not ${before.roleId}).`;
      return now.document === null ? `${name} has been deleted.` : `${name} has another text.`;
    case "roleTag":
      if (before.kind === "roleTag" && before.roleId !== now.roleId)
        return `${name} is another role's of the same name (${now.roleId}, not ${before.roleId}).`;
      return now.value === null ? `${name} has been taken off.` : `${name} is ${now.value}.`;
    case "trustPolicy":
      if (before.kind === "trustPolicy" && before.roleId !== now.roleId)
        return `${name} is another role's of the same name (${now.roleId}, not ${before.roleId}).`;
      return `${name} has another text.`;
    case "passwordPolicy":
      return now.policy === null ? `${name} has been deleted.` : `${name} asks for ${passwordWords(now.policy)}.`;
    case "analyzer":
      return {
        none: `${name} has been deleted.`,
        own: `${name} is there already.`,
        other: `${name} is somebody else's.`,
      }[now.made];
    case "rootAccessKeys":
      return `${name} is ${now.keys.map(({ id }) => id).join(", ") || "empty"}.`;
    case "rootPassword":
      return `${name} is ${now.present ? "set" : "not set"}.`;
  }
};
