import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import { keyName, retireKey } from "./terms/access-key.ts";
import { daysSince } from "./terms/age.ts";

/** An active access key is older than the limit, used or not. */
export const staleAccessKey = defineControl({
  id: "stale-access-key",
  title: "Access key is too old",
  severity: "medium",
  frameworks: {
    cis: { "5.0": "1.13", "7.0": "2.12" },
    securityHub: "IAM.3",
    nist: ["AC-2(1)", "AC-2(3)", "AC-3(15)"],
  },
  subjects: ["accessKey"],
  hints: ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:DeleteUser", "iam:UpdateAccessKey", "iam:UpdateUser"],
  credentials: ["accessKeys"],
  options: z.strictObject({
    maxAgeDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe("Whole days since the key was made after which it is too old."),
  }),
  guidance: {
    what: "An active access key has not been replaced for longer than the limit.",
    why: "A long-lived key has had long to leak: into a repository, a laptop's backup, a log, a former colleague's notes. It works until somebody makes it inactive.",
    counts: [
      "Only active keys count. Age is the time since creation, whether or not the key is used; unused-access-key judges use.",
      "Ages are whole days of 24 hours; a key exactly as old as the limit is not over it.",
    ],
    fix: {
      cli: `# Make the new key, give it to the workload, and see that the old one is no longer used:
aws iam create-access-key --user-name USER_NAME
aws iam get-access-key-last-used --access-key-id KEY_ID
# Make the old key inactive; "--status Active" undoes it at once if something breaks:
aws iam update-access-key --user-name USER_NAME --access-key-id KEY_ID --status Inactive
# When nothing broke for a while:
aws iam delete-access-key --user-name USER_NAME --access-key-id KEY_ID`,
      cloudFormation: `# A higher Serial replaces the key: CloudFormation makes the new one, then deletes the old one.
Resources:
  Key:
    Type: AWS::IAM::AccessKey
    Properties:
      UserName: USER_NAME
      Serial: 2
      Status: Active`,
      terraform: `# A higher input replaces the key: Terraform makes the new one, then deletes the old one. The secret is kept in the
# state: protect it.
resource "terraform_data" "rotation" {
  input = 2
}

resource "aws_iam_access_key" "key" {
  user = "USER_NAME"
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.rotation]
  }
}`,
    },
  },
  evaluate: (key, { now, options }) => {
    if (!key.active) return notApplicable(`${keyName(key)} is inactive.`);
    const ageDays = daysSince(key.createdAt, now);
    if (ageDays === undefined)
      return unknown(`Cannot tell how old ${inSentence(keyName(key))} is`, "the time when it was made cannot be read");
    if (ageDays <= options.maxAgeDays) return compliant;
    return violation(`${keyName(key)} is ${ageDays} days old; the limit is ${options.maxAgeDays}.`, {
      createdAt: key.createdAt.toISOString(),
      maxAgeDays: options.maxAgeDays,
    });
  },
  repair: retireKey,
});

const inSentence = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
