import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import { keyName, retireKey } from "./terms/access-key.ts";
import { daysSince, latest } from "./terms/age.ts";

/** An active access key that nobody has used for longer than the limit. */
export const unusedAccessKey = defineControl({
  id: "unused-access-key",
  title: "Access key is not used",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.11", "7.0": "2.11" }, securityHub: "IAM.22", nist: ["AC-2(3)"] },
  subjects: ["accessKey"],
  hints: ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:DeleteUser", "iam:UpdateAccessKey", "iam:UpdateUser"],
  credentials: ["accessKeyLastUsed", "accessKeys"],
  options: z.strictObject({
    maxUnusedDays: z
      .int()
      .min(1)
      .max(365)
      .default(45)
      .describe(
        "Whole days since the last use, or since creation if never used, after which the key is unused. IAM forgets use after 400 days, so at most 365.",
      ),
  }),
  guidance: {
    what: "An active access key has not signed a request for longer than the limit.",
    why: "Nobody misses an unused key, and nobody notices when somebody else begins to use it.",
    counts: [
      "Only active keys count. A key that was never used counts from its creation.",
      "Days are whole days of 24 hours; a key unused for exactly the limit is not over it.",
      "IAM records use with a delay of up to 15 minutes, and for the last 400 days.",
      "If the last use may not be read, a key younger than the limit passes all the same, and an older one is unknown.",
    ],
    fix: {
      cli: `aws iam get-access-key-last-used --access-key-id KEY_ID
# "--status Active" undoes this at once if somebody needs the key after all:
aws iam update-access-key --user-name USER_NAME --access-key-id KEY_ID --status Inactive
# When nobody asked for a while:
aws iam delete-access-key --user-name USER_NAME --access-key-id KEY_ID`,
      cloudFormation: `# Set the key's status, or remove the resource to delete the key.
Resources:
  Key:
    Type: AWS::IAM::AccessKey
    Properties:
      UserName: USER_NAME
      Status: Inactive`,
      terraform: `# Set the key's status, or remove the resource to delete the key.
resource "aws_iam_access_key" "key" {
  user   = "USER_NAME"
  status = "Inactive"
}`,
    },
  },
  evaluate: (key, { now, options }) => {
    if (!key.active) return notApplicable(`${keyName(key)} is inactive.`);
    const lastUsedAt = key.lastUsedAt.known ? key.lastUsedAt.value : null;
    const since = latest(lastUsedAt ? [key.createdAt, lastUsedAt] : [key.createdAt]);
    const unusedDays = since && daysSince(since, now);
    if (since === undefined || unusedDays === undefined) {
      return unknown(`${keyName(key)} has an unknown last use`, "a date of the key cannot be read");
    }
    if (unusedDays <= options.maxUnusedDays) return compliant;
    if (!key.lastUsedAt.known) return unknown(`${keyName(key)} has an unknown last use`, key.lastUsedAt.why);
    const what = lastUsedAt
      ? `was last used ${unusedDays} days ago`
      : `was never used since it was made ${unusedDays} days ago`;
    return violation(`${keyName(key)} ${what}; the limit is ${options.maxUnusedDays}.`, {
      createdAt: key.createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      maxUnusedDays: options.maxUnusedDays,
    });
  },
  repair: retireKey,
});
