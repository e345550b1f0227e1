import { type Activity, defineActivityControl, noOptions } from "../control.ts";
import { type CloudTrailRecord, hasFailed, serviceOf } from "../events/record.ts";
import { asMemberRoot } from "./terms/root/member-root.ts";
import {
  hourOf,
  isFailedSignIn,
  isOwnRoot,
  rootEvidence,
  rootSubject,
  signInDetailTypes,
  startOf,
  usedMfa,
  whence,
} from "./terms/root/root-record.ts";

/** The root user signed in or called an API, or somebody tried to. */
export const rootActivity = defineActivityControl({
  id: "root-activity",
  title: "Root user was used",
  attemptTitle: "Somebody tried to use the root user",
  severity: "critical",
  frameworks: { cis: { "5.0": "1.6", "7.0": "2.7" }, securityHub: "CloudWatch.1" },
  subjects: ["root"],
  patterns: [
    {
      source: [{ prefix: "aws." }],
      "detail-type": ["AWS API Call via CloudTrail", "AWS Console Action via CloudTrail", ...signInDetailTypes],
      detail: { userIdentity: { type: ["Root"] } },
    },
    {
      source: ["aws.sts"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: { eventSource: ["sts.amazonaws.com"], eventName: ["AssumeRoot"], errorCode: [{ exists: false }] },
    },
  ],
  needsReadEvents: true,
  options: noOptions,
  guidance: {
    what: "Somebody used the account's root user: signed in, called an API, or tried to.",
    why: "Root can do everything in the account and no policy in it can stop root. Daily work never needs it, so root at work is either one of the few planned tasks that only root can do, or an intruder.",
    counts: [
      "Every record whose identity is Root counts, reads and refused calls included, unless an AWS service did it on its own. The console acting for a person (invokedBy signin.amazonaws.com) counts.",
      "A request to reset the password, and a sign-in that came to the MFA check (CheckMfa), are attempts, told as such and less severe than root at work. A failed sign-in is told by [root-sign-in-failure](root-sign-in-failure.md) alone.",
      "A session that sts:AssumeRoot made (central root management) is a subject of its own, root-session, and less severe. iam-warden's own sessions never count.",
      "Root of another account that calls into this one, as root of any account in the world can, is not this account's root and does not count.",
      "One sign-in and the calls that follow it in the same session or hour are one finding with a count.",
      "Once a day IAM's own note of when root's password and access keys were last used is compared with what was heard: a use more than an hour after the last record of root at work is a finding that says so. Somebody may have kept events away; or root called in a Region without rules, or for data, of which no event comes.",
    ],
    fix: {
      cli: `# Ask whoever holds root's password whether it was them. If nobody says yes, take root out of their hands first.
# From the management account, deny everything to root in a member account with the policy shown for CloudFormation:
aws organizations attach-policy --policy-id POLICY_ID --target-id ACCOUNT_ID
# or delete root's credentials there:
${asMemberRoot("IAMAuditRootUserCredentials", "aws iam list-access-keys")}
${asMemberRoot(
  "IAMDeleteRootUserCredentials",
  "aws iam delete-login-profile",
  "aws iam delete-access-key --access-key-id KEY_ID",
)}

# In the management account no such policy works: sign in as root, change the password, delete its access keys, and
# check the MFA devices, the account's email address and its alternate contacts.

# What root did, newest first; repeat for each Region in use (global services are in us-east-1):
aws cloudtrail lookup-events --region us-east-1 --lookup-attributes AttributeKey=Username,AttributeValue=root

# It was planned work: there is nothing to do. The finding closes after 24 hours without root at work.`,
      cloudFormation: `# A service control policy that denies root everything, and leaves central root sessions alone.
# It does not reach the management account.
Resources:
  DenyRoot:
    Type: AWS::Organizations::Policy
    Properties:
      Name: deny-root
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [OU_ID]
      Content:
        Version: "2012-10-17"
        Statement:
          - Sid: DenyRoot
            Effect: Deny
            Action: "*"
            Resource: "*"
            Condition:
              ArnLike:
                aws:PrincipalArn: arn:*:iam::*:root
              "Null":
                aws:AssumedRoot: "true"`,
      terraform: `# A service control policy that denies root everything, and leaves central root sessions alone.
# It does not reach the management account.
resource "aws_organizations_policy" "deny_root" {
  name = "deny-root"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "DenyRoot"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
      Condition = {
        ArnLike = { "aws:PrincipalArn" = "arn:*:iam::*:root" }
        Null    = { "aws:AssumedRoot" = "true" }
      }
    }]
  })
}

resource "aws_organizations_policy_attachment" "deny_root" {
  policy_id = aws_organizations_policy.deny_root.id
  target_id = "OU_ID"
}`,
    },
  },
  judge: (record) => {
    if (!isRootActivity(record) || isFailedSignIn(record) || record.centralRoot?.own) return undefined;
    return isCentralSession(record) ? centralActivity(record) : directActivity(record);
  },
});

/**
 * Root at work, except where an AWS service acted on its own. The CIS filter wants no `invokedBy` at all, and so misses
 * a person in the console, whose calls may say `signin.amazonaws.com`.
 */
const isRootActivity = (record: CloudTrailRecord): boolean => {
  const { userIdentity, eventType } = record;
  const isPerson = userIdentity.invokedBy === undefined || userIdentity.invokedBy === "signin.amazonaws.com";
  return isOwnRoot(record) && eventType !== "AwsServiceEvent" && isPerson;
};

/** By the record's own word, or by the `AssumeRoot` record that handed out its access key id. */
const isCentralSession = ({ userIdentity, centralRoot }: CloudTrailRecord): boolean =>
  centralRoot !== undefined || userIdentity.sessionContext?.assumedRoot === "true";

const centralActivity = (record: CloudTrailRecord): Activity => {
  const { accessKeyId } = record.userIdentity;
  const { callerArn, taskPolicyArn } = record.centralRoot ?? {};
  const asked = callerArn === undefined ? "" : `, which ${callerArn} asked for,`;
  return {
    severity: "medium",
    reason: `A central root session${asked} ${deed(record)} ${whence(record)}.`,
    evidence: { ...rootEvidence(record), assumedBy: callerArn ?? null, taskPolicyArn: taskPolicyArn ?? null },
    subject: rootSubject(record, "root-session"),
    episode: `central ${accessKeyId ?? hourOf(startOf(record))}`,
    startedAt: startOf(record),
  };
};

const directActivity = (record: CloudTrailRecord): Activity => {
  const attempt = attempts[`${record.eventSource} ${record.eventName}`]?.(record);
  const subject = rootSubject(record, "root");
  const evidence = rootEvidence(record);
  const startedAt = startOf(record);
  return attempt
    ? { ...attempt, evidence, subject, startedAt, episode: `attempt ${hourOf(record.eventTime)}`, isAttempt: true }
    : { severity: "critical", reason: use(record), evidence, subject, startedAt, episode: episodeOf(record) };
};

/** Events of somebody who is not root yet. */
const attempts: Readonly<Record<string, (record: CloudTrailRecord) => Pick<Activity, "severity" | "reason">>> = {
  "signin.amazonaws.com CheckMfa": (record) => ({
    severity: "medium",
    reason: `Somebody began to sign in as root ${whence(record)}: the sign-in came to the MFA check.`,
  }),
  "signin.amazonaws.com PasswordRecoveryRequested": (record) => ({
    severity: "high",
    reason: `Somebody asked to reset root's password ${whence(record)}.`,
  }),
};

const use = (record: CloudTrailRecord): string => {
  if (record.eventSource !== "signin.amazonaws.com" || record.eventName !== "ConsoleLogin") {
    return `Root ${deed(record)} ${whence(record)}.`;
  }
  const mfa = { true: "with MFA", false: "without MFA", null: "(with or without MFA, the record does not say)" };
  return `Root signed in to the console ${mfa[`${usedMfa(record)}`]} ${whence(record)}.`;
};

const deed = (record: CloudTrailRecord): string => {
  const call = `called ${serviceOf(record.eventSource)}:${record.eventName}`;
  return hasFailed(record) ? `${call} (refused: ${record.errorCode ?? "no error code"})` : call;
};

/**
 * A sign-in record names no session; the calls that follow name the time their session began, which is the sign-in's.
 * So both are told apart by that hour (a sign-in in an hour's last second may count as two episodes). A long-lived
 * access key has no session: its calls of an hour are one episode, another one than the console's.
 */
const episodeOf = (record: CloudTrailRecord): string => {
  const { accessKeyId, sessionContext } = record.userIdentity;
  if (sessionContext?.attributes?.creationDate === undefined && accessKeyId?.startsWith("AKIA")) {
    return `key ${accessKeyId} ${hourOf(record.eventTime)}`;
  }
  return `session ${hourOf(startOf(record))}`;
};
