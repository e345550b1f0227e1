const anything = { Effect: "Allow", Action: "*", Resource: "*" };

const only = (actions: readonly string[], ...more: object[]) => ({
  Version: "2012-10-17",
  Statement: [anything, { Effect: "Deny", NotAction: actions, Resource: "*" }, ...more],
});

/** Only these actions, and only on root, but for what has no resource. */
const onlyOnRoot = (actions: readonly string[], withoutResource: readonly string[] = []) =>
  only([...actions, ...withoutResource], { Effect: "Deny", Action: actions, NotResource: "arn:aws:iam::*:root" });

const reads = [
  ...["iam:GetAccessKeyLastUsed", "iam:GetLoginProfile", "iam:GetUser", "iam:ListAccessKeys", "iam:ListMFADevices"],
  "iam:ListSigningCertificates",
];
const deletes = [
  ...["iam:DeactivateMFADevice", "iam:DeleteAccessKey", "iam:DeleteLoginProfile", "iam:DeleteSigningCertificate"],
];

const tasks = {
  IAMAuditRootUserCredentials: onlyOnRoot(reads, ["iam:GetAccountSummary"]),
  IAMCreateRootUserPassword: onlyOnRoot(["iam:CreateLoginProfile", "iam:GetLoginProfile"]),
  IAMDeleteRootUserCredentials: onlyOnRoot([...deletes, ...reads]),
  S3UnlockBucketPolicy: only([
    "s3:DeleteBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:ListAllMyBuckets",
    "s3:PutBucketPolicy",
  ]),
  SQSUnlockQueuePolicy: only(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueues", "sqs:SetQueueAttributes"]),
};

/**
 * What sessions of a member's root may do, by the ARN of their task's policy. AWS's own documents only deny: root may do
 * everything else.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html
 */
export const rootTasks: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(tasks).map(([name, document]) => [
    `arn:aws:iam::aws:policy/root-task/${name}`,
    [JSON.stringify(document)],
  ]),
);
