import { ownTagKeys, type Slot } from "../../shared/remediation/step.ts";
import { analyzerArn } from "../analyzers/state.ts";
import type { AccountState } from "../state.ts";

/** What stands at a slot, to the byte, and whose it is. */
export interface SlotImage {
  /** `user ann`, `role app`, `root`. */
  readonly principal: string;
  /** The path of the principal; absent if there is none such. */
  readonly path?: string;
  /** Tells a principal from a later one of the same name. */
  readonly principalId?: string;
  /** What stands there; `null`: nothing. */
  readonly content: string | null;
  /** In milliseconds: when an access key was last used, or an unbounded role a service that the approved boundary does not allow. */
  readonly lastUsedAt?: number;
}

/** Names a slot among those of an account. */
export const slotKey = (slot: Slot): string => {
  switch (slot.kind) {
    case "userPolicy":
      return `policy ${slot.policyName} of user ${slot.userName}`;
    case "accessKey":
      return `key ${slot.accessKeyId} of user ${slot.userName}`;
    case "roleBoundary":
      return `boundary of role ${slot.roleName}`;
    case "rolePolicy":
      return `policy ${slot.policyName} of role ${slot.roleName}`;
    case "roleTag":
      return `tag ${slot.key} of role ${slot.roleName}`;
    case "trustPolicy":
      return `trust policy of role ${slot.roleName}`;
    case "passwordPolicy":
      return "password policy of the account";
    case "rootAccessKeys":
      return "keys of root";
    case "rootPassword":
      return "password of root";
    case "analyzer":
      return `analyzer ${slot.analyzerName} in ${slot.region}`;
  }
};

/** The slot that a call to IAM changes, by the wire's names; undefined for one that no repair and no undo makes. */
export const slotOfCall = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  asRoot: boolean,
): Slot | undefined => {
  const text = (name: string): string => String(input[name]);
  switch (operation) {
    case "PutUserPolicy":
    case "DeleteUserPolicy":
      return { kind: "userPolicy", userName: text("UserName"), policyName: text("PolicyName") };
    case "UpdateAccessKey":
      return { kind: "accessKey", userName: text("UserName"), accessKeyId: text("AccessKeyId") };
    case "DeleteAccessKey":
      if (asRoot) return { kind: "rootAccessKeys" };
      return { kind: "accessKey", userName: text("UserName"), accessKeyId: text("AccessKeyId") };
    case "PutRolePermissionsBoundary":
    case "DeleteRolePermissionsBoundary":
      return { kind: "roleBoundary", roleName: text("RoleName") };
    case "PutRolePolicy":
    case "DeleteRolePolicy":
      return { kind: "rolePolicy", roleName: text("RoleName"), policyName: text("PolicyName") };
    case "TagRole":
    case "UntagRole": {
      const keys = operation === "TagRole" ? tagKeysOf(input.Tags) : [input.TagKeys].flat();
      const key = ownTagKeys.find((own) => keys.length === 1 && keys[0] === own);
      return key && { kind: "roleTag", roleName: text("RoleName"), key };
    }
    case "UpdateAssumeRolePolicy":
      return { kind: "trustPolicy", roleName: text("RoleName") };
    case "UpdateAccountPasswordPolicy":
    case "DeleteAccountPasswordPolicy":
      return { kind: "passwordPolicy" };
    case "DeleteLoginProfile":
      return asRoot ? { kind: "rootPassword" } : undefined;
    default:
      return undefined;
  }
};

export const imageOf = ({ id, users, roles, root, passwordPolicy, analyzers }: AccountState, slot: Slot): SlotImage => {
  switch (slot.kind) {
    case "rootAccessKeys":
      return {
        principal: "root",
        content: root.accessKeys.map(({ id, status }) => `${id} ${status}`).join(", ") || null,
      };
    case "rootPassword":
      return { principal: "root", content: root.passwordEnabled ? "a password" : null };
    case "roleTag": {
      const role = roles.get(slot.roleName.toLowerCase());
      return {
        principal: `role ${slot.roleName}`,
        content: role?.tags.get(slot.key) ?? null,
        ...(role && { path: role.path, principalId: role.id }),
      };
    }
    case "passwordPolicy":
      return { principal: "account", content: passwordPolicy === undefined ? null : passwordText(passwordPolicy) };
    case "analyzer":
      return {
        principal: "the account",
        content: analyzers.get(analyzerArn(id, slot.region, slot.analyzerName))?.status ?? null,
      };
    case "roleBoundary": {
      const role = roles.get(slot.roleName.toLowerCase());
      const isUnbounded = role?.inlinePolicies.has("work") && role.boundary === undefined;
      const beyond = isUnbounded === true ? role?.accessed?.get("sqs")?.at.getTime() : undefined;
      return {
        principal: `role ${slot.roleName}`,
        content: role?.boundary ?? null,
        ...(role && { path: role.path, principalId: role.id }),
        ...(beyond !== undefined && { lastUsedAt: beyond }),
      };
    }
    case "trustPolicy":
    case "rolePolicy": {
      const role = roles.get(slot.roleName.toLowerCase());
      const uses = [role?.lastUsed?.at, ...[...(role?.accessed?.values() ?? [])].map(({ at }) => at)].flatMap((at) =>
        at ? [at.getTime()] : [],
      );
      return {
        principal: `role ${slot.roleName}`,
        content: (slot.kind === "trustPolicy" ? role?.trustPolicy : role?.inlinePolicies.get(slot.policyName)) ?? null,
        ...(role && { path: role.path, principalId: role.id }),
        ...(uses.length > 0 && { lastUsedAt: Math.max(...uses) }),
      };
    }
    case "userPolicy": {
      const user = users.get(slot.userName.toLowerCase());
      const content = user?.inlinePolicies.get(slot.policyName) ?? null;
      return { principal: `user ${slot.userName}`, content, ...(user && { path: user.path, principalId: user.id }) };
    }
    case "accessKey": {
      const user = users.get(slot.userName.toLowerCase());
      const key = user?.accessKeys.find(({ id }) => id === slot.accessKeyId);
      return {
        principal: `user ${slot.userName}`,
        content: key?.status ?? null,
        ...(user && { path: user.path, principalId: user.id }),
        ...(key?.lastUsed && { lastUsedAt: key.lastUsed.at.getTime() }),
      };
    }
  }
};

/** Whatever the order in which its fields were given. */
export const passwordText = (policy: object): string =>
  JSON.stringify(Object.entries(policy).sort(([a], [b]) => (a < b ? -1 : 1)));

const tagKeysOf = (tags: unknown): readonly unknown[] =>
  Array.isArray(tags) ? tags.map((tag: { readonly Key?: unknown }) => tag.Key) : [];
