import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import { daysSince, latest } from "./terms/age.ts";
import { quarantine } from "./terms/roles/quarantine.ts";
import { outOfScope } from "./terms/roles/role-scope.ts";

/** IAM forgets the use of a role after so many days. */
const trackedDays = 400;

/** A role that nobody has assumed for longer than the limit. */
export const unusedRole = defineControl({
  id: "unused-role",
  title: "Role is not used",
  severity: "low",
  frameworks: { nist: ["AC-2(3)"] },
  subjects: ["role"],
  hints: [
    "iam:AcquireRole",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
  ],
  options: z.strictObject({
    maxIdleDays: z
      .int()
      .min(1)
      .max(365)
      .default(90)
      .describe(
        "Whole days since the role's last use, or since it was made if it was never used, after which it is unused. IAM forgets use after 400 days, so at most 365.",
      ),
  }),
  guidance: {
    what: "A role has not been used for longer than the limit.",
    why: "Nobody would miss the role, and nobody watches it: whoever its trust policy lets in, or can change that policy, has all its permissions without anybody's noticing.",
    counts: [
      "A role counts from its last use as IAM tells it (`RoleLastUsed`), in any Region; one never used counts from when it was made, so that a new role has time to be used.",
      "Days are whole days of 24 hours; a role idle for exactly the limit is not over it.",
      "IAM tracks the use of roles for 400 days. Of an older role without a last use it is only known that it was not used in that time.",
      "A role that is used once a year, for a recovery or an audit, looks like any other: exclude it in the settings, or exempt it.",
      "Every role is in scope except those that the list of built-in rules below or the settings exclude; among the built-in ones are those that AWS or an AWS tool makes and looks after.",
    ],
    fix: {
      cli: `# Which services it used, and when; a role that was only passed to a service shows up by what that service did with it.
aws iam generate-service-last-accessed-details --arn "$(aws iam get-role --role-name ROLE_NAME --query Role.Arn --output text)"
# Let it do nothing for a while: who misses it speaks up. To undo it: aws iam delete-role-policy with the same two names.
aws iam put-role-policy --role-name ROLE_NAME --policy-name quarantine --policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
# When nobody did: detach and delete its policies, take it out of its instance profiles, then aws iam delete-role.`,
      cloudFormation: `# Take the role out of its template. To let it do nothing for a while first:
Resources:
  Quarantine:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: ROLE_NAME
      PolicyName: quarantine
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Action: "*"
            Resource: "*"`,
      terraform: `# Remove the role's aws_iam_role from the configuration. To let it do nothing for a while first:
resource "aws_iam_role_policy" "quarantine" {
  role = "ROLE_NAME"
  name = "quarantine"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }]
  })
}`,
    },
  },
  evaluate: (role, { now, options, excludedRoles }) => {
    const excluded = outOfScope(role, excludedRoles);
    if (excluded !== undefined) return notApplicable(excluded);
    const { createdAt, lastUsedAt } = role;
    const ageDays = daysSince(createdAt, now);
    const since = latest(lastUsedAt === null ? [createdAt] : [createdAt, lastUsedAt]);
    const idleDays = since && daysSince(since, now);
    if (ageDays === undefined || idleDays === undefined) {
      return unknown(`Cannot tell when role ${role.name} was last used`, "the dates of the role cannot be read");
    }
    if (idleDays <= options.maxIdleDays) return compliant;
    const what =
      lastUsedAt !== null
        ? `has not been used for ${idleDays} days`
        : ageDays > trackedDays
          ? `has not been used in the last ${trackedDays} days, as far back as IAM knows`
          : `has never been used in the ${ageDays} days since it was made`;
    return violation(`Role ${role.name} ${what}; the limit is ${options.maxIdleDays}.`, {
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      maxIdleDays: options.maxIdleDays,
    });
  },
  repair: {
    writes: ["DeleteRolePolicy", "PutRolePolicy", "TagRole", "UntagRole"],
    plan: (role, context) => ({ steps: quarantine(role, "unused-role", context) }),
    contains: "Whoever assumes the role can do nothing with it.",
    waitsForApproval: true,
    notes: [
      "An inline policy, iam-warden-quarantine, denies everything that the role asks for. Its other policies and its trust policy stay as they are, so that undo gives back the role as it was.",
      "A tag, iam-warden-quarantine, says so to whoever looks at the role: the control, the day and the finding's id. It comes after the policy and decides nothing: an approval does not go by it, whoever changes or removes it holds up no undo, and where IAM refuses it the quarantine stands without, and says so. A role with 50 tags gets none. Undo removes it, or brings back what stood under that key; what somebody else has put there since stays.",
      "Unless a ladder in the settings says `remediate`, a person approves each quarantine: that nobody used a role for months does not say that nobody will.",
      "It is held where an inline policy of that name denies everything already: undo would bring back what somebody planted there, and lift nothing.",
      "It is held where the role, or a service that it had sessions with, was used within `inUseDays`, which may be longer than `maxIdleDays`; and where the role's inline policies would exceed 10,240 characters in all, white space not counted.",
      "Nobody listens for what the quarantine denies: CloudTrail does not say which inline policy denied a call. Whoever misses the role has to say so.",
      "The finding stays open until the role is used again or deleted, or leaves the scope.",
      "IAM cannot limit `iam:PutRolePolicy` to the name or the text of a policy: with this repair in mode `remediate`, the remediation role could give any role that is not protected any permission. Guard it accordingly, or leave the repair off.",
    ],
  },
});
