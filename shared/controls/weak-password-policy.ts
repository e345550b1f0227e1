import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";

/** Somebody has a console password, and the account lets it be short, or be one that was used before. */
export const weakPasswordPolicy = defineControl({
  id: "weak-password-policy",
  title: "Password policy is weak, or there is none",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.7" }, securityHub: "IAM.15" },
  subjects: ["account"],
  hints: ["iam:DeleteAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"],
  options: z.strictObject({
    minCharacters: z
      .int()
      .min(6)
      .max(128)
      .default(14)
      .describe("The shortest passwords that the policy may allow, in characters."),
    minRememberedPasswords: z
      .int()
      .min(1)
      .max(24)
      .default(24)
      .describe("How many of a user's last passwords the policy must keep from coming back; IAM remembers at most 24."),
  }),
  guidance: {
    what: "IAM users have console passwords, and the account's password policy lets them be short or come back, or there is no policy.",
    why: "A short password is guessed, and one that comes back was leaked before. Whoever has one is signed in as that user.",
    counts: [
      "An account where no user has a console password needs no policy: not applicable. Root's password is under no policy, and federated people have none.",
      "An account without a policy of its own is under AWS's default, which asks for 8 characters and remembers no password.",
      "Two things count: the minimum length (CIS 1.7, Security Hub IAM.15) and how many passwords are remembered (CIS 1.8, Security Hub IAM.16). Kinds of characters and expiry do not: length does more, and a password that has to change is written down; Security Hub IAM.7 and IAM.10 ask for them as well.",
      "A policy counts for passwords that are set from now on. Those that are shorter stay until they are changed.",
      "Only a credential report says that nobody has a password. Between sweeps, without a fresh one at hand, the answer is unknown.",
    ],
    fix: {
      cli: `# What there is now; NoSuchEntity: none.
aws iam get-account-password-policy
# This replaces the whole policy: whatever is not named falls back to IAM's default. It holds for new passwords.
aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols --allow-users-to-change-password`,
      cloudFormation: `# CloudFormation cannot set an account's password policy: it has no resource type for it.`,
      terraform: `resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = 14
  password_reuse_prevention      = 24
  require_uppercase_characters   = true
  require_lowercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
}`,
    },
  },
  evaluate: ({ account, passwordPolicy, hasConsoleUsers }, { options }) => {
    if (hasConsoleUsers.known && !hasConsoleUsers.value)
      return notApplicable(`No user of account ${account.id} has a console password.`);
    if (!passwordPolicy.known)
      return unknown(`Cannot tell what account ${account.id} asks of passwords`, passwordPolicy.why);
    const { minCharacters, minRememberedPasswords } = options;
    const minimumLength = passwordPolicy.value?.minimumLength ?? null;
    const remembered = passwordPolicy.value?.remembered ?? null;
    const flaws = [
      ...(minimumLength !== null && minimumLength < minCharacters
        ? [`allows passwords of ${minimumLength} characters, and ${minCharacters} are the least`]
        : []),
      ...((remembered ?? 0) < minRememberedPasswords
        ? [`remembers ${remembered ?? "none"} of a user's last passwords, and ${minRememberedPasswords} are the least`]
        : []),
    ];
    if (passwordPolicy.value !== null && flaws.length === 0) return compliant;
    if (!hasConsoleUsers.known)
      return unknown(`Cannot tell whether a user of account ${account.id} has a console password`, hasConsoleUsers.why);
    return violation(
      passwordPolicy.value === null
        ? `Account ${account.id} has no password policy of its own, and users with console passwords.`
        : `The password policy of account ${account.id} ${flaws.join("; it ")}.`,
      { minimumLength, remembered, minCharacters, minRememberedPasswords },
    );
  },
});
