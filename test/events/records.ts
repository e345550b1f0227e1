/** Building blocks for CloudTrail records in the shapes AWS documents; every value is made up. */

export type Raw = Record<string, unknown>;

export const account = "111122223333";

export const iamUser = (userName = "admin"): Raw => ({
  type: "IAMUser",
  principalId: "AIDAEXAMPLEADMIN00001",
  arn: `arn:aws:iam::${account}:user/staff/${userName}`,
  accountId: account,
  accessKeyId: "AKIAEXAMPLEADMIN0001",
  userName,
});

export const assumedRole: Raw = {
  type: "AssumedRole",
  principalId: "AROAEXAMPLEDEPLOY0001:session",
  arn: `arn:aws:sts::${account}:assumed-role/deploy/session`,
  accountId: account,
  accessKeyId: "ASIAEXAMPLEDEPLOY001",
  sessionContext: {
    attributes: { creationDate: "2026-11-01T08:00:00Z", mfaAuthenticated: "false" },
    sessionIssuer: { type: "Role", arn: `arn:aws:iam::${account}:role/deploy`, accountId: account, userName: "deploy" },
  },
};

/** Root as itself: no session unless one is given. */
export const root = (more: Raw = {}): Raw => ({
  type: "Root",
  principalId: account,
  arn: `arn:aws:iam::${account}:root`,
  accountId: account,
  accessKeyId: "",
  ...more,
});

export const record = (more: Raw = {}): Raw => ({
  eventVersion: "1.10",
  eventID: "11111111-2222-3333-4444-555555555555",
  eventName: "CreateUser",
  eventSource: "iam.amazonaws.com",
  eventTime: "2026-11-01T09:15:00Z",
  eventType: "AwsApiCall",
  awsRegion: "us-east-1",
  sourceIPAddress: "192.0.2.10",
  userAgent: "aws-cli/2.30",
  requestParameters: { userName: "alice" },
  responseElements: null,
  readOnly: false,
  managementEvent: true,
  recipientAccountId: account,
  userIdentity: iamUser(),
  ...more,
});

export const signIn = (more: Raw = {}): Raw =>
  record({
    eventName: "ConsoleLogin",
    eventSource: "signin.amazonaws.com",
    eventType: "AwsConsoleSignIn",
    requestParameters: null,
    responseElements: { ConsoleLogin: "Success" },
    additionalEventData: { MFAUsed: "Yes", MobileVersion: "No", LoginTo: "https://console.aws.amazon.com/" },
    ...more,
  });

export const envelope = (detail: Raw, more: Raw = {}): Raw => ({
  version: "0",
  id: "99999999-2222-3333-4444-555555555555",
  "detail-type": "AWS API Call via CloudTrail",
  source: typeof detail.eventSource === "string" ? `aws.${detail.eventSource.split(".")[0]}` : "aws.iam",
  account,
  time: "2026-11-01T09:15:03Z",
  region: "us-east-1",
  resources: [],
  detail,
  ...more,
});

/** The raw record without some of its fields. */
export const without = (raw: Raw, ...fields: readonly string[]): Raw =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !fields.includes(key)));
