import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import { daysSince } from "./terms/age.ts";

/** A user has had a credential for one service (a Git password, an API key of Bedrock) for longer than the limit. */
export const longLivedServiceCredential = defineControl({
  id: "long-lived-service-credential",
  title: "Service-specific credential is old",
  severity: "medium",
  frameworks: {},
  subjects: ["user"],
  hints: [
    "iam:CreateServiceSpecificCredential",
    "iam:DeleteServiceSpecificCredential",
    "iam:DeleteUser",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateUser",
  ],
  options: z.strictObject({
    maxAgeDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe("Whole days since the credential was made, after which it is old."),
  }),
  guidance: {
    what: "An IAM user has an active service-specific credential that is older than the limit: a password for CodeCommit or Keyspaces, an API key of Bedrock or CloudWatch Logs.",
    why: "It is a secret like an access key, of which hardly anybody knows: the credential report does not list it, deactivating the user's access keys leaves it, and a Bedrock key in a notebook is used until somebody looks at the bill.",
    counts: [
      "Age counts from when the credential was made. Resetting its password does not make it young.",
      "One that has expired does not count, nor does an inactive one. One that will expire counts by its age until then.",
      "Days are whole days of 24 hours; a credential of exactly the limit is not over it.",
      "IAM tells last use of none of them, so that age is all there is to go by.",
      "All of a user's old ones are one finding, which stays open until the last of them is gone.",
    ],
    fix: {
      cli: `aws iam list-service-specific-credentials --user-name USER_NAME
# Make a new one, hand it over, then put the old one out of use. To undo that: --status Active.
aws iam update-service-specific-credential --user-name USER_NAME --service-specific-credential-id CREDENTIAL_ID --status Inactive
# When nobody missed it:
aws iam delete-service-specific-credential --user-name USER_NAME --service-specific-credential-id CREDENTIAL_ID`,
      cloudFormation: `# CloudFormation cannot put a service-specific credential out of use: it has no resource type for one.`,
      terraform: `# A new value of input makes a new credential and deletes the old one. For CodeCommit, git-remote-codecommit needs none.
resource "terraform_data" "rotation" {
  input = "2026-11"
}

resource "aws_iam_service_specific_credential" "git" {
  user_name    = "USER_NAME"
  service_name = "codecommit.amazonaws.com"
  lifecycle {
    replace_triggered_by = [terraform_data.rotation]
  }
}`,
    },
  },
  evaluate: (user, { now, options }) => {
    const { serviceCredentials } = user;
    if (!serviceCredentials.known)
      return unknown(`Cannot tell what service-specific credentials user ${user.name} has`, serviceCredentials.why);
    const usable = serviceCredentials.value.filter(
      ({ active, expiresAt }) => active && (expiresAt === null || !(expiresAt.getTime() <= now.getTime())),
    );
    if (usable.length === 0)
      return notApplicable(`User ${user.name} has no service-specific credential that can be used.`);
    const aged = usable.map((credential) => ({ ...credential, ageDays: daysSince(credential.createdAt, now) }));
    const old = aged.filter(({ ageDays }) => ageDays !== undefined && ageDays > options.maxAgeDays);
    if (old.length === 0 && aged.some(({ ageDays }) => ageDays === undefined))
      return unknown(
        `Cannot tell how old the service-specific credentials of user ${user.name} are`,
        "the date of one cannot be read",
      );
    if (old.length === 0) return compliant;
    const each = old.map(({ service, ageDays }) => `one for ${service} that is ${ageDays} days old`);
    return violation(
      `User ${user.name} has ${old.length === 1 ? "a service-specific credential" : `${old.length} service-specific credentials`} over the limit of ${options.maxAgeDays} days: ${each.join(", ")}.`,
      {
        credentials: old.map(({ id, service, createdAt, expiresAt }) => ({
          id,
          service,
          createdAt: createdAt.toISOString(),
          expiresAt: expiresAt && isoDate(expiresAt),
        })),
        maxAgeDays: options.maxAgeDays,
      },
    );
  },
});

const isoDate = (date: Date): string | null => (Number.isFinite(date.getTime()) ? date.toISOString() : null);
