/**
 * The IAM actions that the audit role needs, by the resources that IAM lets a policy limit them to: what the readers of facts
 * call, what a plan reads as its before-image, and what tells whether a boundary would break something. No more than these.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const auditReads = {
  /** They take no resource: of an account they read all, or nothing. */
  account: [
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetServiceLastAccessedDetails",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "iam:SimulateCustomPolicy",
  ],
  users: [
    "iam:GetAccessKeyLastUsed",
    "iam:GetLoginProfile",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "iam:ListUserPolicies",
  ],
  roles: [
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
  ],
  /** The account's own, and those of AWS. */
  policies: ["iam:GetPolicy", "iam:GetPolicyVersion"],
} as const;
