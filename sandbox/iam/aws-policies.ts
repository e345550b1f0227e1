import type { ManagedPolicy } from "./state.ts";

/** AWS managed policies that people attach most; documents abridged to what they are for. */
const documents: Record<string, string[]> = {
  AdministratorAccess: ["*"],
  PowerUserAccess: ["account:ListRegions", "iam:ListRoles", "organizations:DescribeOrganization"],
  ReadOnlyAccess: ["ec2:Describe*", "iam:Get*", "iam:List*", "s3:Get*", "s3:List*"],
  SecurityAudit: ["cloudtrail:Describe*", "iam:GenerateCredentialReport", "iam:Get*", "iam:List*"],
  IAMFullAccess: ["iam:*", "organizations:DescribeAccount"],
  IAMUserChangePassword: ["iam:ChangePassword", "iam:GetAccountPasswordPolicy"],
  AmazonS3FullAccess: ["s3:*", "s3-object-lambda:*"],
  AmazonS3ReadOnlyAccess: ["s3:Get*", "s3:List*", "s3:Describe*"],
  AmazonEC2ReadOnlyAccess: ["ec2:Describe*", "ec2:Get*"],
  "job-function/ViewOnlyAccess": ["ec2:Describe*", "iam:List*", "s3:ListAllMyBuckets"],
  "service-role/AWSLambdaBasicExecutionRole": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
};

const since = new Date("2015-02-06T18:39:46Z");

/** By ARN. */
export const awsManagedPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  Object.entries(documents).map(([fullName, actions]) => {
    const arn = `arn:aws:iam::aws:policy/${fullName}`;
    const name = fullName.split("/").at(-1) ?? fullName;
    const document = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
    });
    const policy: ManagedPolicy = {
      name,
      path: `/${fullName.slice(0, -name.length)}`,
      id: `ANPA${name
        .toUpperCase()
        .replace(/[^A-Z2-7]/g, "")
        .padEnd(17, "A")
        .slice(0, 17)}`,
      arn,
      description: "",
      createdAt: since,
      updatedAt: since,
      tags: new Map(),
      versions: [{ id: "v1", document, createdAt: since }],
      defaultVersionId: "v1",
      nextVersion: 2,
    };
    return [arn, policy];
  }),
);
