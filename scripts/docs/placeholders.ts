/** What the capitals in the catalogue's snippets stand for. A test finds those that are missing here. */
export const placeholders: Readonly<Record<string, string>> = {
  ACCOUNT_ID: "the account's 12 digits",
  ANALYZER_ARN: "the ARN of an analyzer that found it, as the evidence shows it",
  BOUNDARY_ARN:
    "the ARN of the policy that is to be the boundary, e.g. `arn:aws:iam::111122223333:policy/TeamBoundary`",
  BUCKET_NAME: "the name of the bucket; for a trail, of one whose policy lets CloudTrail write to it",
  EXTERNAL_ID: "a value that the owner of the other account gives you alone, at least two characters long",
  CERTIFICATE_NAME: "the server certificate's name, without its path",
  CREDENTIAL_ID: "the service-specific credential's id, `ACCA…`, as the evidence shows it",
  FINDING_ID: "the finding's id, as the notice shows it",
  GROUP_NAME: "the name of the group that the finding names",
  KEY_ID: "the access key's id, `AKIA…`",
  REGION_NAME: "the Region, e.g. `eu-central-1`",
  ORGANIZATION_ID: "the organization's id, `o-…`",
  OU_ID: "the id of the organizational unit or account that the policy is for, e.g. `ou-ab12-11111111`",
  POLICY_ARN: "the ARN of the managed policy that the finding names",
  POLICY_ID: "the id of the service control policy, `p-…`",
  POLICY_NAME: "the name of the policy that the finding names",
  PRINCIPAL_ARN: "the user's or role's ARN",
  PRINCIPAL_KIND: "`user`, `role` or `group`, as the finding says",
  PRINCIPAL_NAME: "the user's, role's or group's name, without its path",
  PROVIDER_ARN:
    "the identity provider's ARN, e.g. `arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com`",
  RESOURCE_ARN: "the ARN of the resource that the finding names",
  ROLE_NAME: "the role's name, without its path",
  STATEMENT_NAME: "the Sid of the statement that the finding names, or where it stands: `Statement[0]`",
  VENDOR_ACCOUNT_ID: "the 12 digits of the other account",
  TRAIL_NAME: "the trail's name, as its ARN ends",
  USER_NAME: "the user's name, without its path",
};

/** Capitals that are AWS's own words, not placeholders. */
export const awsWords: readonly string[] = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "SERVICE_CONTROL_POLICY",
];

/** The words of a snippet that look like placeholders, each once, ordered. */
export const placeholdersIn = (snippet: string): readonly string[] => {
  const words = snippet.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
  return [...new Set(words)].filter((word) => !awsWords.includes(word)).sort();
};
