import { administratorAccess } from "../iam/state.ts";

/**
 * The managed policies of iam-warden's own roles in generated organizations: everything is allowed. What the stacks grant is
 * put in by whoever deploys them.
 */
export const wardenPolicies = (): readonly string[] => [administratorAccess];

const allowing = (...statements: readonly (readonly [readonly string[], string])[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(([Action, Resource]) => ({ Effect: "Allow", Action, Resource })),
  });

const reads = [
  ...["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*", "access-analyzer:Get*", "access-analyzer:List*"],
  ...["cloudtrail:Describe*", "cloudtrail:Get*", "events:Describe*", "events:List*", "sts:GetCallerIdentity"],
  ...["organizations:Describe*", "organizations:List*"],
];
const writes = [
  ...["iam:DeleteAccessKey", "iam:UpdateAccessKey", "iam:DeleteUserPolicy", "iam:PutUserPolicy"],
  ...["iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"],
  ...["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:UpdateAccountPasswordPolicy"],
  ...["iam:DeleteAccountPasswordPolicy", "access-analyzer:CreateAnalyzer", "access-analyzer:DeleteAnalyzer"],
];

/** About what the stacks grant iam-warden's own roles, for organizations into which nobody deploys them. */
export const wardenInlinePolicies = {
  audit: { own: allowing([reads, "*"]) },
  remediate: { own: allowing([[...reads, ...writes], "*"]) },
  functions: {
    own: allowing([[...reads, "sns:Publish"], "*"], [["sts:AssumeRole"], "arn:aws:iam::*:role/iam-warden-*"]),
  },
};
