import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";

/** What people call each part of central root access. */
const parts: Readonly<Record<string, string>> = {
  RootCredentialsManagement: "root credentials management",
  RootSessions: "root sessions",
};

/** The members' root users are not looked after from one place. */
export const centralRootAccessDisabled = defineControl({
  id: "central-root-access-disabled",
  title: "Central root access is not enabled in the organization",
  severity: "medium",
  frameworks: { cis: { "7.0": "2.1.1" } },
  subjects: ["account"],
  hints: [],
  options: noOptions,
  guidance: {
    what: "The organization does not manage its members' root users centrally: root credentials management, root sessions or both are off.",
    why: "Without it each member keeps a root user with a password that can be reset by whoever reads the account's mailbox, and an MFA device that somebody has to keep. With it the credentials can be taken away, members are made without any, and what only root can do is done in short sessions that CloudTrail tells apart.",
    counts: [
      "It is a finding on the management account, once for the organization; on any other account it is not applicable.",
      "Root sessions alone missing is severity low: root has no credentials, but what only root can do needs them back.",
      "It is off, too, where IAM has no trusted access to the organization, or the organization has not all features.",
      "Only the management account and IAM's delegated administrator may look it up: anywhere else it is unknown.",
      "IAM tells of a change where it was made, which may be another account than this: the next sweep judges it.",
    ],
    fix: {
      cli: `# From the management account:
aws organizations enable-aws-service-access --service-principal iam.amazonaws.com
aws iam enable-organizations-root-credentials-management
aws iam enable-organizations-root-sessions
# Then take the credentials of the members' root users away: see root-without-mfa.`,
      cloudFormation: `# CloudFormation cannot enable central root access: use the AWS CLI, or \`warden bootstrap\`.`,
      terraform: `resource "aws_organizations_organization" "organization" {
  feature_set                   = "ALL"
  aws_service_access_principals = ["iam.amazonaws.com"]
}

resource "aws_iam_organizations_features" "root" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}`,
    },
  },
  evaluate: ({ account }, { organization }) => {
    if (!organization.known) {
      return unknown(`Cannot tell whether account ${account.id} is to enable central root access`, organization.why);
    }
    const { managementAccountId, rootFeatures } = organization.value;
    if (account.id !== managementAccountId) {
      return notApplicable(
        `Account ${account.id} is not the organization's management account, for which central root access is judged.`,
      );
    }
    if (!rootFeatures.known) {
      return unknown("Cannot tell whether the organization has central root access enabled", rootFeatures.why);
    }
    const missing = Object.keys(parts).filter((part) => !rootFeatures.value.includes(part));
    if (missing.length === 0) return compliant;
    const words = missing.map((part) => parts[part]).join(" and ");
    return violation(
      `The organization that account ${account.id} manages has these parts of central root access off: ${words}.`,
      { enabledFeatures: rootFeatures.value, missingFeatures: missing },
      missing.includes("RootCredentialsManagement") ? undefined : "low",
    );
  },
});
