/**
 * The actions that the audit role needs, by the resources that IAM lets a policy limit them to: what the readers of facts
 * call, what a plan reads as its before-image, and what tells whether a boundary would break something; and what
 * the doctor looks at to tell whether the account is watched. No more than these.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const auditReads = {
  /** They take no resource: of an account they read all, or nothing. */
  account: [
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetServiceLastAccessedDetails",
    "iam:ListOpenIDConnectProviders",
    "iam:ListSAMLProviders",
    "iam:ListServerCertificates",
    "iam:ListServiceSpecificCredentials",
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
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupsForUser",
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
  groups: ["iam:GetGroup", "iam:GetGroupPolicy", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies"],
  oidcProviders: ["iam:GetOpenIDConnectProvider"],
  /** The account's own, and those of AWS. */
  policies: ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListEntitiesForPolicy"],
  /** Of iam-warden's own rules, in every Region. */
  rules: ["events:DescribeRule", "events:ListTargetsByRule"],
  /** It takes no resource. */
  analyzers: ["access-analyzer:ListAnalyzers"],
  /** Any of the account, in every Region: those of a whole organization are in one account. */
  findings: ["access-analyzer:ListFindings"],
  /** Those that iam-warden itself made, in every Region. */
  ownAnalyzers: ["access-analyzer:GetAnalyzer"],
  /** They take no resource: a trail is known only once it is listed. */
  allTrails: ["cloudtrail:DescribeTrails"],
  /** The account's own trails and those of its organization, which are in another account. */
  trails: ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"],
} as const;
