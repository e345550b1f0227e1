import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import type { PasswordPolicyFacts } from "../facts/facts.ts";
import { updatePasswordPolicy } from "../remediation/step.ts";

/** Somebody has a console password, and the account lets it be short, or be one that was used before. */
export const weakPasswordPolicy = defineControl({
  id: "weak-password-policy",
  title: "Password policy is weak, or there is none",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.7" }, securityHub: "IAM.15" },
  subjects: ["account"],
  consoleUsers: true,
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
  repair: {
    writes: ["DeleteAccountPasswordPolicy", "UpdateAccountPasswordPolicy"],
    plan: ({ account, passwordPolicy }, { options }) =>
      passwordPolicy.known
        ? { steps: [updatePasswordPolicy(strengthened(passwordPolicy.value ?? awsDefault, options))] }
        : { held: `What account ${account.id} asks of passwords is not known: ${passwordPolicy.why}.` },
    waitsForApproval: true,
    notes: [
      "The minimum length and the number of remembered passwords are raised to the options; every other field stays as it is, and so does what asks for more already.",
      "Where there is no policy, one is made that asks for no less than AWS's default does: upper and lower case, numbers and symbols, of which the default asks for three. Who may change their own password and that passwords do not expire stays so.",
      "Passwords that there are stay good until they are changed: nobody is locked out by it. Whoever sets one from then on, people and tools, has to keep to the policy.",
      "Unless a ladder in the settings says `remediate`, a person approves each repair.",
      "It waits for a credential report where IAM has none at hand: only that says that somebody has a console password.",
      "An account has one password policy, and IAM no narrower permission than for all of it: with this repair in mode `remediate`, the remediation role could weaken it too.",
    ],
  },
});

/** What AWS asks for where an account has no policy; of the four kinds of characters it asks for any three, which no policy can say. */
const awsDefault: PasswordPolicyFacts = {
  minimumLength: 8,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  usersMayChange: false,
  maxAgeDays: null,
  hardExpiry: false,
  remembered: null,
};

const strengthened = (
  policy: PasswordPolicyFacts,
  asked: { readonly minCharacters: number; readonly minRememberedPasswords: number },
): PasswordPolicyFacts => ({
  ...policy,
  minimumLength: Math.max(policy.minimumLength, asked.minCharacters),
  remembered: Math.max(policy.remembered ?? 0, asked.minRememberedPasswords),
});
