/**
 * Where the sandbox and moto answer the steps of `moto-steps.ts` differently, in their order, and who is right. The test
 * fails for a difference that is not here, and for one that is here and not there.
 */
export const knownDifferences: readonly (readonly [difference: string, right: string])[] = [
  [
    'sts.get_caller_identity output.Arn: ours "arn:aws:iam::ACCOUNT:root", moto\'s "arn:aws:sts::ACCOUNT:user/moto"',
    "neither: other credentials; moto has one made-up user for everybody",
  ],
  ["iam.list_users output.IsTruncated: ours true, moto's false", "we: moto's ListUsers does not page"],
  ['iam.list_users output.Marker: ours "Marker", moto\'s absent', "we: the same"],
  [
    'iam.list_users output.Users.1: ours absent, moto\'s {"Path":"/","UserName":"bob","UserId":"UserId","Arn":"arn:aw',
    "we: the same",
  ],
  ['iam.list_users error: ours absent, moto\'s "Unresolved"', "we: the same, there is no marker to go on with"],
  [
    'iam.list_users output: ours {"Users":[{"Path":"/","UserName":"bob","UserId":"UserId","Ar, moto\'s absent',
    "we: the same",
  ],
  [
    'iam.list_access_keys output.AccessKeyMetadata.0.Status: ours "Active", moto\'s "Inactive"',
    "both: the order of keys is not promised; ours is by id, moto's by creation",
  ],
  ['iam.list_access_keys output.AccessKeyMetadata.1.Status: ours "Inactive", moto\'s "Active"', "both: the same"],
  [
    "iam.list_access_keys output.IsTruncated: ours false, moto's absent",
    "we: IAM always says whether a list is truncated",
  ],
  [
    'iam.list_virtual_mfa_devices output.VirtualMFADevices.0.Base32StringSeed: ours absent, moto\'s "Base32StringSeed"',
    "we: only CreateVirtualMFADevice tells the seed (API reference)",
  ],
  [
    'iam.list_virtual_mfa_devices output.VirtualMFADevices.0.QRCodePNG: ours absent, moto\'s "QRCodePNG"',
    "we: the same",
  ],
  [
    "iam.create_policy output.Policy.PermissionsBoundaryUsageCount: ours 0, moto's absent",
    "we: IAM tells it beside AttachmentCount",
  ],
  [
    "iam.create_role output.Role.RoleLastUsed: ours absent, moto's {}",
    "we: only GetRole and GetAccountAuthorizationDetails tell the last use (API reference of Role)",
  ],
  [
    'iam.get_role output.Role.PermissionsBoundary.PermissionsBoundaryType: ours "Policy", moto\'s "PermissionsBoundaryPolicy"',
    "we: the AWS CLI's own examples show Policy; PermissionsBoundaryPolicy is the name in the service model",
  ],
  [
    'iam.generate_credential_report output.State: ours "INPROGRESS", moto\'s "COMPLETE"',
    "we: a report takes a few seconds; the second request finds it under way",
  ],
  [
    'iam.get_account_authorization_details output.RoleDetailList.0.PermissionsBoundary.PermissionsBoundaryType: ours "Policy", moto\'s "PermissionsBoundaryPolicy"',
    "unsettled: examples show both spellings for this operation; nothing of ours reads it",
  ],
  [
    "iam.get_account_authorization_details output.RoleDetailList.0.Tags: ours absent, moto's []",
    "unsettled: whether IAM sends an empty list or none; readers take both",
  ],
  [
    'iam.create_role error: ours "MalformedPolicyDocument", moto\'s absent',
    "we: moto checks the JSON of no trust policy",
  ],
  [
    'iam.create_role output: ours absent, moto\'s {"Role":{"Path":"/","RoleName":"broken","RoleId":"AROA","Arn',
    "we: the same",
  ],
  [
    'organizations.create_organization output.Organization.MasterAccountEmail: ours "aws+ACCOUNT@example.com", moto\'s "master@example.com"',
    "neither: each has its own address",
  ],
  [
    'organizations.list_roots output.Roots.0.PolicyTypes.0: ours {"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}, moto\'s absent',
    "we: CreateOrganization enables service control policies in the root of an organization with all features",
  ],
  [
    'organizations.create_organizational_unit output.OrganizationalUnit.Path: ours "o/r/ou/", moto\'s absent',
    "we: the service model has Path, moto is older",
  ],
  [
    'organizations.create_organizational_unit error: ours "DuplicateOrganizationalUnitException", moto\'s absent',
    "we: moto lets two units of one parent have one name",
  ],
  [
    'organizations.create_organizational_unit output: ours absent, moto\'s {"OrganizationalUnit":{"Id":"ou","Arn":"arn:aws:organization',
    "we: the same",
  ],
  [
    'organizations.create_account output.CreateAccountStatus.AccountId: ours absent, moto\'s "ACCOUNT"',
    "we: accounts are made in the background; the answer says IN_PROGRESS and no account id",
  ],
  [
    'organizations.create_account output.CreateAccountStatus.CompletedTimestamp: ours absent, moto\'s "TIME"',
    "we: the same",
  ],
  [
    'organizations.create_account output.CreateAccountStatus.State: ours "IN_PROGRESS", moto\'s "SUCCEEDED"',
    "we: the same",
  ],
  [
    'organizations.list_accounts_for_parent output.Accounts.0.Paths: ours ["o/r/ou/ACCOUNT/"], moto\'s absent',
    "we: the service model has Paths, moto is older",
  ],
  [
    'organizations.list_children output.Children.1: ours absent, moto\'s {"Id":"ou","Type":"ORGANIZATIONAL_UNIT"}',
    "we: the second unit of that name is not there",
  ],
  [
    'sns.get_subscription_attributes output.Attributes.ConfirmationWasAuthenticated: ours "false", moto\'s "true"',
    "we: an email subscription waits until its owner confirms; moto confirms at once",
  ],
  [
    'sns.get_subscription_attributes output.Attributes.PendingConfirmation: ours "true", moto\'s "false"',
    "we: the same",
  ],
  [
    'sns.publish error: ours "InvalidParameter", moto\'s absent',
    "we: a JSON message needs a default (API reference of Publish)",
  ],
  ['sns.publish output: ours absent, moto\'s {"MessageId":"MessageId"}', "we: the same"],
];
