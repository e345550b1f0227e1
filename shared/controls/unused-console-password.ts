import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import { daysSince, latest } from "./terms/age.ts";

/** A console password that nobody has signed in with for longer than the limit. */
export const unusedConsolePassword = defineControl({
  id: "unused-console-password",
  title: "Console password is not used",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.11", "7.0": "2.11" }, securityHub: "IAM.22", nist: ["AC-2(3)"] },
  subjects: ["user"],
  hints: [
    "iam:ChangePassword",
    "iam:CreateLoginProfile",
    "iam:DeleteLoginProfile",
    "iam:DeleteUser",
    "iam:UpdateLoginProfile",
    "iam:UpdateUser",
  ],
  credentials: ["loginProfile", "passwordLastUsed"],
  options: z.strictObject({
    maxUnusedDays: z
      .int()
      .min(1)
      .max(365)
      .default(45)
      .describe(
        "Whole days since the last sign-in, or since the password was set if that is later, after which it is unused. IAM forgets use after 400 days, so at most 365.",
      ),
  }),
  guidance: {
    what: "An IAM user has a console password that nobody has signed in with for longer than the limit.",
    why: "An unused password is a way in that nobody watches: its owner has left or forgotten it, and would not notice a stranger's sign-in.",
    counts: [
      "A password counts from the last sign-in with it, or from when it was last set, whichever is later: a new password has had no time to be used. One never used counts from when it was set.",
      "Days are whole days of 24 hours; a password unused for exactly the limit is not over it.",
      "Only the credential report says when a password was last set. Where a live read alone cannot rule out that an old password was set anew, the answer is unknown, not a finding.",
      "Users without a login profile, and so all federated people, never count.",
    ],
    fix: {
      cli: `aws iam get-user --user-name USER_NAME --query User.PasswordLastUsed
# Takes the password away; the user's access keys stay. A new one can be given with create-login-profile.
aws iam delete-login-profile --user-name USER_NAME`,
      cloudFormation: `# A user without LoginProfile has no console password; taking the property out of a template deletes the password.
Resources:
  User:
    Type: AWS::IAM::User
    Properties:
      UserName: USER_NAME`,
      terraform: `# Remove the user's aws_iam_user_login_profile from the configuration: the next apply deletes the password.
resource "aws_iam_user" "user" {
  name = "USER_NAME"
}`,
    },
  },
  evaluate: (user, { now, options }) => {
    if (!user.console.known) {
      return unknown(`Cannot tell whether user ${user.name} has a console password`, user.console.why);
    }
    const { enabled, createdAt, passwordChangedAt, lastUsedAt } = user.console.value;
    if (!enabled) return notApplicable(`User ${user.name} has no console password.`);
    const usedAt = lastUsedAt.known ? lastUsedAt.value : null;
    const moments = [createdAt, passwordChangedAt].flatMap((fact) => (fact.known ? [fact.value] : []));
    if (usedAt) moments.push(usedAt);
    const since = latest(moments);
    const unusedDays = since && daysSince(since, now);
    if (unusedDays !== undefined && unusedDays <= options.maxUnusedDays) return compliant;
    if (!lastUsedAt.known) {
      return unknown(`Cannot tell when user ${user.name} last signed in to the console`, lastUsedAt.why);
    }
    if (!passwordChangedAt.known) {
      return unknown(
        `Cannot tell whether the console password of user ${user.name} was set anew since it was last used`,
        passwordChangedAt.why,
      );
    }
    if (unusedDays === undefined) {
      return unknown(
        `Cannot tell when user ${user.name} last signed in to the console`,
        "the dates of the password cannot be read",
      );
    }
    const what = usedAt
      ? `has not signed in to the console for ${unusedDays} days`
      : `has never signed in to the console with the password set ${unusedDays} days ago`;
    return violation(`User ${user.name} ${what}; the limit is ${options.maxUnusedDays}.`, {
      passwordChangedAt: passwordChangedAt.value.toISOString(),
      lastUsedAt: usedAt?.toISOString() ?? null,
      maxUnusedDays: options.maxUnusedDays,
    });
  },
});
