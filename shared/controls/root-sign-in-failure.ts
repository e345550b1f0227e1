import { defineActivityControl, noOptions } from "../control.ts";
import { asMemberRoot } from "./terms/root/member-root.ts";
import {
  hourOf,
  isFailedSignIn,
  isOwnRoot,
  rootEvidence,
  rootSubject,
  signInDetailTypes,
  startOf,
  whence,
} from "./terms/root/root-record.ts";

/** A console sign-in as root failed. */
export const rootSignInFailure = defineActivityControl({
  id: "root-sign-in-failure",
  title: "Sign-in as root user failed",
  severity: "high",
  frameworks: { cis: { "5.0": "4.6" }, securityHub: "CloudWatch.6" },
  subjects: ["root"],
  patterns: [
    {
      source: ["aws.signin"],
      "detail-type": [...signInDetailTypes],
      detail: {
        eventSource: ["signin.amazonaws.com"],
        eventName: ["ConsoleLogin"],
        userIdentity: { type: ["Root"] },
      },
    },
  ],
  needsReadEvents: false,
  options: noOptions,
  guidance: {
    what: "Somebody tried to sign in to the console as the account's root user and failed.",
    why: "Root's email address is all that an attacker needs to start guessing passwords or MFA codes. Root hardly ever signs in, so a failure is worth a question.",
    counts: [
      "Only console sign-ins whose identity is Root count; failures of IAM users do not.",
      "Failures of the same hour are one finding with a count.",
      "Nobody got in, so root-activity does not count it besides.",
    ],
    fix: {
      cli: `# Ask whoever holds root's password whether it was them. If nobody says yes, see whether an attempt succeeded:
aws cloudtrail lookup-events --region us-east-1 --lookup-attributes AttributeKey=EventName,AttributeValue=ConsoleLogin

# Does root have an MFA device (1) and access keys (0)?
aws iam get-account-summary --query "SummaryMap.[AccountMFAEnabled, AccountAccessKeysPresent]"

# A member account's root needs no password at all. From the management account:
${asMemberRoot("IAMDeleteRootUserCredentials", "aws iam delete-login-profile")}

# It was a typing mistake: there is nothing to do. The finding closes after 24 hours without another one.`,
      cloudFormation: `# CloudFormation cannot stop a sign-in. With central root access (see Terraform; CloudFormation has no resource for
# it) member accounts need no root password; delete it as shown for the AWS CLI.`,
      terraform: `# Central root access for the organization: member accounts need no root password. Delete it as shown for the AWS CLI.
resource "aws_iam_organizations_features" "root" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}`,
    },
  },
  judge: (record) => {
    if (!isFailedSignIn(record) || !isOwnRoot(record)) return undefined;
    const why = record.errorMessage === undefined ? "" : `: ${record.errorMessage}`;
    return {
      severity: "high",
      reason: `Somebody failed to sign in to the console as root ${whence(record)}${why}.`,
      evidence: rootEvidence(record),
      subject: rootSubject(record, "root"),
      episode: `attempt ${hourOf(record.eventTime)}`,
      startedAt: startOf(record),
      isAttempt: true,
    };
  },
});
