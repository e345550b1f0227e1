import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";

/** A user has two active access keys. */
export const twoActiveAccessKeys = defineControl({
  id: "two-active-access-keys",
  title: "User has two active access keys",
  severity: "low",
  frameworks: { cis: { "5.0": "1.12" } },
  subjects: ["user"],
  hints: ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:DeleteUser", "iam:UpdateAccessKey", "iam:UpdateUser"],
  credentials: ["accessKeys"],
  options: noOptions,
  guidance: {
    what: "An IAM user has two active access keys at the same time.",
    why: "A second key is for the hours of a rotation. Left active it doubles what can leak, hides which key a workload really uses, and leaves no room for the next rotation.",
    counts: [
      "Only active keys count. During a rotation the finding opens and resolves by itself as soon as the old key is inactive.",
      "CIS AWS Foundations 7.0 no longer has this recommendation.",
    ],
    fix: {
      cli: `# See which of the two is in use, then make the other one inactive; "--status Active" undoes it:
aws iam list-access-keys --user-name USER_NAME
aws iam get-access-key-last-used --access-key-id KEY_ID
aws iam update-access-key --user-name USER_NAME --access-key-id KEY_ID --status Inactive`,
      cloudFormation: `# One AWS::IAM::AccessKey for each user; rotate by raising Serial, not by a second resource.
Resources:
  Key:
    Type: AWS::IAM::AccessKey
    Properties:
      UserName: USER_NAME
      Serial: 1
      Status: Active`,
      terraform: `# One aws_iam_access_key for each user; while a second one is needed, keep the old one inactive.
resource "aws_iam_access_key" "old" {
  user   = "USER_NAME"
  status = "Inactive"
}`,
    },
  },
  evaluate: (user) => {
    if (!user.accessKeys.known) {
      return unknown(`Cannot tell how many active access keys user ${user.name} has`, user.accessKeys.why);
    }
    const active = user.accessKeys.value.filter((key) => key.active);
    if (active.length === 0) return notApplicable(`User ${user.name} has no active access key.`);
    if (active.length === 1) return compliant;
    return violation(`User ${user.name} has ${active.length} active access keys; one is enough.`, {
      activeAccessKeys: active.length,
    });
  },
});
