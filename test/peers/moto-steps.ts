import type { Step } from "./boto3.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

/** The calls that the sandbox and moto both answer. */
export const steps: readonly Step[] = [
  { call: "sts.get_caller_identity" },
  // users
  {
    call: "iam.create_user",
    input: { UserName: "alice", Path: "/team/", Tags: [{ Key: "team", Value: "größe" }] },
    save: "alice",
  },
  { call: "iam.create_user", input: { UserName: "alice" } },
  { call: "iam.create_user", input: { UserName: "bob" } },
  { call: "iam.get_user", input: { UserName: "alice" } },
  { call: "iam.get_user", input: { UserName: "nobody" } },
  { call: "iam.list_users", input: { MaxItems: 1 }, save: "page" },
  { call: "iam.list_users", input: { MaxItems: 1, Marker: "$page.Marker" } },
  // access keys
  { call: "iam.create_access_key", input: { UserName: "alice" }, save: "key" },
  { call: "iam.create_access_key", input: { UserName: "alice" } },
  { call: "iam.create_access_key", input: { UserName: "alice" } },
  {
    call: "iam.update_access_key",
    input: { UserName: "alice", AccessKeyId: "$key.AccessKey.AccessKeyId", Status: "Inactive" },
  },
  { call: "iam.list_access_keys", input: { UserName: "alice" } },
  { call: "iam.get_access_key_last_used", input: { AccessKeyId: "$key.AccessKey.AccessKeyId" } },
  // passwords and MFA
  { call: "iam.get_login_profile", input: { UserName: "alice" } },
  { call: "iam.create_login_profile", input: { UserName: "alice", Password: "Correct-horse-7" } },
  { call: "iam.create_login_profile", input: { UserName: "alice", Password: "Correct-horse-7" } },
  { call: "iam.get_login_profile", input: { UserName: "alice" } },
  { call: "iam.create_virtual_mfa_device", input: { VirtualMFADeviceName: "alice" }, save: "mfa" },
  {
    call: "iam.enable_mfa_device",
    input: {
      UserName: "alice",
      SerialNumber: "$mfa.VirtualMFADevice.SerialNumber",
      AuthenticationCode1: "123456",
      AuthenticationCode2: "654321",
    },
  },
  { call: "iam.list_mfa_devices", input: { UserName: "alice" } },
  { call: "iam.list_virtual_mfa_devices", input: { AssignmentStatus: "Assigned" } },
  // policies, roles, boundaries
  { call: "iam.create_policy", input: { PolicyName: "boundary", PolicyDocument: policy }, save: "policy" },
  { call: "iam.create_role", input: { RoleName: "app", AssumeRolePolicyDocument: trust, MaxSessionDuration: 7200 } },
  {
    call: "iam.put_role_permissions_boundary",
    input: { RoleName: "app", PermissionsBoundary: "$policy.Policy.Arn" },
  },
  { call: "iam.get_role", input: { RoleName: "app" } },
  { call: "iam.list_roles", input: {} },
  { call: "iam.attach_role_policy", input: { RoleName: "app", PolicyArn: "$policy.Policy.Arn" } },
  { call: "iam.list_attached_role_policies", input: { RoleName: "app" } },
  { call: "iam.delete_role", input: { RoleName: "app" } },
  { call: "iam.put_user_policy", input: { UserName: "bob", PolicyName: "inline", PolicyDocument: policy } },
  { call: "iam.get_user_policy", input: { UserName: "bob", PolicyName: "inline" } },
  { call: "iam.delete_user", input: { UserName: "bob" } },
  // the account as a whole
  { call: "iam.get_credential_report" },
  { call: "iam.generate_credential_report" },
  { call: "iam.generate_credential_report" },
  { call: "iam.get_account_authorization_details", input: { Filter: ["User", "Role"] } },
  // Last, since moto makes the role, and lists roles in random order.
  { call: "iam.create_role", input: { RoleName: "broken", AssumeRolePolicyDocument: "{" } },
  // the organization
  { call: "organizations.describe_organization" },
  { call: "organizations.create_organization", input: { FeatureSet: "ALL" } },
  { call: "organizations.list_roots", save: "roots" },
  {
    call: "organizations.create_organizational_unit",
    input: { ParentId: "$roots.Roots.0.Id", Name: "Prod" },
    save: "prod",
  },
  { call: "organizations.create_organizational_unit", input: { ParentId: "$roots.Roots.0.Id", Name: "Prod" } },
  { call: "organizations.create_account", input: { AccountName: "web", Email: "web@example.com" }, save: "request" },
  {
    call: "organizations.describe_create_account_status",
    input: { CreateAccountRequestId: "$request.CreateAccountStatus.Id" },
    save: "web",
  },
  {
    call: "organizations.move_account",
    input: {
      AccountId: "$web.CreateAccountStatus.AccountId",
      SourceParentId: "$roots.Roots.0.Id",
      DestinationParentId: "$prod.OrganizationalUnit.Id",
    },
  },
  { call: "organizations.list_parents", input: { ChildId: "$web.CreateAccountStatus.AccountId" } },
  { call: "organizations.list_accounts_for_parent", input: { ParentId: "$prod.OrganizationalUnit.Id" } },
  { call: "organizations.list_children", input: { ParentId: "$roots.Roots.0.Id", ChildType: "ORGANIZATIONAL_UNIT" } },
  { call: "organizations.describe_account", input: { AccountId: "999999999999" } },
  {
    call: "organizations.tag_resource",
    input: { ResourceId: "$web.CreateAccountStatus.AccountId", Tags: [{ Key: "a", Value: "b" }] },
  },
  { call: "organizations.list_tags_for_resource", input: { ResourceId: "$web.CreateAccountStatus.AccountId" } },
  // notices
  { call: "sns.create_topic", input: { Name: "findings" }, save: "topic" },
  {
    call: "sns.subscribe",
    input: {
      TopicArn: "$topic.TopicArn",
      Protocol: "email",
      Endpoint: "sec@example.com",
      Attributes: { FilterPolicy: '{"severity":["high"]}' },
      ReturnSubscriptionArn: true,
    },
    save: "subscription",
  },
  { call: "sns.get_subscription_attributes", input: { SubscriptionArn: "$subscription.SubscriptionArn" } },
  { call: "sns.list_topics" },
  { call: "sns.publish", input: { TopicArn: "$topic.TopicArn", Message: '{"default":"x"}', MessageStructure: "json" } },
  { call: "sns.publish", input: { TopicArn: "$topic.TopicArn", Message: '{"email":"x"}', MessageStructure: "json" } },
  { call: "sns.publish", input: { TopicArn: "$topic.TopicArn", Message: "x", Subject: "s".repeat(101) } },
  { call: "sns.delete_topic", input: { TopicArn: "$topic.TopicArn" } },
  { call: "sns.publish", input: { TopicArn: "$topic.TopicArn", Message: "x" } },
];
