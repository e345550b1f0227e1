import { weakPasswordPolicy } from "../../shared/controls/weak-password-policy.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { accountFacts, denied, passwordPolicy } from "../support/facts.ts";

const noReport = unknownFact("there is no credential report at hand");
const asked = { minCharacters: 14, minRememberedPasswords: 24 };

describeControl(weakPasswordPolicy, {
  violates: {
    "no policy, and a console user": {
      facts: accountFacts({ passwordPolicy: known(null) }),
      reason: "Account 111122223333 has no password policy of its own, and users with console passwords.",
      evidence: { minimumLength: null, remembered: null, ...asked },
    },
    "passwords one character too short": {
      facts: accountFacts({ passwordPolicy: known(passwordPolicy({ minimumLength: 13 })) }),
      reason: "The password policy of account 111122223333 allows passwords of 13 characters, and 14 are the least.",
      evidence: { minimumLength: 13, remembered: 24, ...asked },
    },
    "one password too few remembered": {
      facts: accountFacts({ passwordPolicy: known(passwordPolicy({ remembered: 23 })) }),
      reason:
        "The password policy of account 111122223333 remembers 23 of a user's last passwords, and 24 are the least.",
      evidence: { minimumLength: 14, remembered: 23, ...asked },
    },
    "both, and none remembered at all": {
      facts: accountFacts({ passwordPolicy: known(passwordPolicy({ minimumLength: 6, remembered: null })) }),
      reason:
        "The password policy of account 111122223333 allows passwords of 6 characters, and 14 are the least; it remembers none of a user's last passwords, and 24 are the least.",
      evidence: { minimumLength: 6, remembered: null, ...asked },
    },
    "short of what the settings ask for": {
      facts: accountFacts(),
      options: { minCharacters: 16 },
      reason: "The password policy of account 111122223333 allows passwords of 14 characters, and 16 are the least.",
      evidence: { minimumLength: 14, remembered: 24, minCharacters: 16, minRememberedPasswords: 24 },
    },
  },
  complies: {
    "exactly what is asked for": { facts: accountFacts() },
    "long passwords of one kind of character, which never expire": {
      facts: accountFacts({
        passwordPolicy: known(
          passwordPolicy({ minimumLength: 20, requireSymbols: false, requireNumbers: false, requireUppercase: false }),
        ),
      }),
    },
    "less, where the settings ask for less": {
      facts: accountFacts({ passwordPolicy: known(passwordPolicy({ minimumLength: 12, remembered: 5 })) }),
      options: { minCharacters: 12, minRememberedPasswords: 5 },
    },
    "a good policy, whoever has a password": { facts: accountFacts({ hasConsoleUsers: noReport }) },
  },
  notApplicable: {
    "no policy, and nobody with a password": {
      facts: accountFacts({ passwordPolicy: known(null), hasConsoleUsers: known(false) }),
      reason: "No user of account 111122223333 has a console password.",
    },
    "nobody with a password, and a policy that may not be read": {
      facts: accountFacts({
        passwordPolicy: denied("iam:GetAccountPasswordPolicy"),
        hasConsoleUsers: known(false),
      }),
      reason: "No user of account 111122223333 has a console password.",
    },
  },
  unknown: {
    "a policy that may not be read": {
      facts: accountFacts({ passwordPolicy: denied("iam:GetAccountPasswordPolicy") }),
      reason: "Cannot tell what account 111122223333 asks of passwords: access denied: iam:GetAccountPasswordPolicy",
    },
    "no policy, where nobody knows who has a password": {
      facts: accountFacts({ passwordPolicy: known(null), hasConsoleUsers: noReport }),
      reason:
        "Cannot tell whether a user of account 111122223333 has a console password: there is no credential report at hand",
    },
  },
});
