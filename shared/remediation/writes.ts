import type { PasswordPolicyFacts } from "../facts/facts.ts";
import type { AnyWrite, RootTask, WriteName } from "./step.ts";

interface WriteFacts {
  /** The IAM action that the remediation role needs for it. */
  readonly permission: string;
  /** What it needs besides. */
  readonly more?: readonly string[];
  /** The task of central root access that it runs under, where it runs as a member's root. */
  readonly task?: RootTask;
  /** As a docs page names it, without subjects. */
  readonly does: string;
}

const asRoot = { permission: "sts:AssumeRoot", task: "IAMDeleteRootUserCredentials" } as const;

/** What each write needs and does. */
export const writes: Readonly<Record<WriteName, WriteFacts>> = {
  PutUserPolicy: { permission: "iam:PutUserPolicy", does: "puts an inline policy on the user" },
  DeleteUserPolicy: { permission: "iam:DeleteUserPolicy", does: "deletes an inline policy of the user" },
  UpdateAccessKey: { permission: "iam:UpdateAccessKey", does: "sets the access key inactive, or active again" },
  DeleteAccessKey: { permission: "iam:DeleteAccessKey", does: "deletes the access key" },
  PutRolePermissionsBoundary: {
    permission: "iam:PutRolePermissionsBoundary",
    does: "attaches a permissions boundary to the role",
  },
  DeleteRolePermissionsBoundary: {
    permission: "iam:DeleteRolePermissionsBoundary",
    does: "takes the permissions boundary off the role",
  },
  PutRolePolicy: { permission: "iam:PutRolePolicy", does: "puts an inline policy on the role" },
  DeleteRolePolicy: { permission: "iam:DeleteRolePolicy", does: "deletes an inline policy of the role" },
  TagRole: { permission: "iam:TagRole", does: "sets iam-warden's own tag on the role" },
  UntagRole: { permission: "iam:UntagRole", does: "takes iam-warden's own tag off the role" },
  UpdateAssumeRolePolicy: { permission: "iam:UpdateAssumeRolePolicy", does: "sets the role's trust policy" },
  UpdateAccountPasswordPolicy: {
    permission: "iam:UpdateAccountPasswordPolicy",
    does: "sets the account's password policy",
  },
  DeleteAccountPasswordPolicy: {
    permission: "iam:DeleteAccountPasswordPolicy",
    does: "deletes the account's password policy, so that AWS's default applies",
  },
  CreateAnalyzer: {
    permission: "access-analyzer:CreateAnalyzer",
    // For its tag, and for the role that Access Analyzer has for itself in each account.
    more: ["access-analyzer:TagResource", "iam:CreateServiceLinkedRole"],
    does: "makes an analyzer of IAM Access Analyzer",
  },
  DeleteAnalyzer: { permission: "access-analyzer:DeleteAnalyzer", does: "deletes the analyzer that it made" },
  "root:DeleteAccessKey": { ...asRoot, does: "deletes the access keys of the account's root user" },
  "root:DeleteLoginProfile": { ...asRoot, does: "deletes the password of the account's root user" },
};

/** A write in words, e.g. `sets access key AKIA… of bob Inactive`. */
export const inWords = (write: AnyWrite): string => {
  switch (write.operation) {
    case "PutUserPolicy":
      return `puts the inline policy ${write.policyName} on user ${write.userName}`;
    case "DeleteUserPolicy":
      return `deletes the inline policy ${write.policyName} of user ${write.userName}`;
    case "UpdateAccessKey":
      return `sets access key ${write.accessKeyId} of ${write.userName} ${write.status}`;
    case "DeleteAccessKey":
      return `deletes access key ${write.accessKeyId} of ${write.userName}`;
    case "PutRolePermissionsBoundary":
      return `attaches the permissions boundary ${write.boundaryArn} to role ${write.roleName}`;
    case "DeleteRolePermissionsBoundary":
      return `takes the permissions boundary off role ${write.roleName}`;
    case "PutRolePolicy":
      return `puts the inline policy ${write.policyName} on role ${write.roleName}`;
    case "DeleteRolePolicy":
      return `deletes the inline policy ${write.policyName} of role ${write.roleName}`;
    case "CreateAnalyzer":
      return `makes the analyzer ${write.analyzerName} in ${write.region}`;
    case "DeleteAnalyzer":
      return `deletes the analyzer ${write.analyzerName} in ${write.region}`;
    case "TagRole":
      return `tags role ${write.roleName} with ${write.key}=${write.value}`;
    case "UntagRole":
      return `takes the tag ${write.key} off role ${write.roleName}`;
    case "UpdateAssumeRolePolicy":
      return `changes the trust policy of role ${write.roleName}`;
    case "UpdateAccountPasswordPolicy":
      return `sets the account's password policy to ask for ${passwordWords(write.policy)}`;
    case "DeleteAccountPasswordPolicy":
    case "root:DeleteAccessKey":
    case "root:DeleteLoginProfile":
      return writes[write.operation].does;
  }
};

/** What a password policy asks for, every field of it: `14 characters with lower case, upper case, …; 24 passwords remembered; …`. */
export const passwordWords = (policy: PasswordPolicyFacts): string => {
  const { requireLowercase, requireUppercase, requireNumbers, requireSymbols } = policy;
  const kinds = [
    ...(requireLowercase ? ["lower case"] : []),
    ...(requireUppercase ? ["upper case"] : []),
    ...(requireNumbers ? ["numbers"] : []),
    ...(requireSymbols ? ["symbols"] : []),
  ];
  const expiry = policy.maxAgeDays === null ? "no expiry" : `expiry after ${policy.maxAgeDays} days`;
  return [
    `${policy.minimumLength} characters${kinds.length === 0 ? " of any kind" : ` with ${kinds.join(", ")}`}`,
    `${policy.remembered ?? "no"} passwords remembered`,
    `${expiry}${policy.hardExpiry ? ", then only an administrator helps" : ""}`,
    `users ${policy.usersMayChange ? "may" : "may not"} change their own`,
  ].join("; ");
};

/** The IAM actions that the remediation role needs for these writes, ordered: what runs as root needs none of the role's. */
export const permissionsFor = (names: readonly WriteName[]): readonly string[] =>
  [
    ...new Set(
      names.flatMap((name) => {
        const { permission, more = [], task } = writes[name];
        return task === undefined ? [permission, ...more] : [];
      }),
    ),
  ].sort();
