/** What AWS says of refused calls, in the wordings that its documentation and real records show; names are made up. */

const account = "111122223333";
const role = `arn:aws:sts::${account}:assumed-role/app/i-0abc`;
const user = `arn:aws:iam::${account}:user/staff/alice`;
const boundary = `arn:aws:iam::${account}:policy/team-boundary`;

export interface Refusal {
  readonly errorCode: string;
  readonly errorMessage: string;
}

const refused = (errorMessage: string, errorCode = "AccessDenied"): Refusal => ({ errorCode, errorMessage });

/** Refusals that a boundary or a policy of ours may cause. */
export const ours: Readonly<Record<string, Refusal & { readonly action: string; readonly by: string }>> = {
  "what the boundary leaves out": {
    ...refused(
      `User: ${role} is not authorized to perform: kms:ListKeys on resource: * because no permissions boundary allows the kms:ListKeys action`,
    ),
    action: "kms:ListKeys",
    by: "permissionsBoundary",
  },
  "without a resource, with an exception's name": {
    ...refused(
      `User: ${role} is not authorized to perform: codecommit:ListRepositories because no permissions boundary allows the codecommit:ListRepositories action`,
      "AccessDeniedException",
    ),
    action: "codecommit:ListRepositories",
    by: "permissionsBoundary",
  },
  "what the boundary denies": {
    ...refused(
      `User: ${role} is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in a permissions boundary`,
    ),
    action: "s3:ListAllMyBuckets",
    by: "permissionsBoundary",
  },
  "what the boundary denies, with its ARN": {
    ...refused(
      `User: ${role} is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:${account}:parameter/x with an explicit deny in a permissions boundary: ${boundary}`,
      "AccessDeniedException",
    ),
    action: "ssm:GetParameter",
    by: "permissionsBoundary",
  },
  "EC2's own words, a full stop and an encoded message": {
    ...refused(
      `You are not authorized to perform this operation. User: ${role} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:${account}:instance/* because no permissions boundary allows the ec2:RunInstances action. Encoded authorization failure message: w_C6D3D2If6YxyI7gAG1rhZ-KyD8a3Y47`,
      "Client.UnauthorizedOperation",
    ),
    action: "ec2:RunInstances",
    by: "permissionsBoundary",
  },
  "a service behind CloudFormation": {
    ...refused(
      `User: ${role} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::${account}:role/x with an explicit deny in a permissions boundary (Service: Iam, Status Code: 403, Request ID: a283ee92)`,
    ),
    action: "iam:CreateRole",
    by: "permissionsBoundary",
  },
  "SNS's code": {
    ...refused(
      `User: ${role} is not authorized to perform: SNS:ListTopics on resource: arn:aws:sns:eu-west-1:${account}:* because no permissions boundary allows the SNS:ListTopics action`,
      "AuthorizationError",
    ),
    action: "sns:ListTopics",
    by: "permissionsBoundary",
  },
  "what a user's own policy denies": {
    ...refused(
      `User: ${user} is not authorized to perform: ec2:DescribeInstances with an explicit deny in an identity-based policy`,
      "UnauthorizedOperation",
    ),
    action: "ec2:DescribeInstances",
    by: "identityPolicy",
  },
  "what a user's managed policy denies": {
    ...refused(
      `User: ${user} is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy: arn:aws:iam::${account}:policy/mfa`,
    ),
    action: "s3:ListAllMyBuckets",
    by: "identityPolicy",
  },
};

/** Refusals that an organization has all day, whatever is repaired. */
export const ordinary: Readonly<Record<string, Refusal>> = {
  "nobody allowed it": refused(
    `User: ${role} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
  ),
  "nobody allowed it, in EC2": refused(
    `You are not authorized to perform this operation. User: ${role} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:${account}:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: w_C6D3`,
    "Client.UnauthorizedOperation",
  ),
  "an SCP denies it": refused(
    `User: ${role} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::${account}:user/x with an explicit deny in a service control policy`,
  ),
  "an SCP denies it, with its ARN": refused(
    `User: ${user} is not authorized to perform: iam:ListRoles on resource: * with an explicit deny in a service control policy: arn:aws:organizations::${account}:policy/o-abc/service_control_policy/p-1`,
  ),
  "no SCP allows it": refused(
    `User: ${role} is not authorized to perform: iam:ListRoles on resource: * because no service control policy allows the iam:ListRoles action`,
  ),
  "a resource control policy denies it": refused(
    `User: ${role} is not authorized to perform: s3:GetBucketAcl on resource: "arn:aws:s3:::data" with an explicit deny in a resource control policy`,
  ),
  "the resource's policy does not allow it": refused(
    `User: ${role} is not authorized to perform: sqs:GetQueueUrl on resource: arn:aws:sqs:eu-west-1:444455556666:q because no resource-based policy allows the sqs:GetQueueUrl action`,
  ),
  "the resource's policy denies it": refused(
    `User: ${user} is not authorized to perform: s3:GetBucketAcl on resource: "arn:aws:s3:::data" with an explicit deny in a resource-based policy`,
  ),
  "the session's policy does not allow it": refused(
    `User: ${role} is not authorized to perform: s3:ListAllMyBuckets because no session policy allows the s3:ListAllMyBuckets action`,
  ),
  "the endpoint's policy denies it": refused(
    `User: ${role} is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in a VPC endpoint policy`,
  ),
  "the role does not trust it": refused(
    `User: ${user} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/x because no role trust policy allows the sts:AssumeRole action`,
  ),
  "an explicit deny that says not where": refused(
    `User: ${role} is not authorized to perform: lambda:ListFunctions on resource: * with an explicit deny`,
  ),
  "no reason at all": refused(`User: ${role} is not authorized to perform: lambda:ListFunctions on resource: *`),
  "two words": refused("Access Denied"),
};
