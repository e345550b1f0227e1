import { compliant, defineControl, noOptions, unknown, violation } from "../control.ts";
import { listWords } from "../text/list-words.ts";
import { isDenyUntilMfa } from "./terms/deny-until-mfa.ts";

/** A user has policies of its own, which no group shows. */
export const policyAttachedToUser = defineControl({
  id: "policy-attached-to-user",
  title: "User has policies of its own",
  severity: "low",
  frameworks: { cis: { "5.0": "1.14", "7.0": "2.13" }, securityHub: "IAM.2", nist: ["AC-6"] },
  subjects: ["user"],
  hints: [
    "iam:AttachUserPolicy",
    "iam:CreateUser",
    "iam:DeleteUser",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutUserPolicy",
    "iam:UpdateUser",
  ],
  policies: true,
  options: noOptions,
  guidance: {
    what: "An IAM user has a managed policy attached, or an inline policy, instead of getting its permissions from groups.",
    why: "Permissions that are given one by one are seen by nobody who reviews groups, and stay when the user's work changes.",
    counts: [
      "Managed and inline policies count alike. A permissions boundary is no permission and does not count.",
      "The policy iam-warden-deny-until-mfa does not count as long as it allows nothing but looking after one's own MFA device: iam-warden puts it there itself.",
    ],
    fix: {
      cli: `aws iam list-attached-user-policies --user-name USER_NAME
aws iam list-user-policies --user-name USER_NAME
# Give a group what the user needs, put the user into it, and see that nothing is missing:
aws iam add-user-to-group --user-name USER_NAME --group-name developers
# Then take the user's own policies off, each by its name:
#   aws iam detach-user-policy --user-name USER_NAME --policy-arn POLICY_ARN
#   aws iam delete-user-policy --user-name USER_NAME --policy-name POLICY_NAME`,
      cloudFormation: `Resources:
  Developers:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
  Membership:
    Type: AWS::IAM::UserToGroupAddition
    Properties:
      GroupName: !Ref Developers
      Users: [USER_NAME]`,
      terraform: `resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_group_policy_attachment" "developers" {
  group      = aws_iam_group.developers.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user_group_membership" "developers" {
  user   = "USER_NAME"
  groups = [aws_iam_group.developers.name]
}`,
    },
  },
  evaluate: (user) => {
    const cannotTell = `Cannot tell which policies user ${user.name} has`;
    if (!user.policies.known) return unknown(cannotTell, user.policies.why);
    const { inline, attached } = user.policies.value;
    const own = inline.filter((policy) => isDenyUntilMfa(policy) === false);
    if (own.length + attached.length === 0) {
      const unread = inline.find((policy) => isDenyUntilMfa(policy) === "unknown");
      return unread && !unread.document.known ? unknown(cannotTell, unread.document.why) : compliant;
    }
    const all = [
      ...attached.map(({ name }) => `managed policy ${name}`),
      ...own.map(({ name }) => `inline policy ${name}`),
    ];
    return violation(`User ${user.name} has ${listWords(all)} of its own: permissions should come from groups.`, {
      grants: [
        ...attached.map(({ name, arn }) => ({ policy: arn ?? name })),
        ...own.map(({ name }) => ({ policy: name })),
      ],
    });
  },
});
