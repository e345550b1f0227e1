import { compliant, defineControl, type Json, noOptions, unknown, violation } from "../control.ts";
import type { RootKeyFacts } from "../facts/facts.ts";
import { deleteRootAccessKeys } from "../remediation/step.ts";
import { asMemberRoot, beyondCentralRoot } from "./terms/root/member-root.ts";

/** The root user has an access key, active or not. */
export const rootAccessKeyExists = defineControl({
  id: "root-access-key-exists",
  title: "Root user has an access key",
  severity: "critical",
  frameworks: {
    cis: { "5.0": "1.3", "7.0": "2.4" },
    securityHub: "IAM.4",
    nist: ["AC-2(1)", "AC-3(7)", "AC-3(15)", "AC-6", "AC-6(2)", "AC-6(10)"],
  },
  subjects: ["root"],
  hints: ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"],
  options: noOptions,
  guidance: {
    what: "The account's root user has an access key.",
    why: "Whoever holds the key can do everything in the account from anywhere, without MFA, and no policy in the account can stop it. Nothing needs such a key.",
    counts: [
      "An inactive key counts too: it exists, and one call makes it active again.",
      "The account summary says whether there is a key; the credential report's root row, where it exists, adds how old it is and when it was used.",
      "If neither can be read the answer is unknown.",
    ],
    fix: {
      cli: `# In a member account, from the management account or the delegated administrator for IAM: see which keys there are and
# when they were used.
${asMemberRoot(
  "IAMAuditRootUserCredentials",
  "aws iam list-access-keys",
  "aws iam get-access-key-last-used --access-key-id KEY_ID",
)}
# Nothing brings a deleted key back. If it may be in use, first deny root in this account for a while with the service
# control policy on the page of root-activity; detaching the policy undoes that. Then:
${asMemberRoot("IAMDeleteRootUserCredentials", "aws iam delete-access-key --access-key-id KEY_ID")}

# In the management account: sign in as root, "Security credentials", "Access keys", deactivate, then delete.`,
      cloudFormation: `# CloudFormation cannot delete root's keys. In member accounts it can make sure that no new ones are made.
Resources:
  DenyRootAccessKeys:
    Type: AWS::Organizations::Policy
    Properties:
      Name: deny-root-access-keys
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [OU_ID]
      Content:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Action: iam:CreateAccessKey
            Resource: "*"
            Condition:
              ArnLike:
                aws:PrincipalArn: arn:*:iam::*:root`,
      terraform: `# Terraform cannot delete root's keys. In member accounts it can make sure that no new ones are made.
resource "aws_organizations_policy" "deny_root_access_keys" {
  name = "deny-root-access-keys"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "iam:CreateAccessKey"
      Resource  = "*"
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:*:iam::*:root" } }
    }]
  })
}

resource "aws_organizations_policy_attachment" "deny_root_access_keys" {
  policy_id = aws_organizations_policy.deny_root_access_keys.id
  target_id = "OU_ID"
}`,
    },
  },
  evaluate: (root) => {
    const keys = root.accessKeys.known ? root.accessKeys.value : [];
    if (root.accessKeysPresent.known && !root.accessKeysPresent.value) return compliant;
    if (!root.accessKeysPresent.known && keys.length === 0) {
      return unknown(
        `Cannot tell whether the root user of account ${root.account.id} has access keys`,
        root.accessKeysPresent.why,
      );
    }
    const idle = keys.length > 0 && keys.every((key) => !key.active);
    return violation(
      `The root user of account ${root.account.id} has ${keys.length > 1 ? `${keys.length} access keys` : "an access key"}${idle ? ", inactive at present" : ""}.`,
      { accessKeysPresent: true, accessKeys: keys.map(keyEvidence) },
    );
  },
  repair: {
    writes: ["root:DeleteAccessKey"],
    plan: (root, { repair }) => {
      const held = beyondCentralRoot(root.account.id, repair);
      return held === undefined ? { steps: [deleteRootAccessKeys()] } : { held };
    },
    notes: [
      "Every access key of the member's root is deleted in a session of central root access that can do nothing else. Nothing undoes it, so a person has to approve it.",
      "Keys that are made after the approval are not touched.",
      "The management account's root is out of reach: there it is held.",
    ],
  },
});

const keyEvidence = (key: RootKeyFacts): Json => ({
  active: key.active,
  createdAt: key.createdAt.known ? isoDate(key.createdAt.value) : null,
  lastUsedAt: key.lastUsedAt.known && key.lastUsedAt.value ? isoDate(key.lastUsedAt.value) : null,
});

const isoDate = (date: Date): string | null => (Number.isFinite(date.getTime()) ? date.toISOString() : null);
