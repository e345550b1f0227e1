import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanningContext } from "../../shared/control.ts";
import { weakPasswordPolicy } from "../../shared/controls/weak-password-policy.ts";
import { known, type PasswordPolicyFacts, unknownFact } from "../../shared/facts/facts.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { describeControl } from "../support/describe-control.ts";
import { accountFacts, denied, now, organization, passwordPolicy } from "../support/facts.ts";

const noReport = unknownFact("there is no credential report at hand");
const asked = { minCharacters: 14, minRememberedPasswords: 24 };

const context: PlanningContext<typeof asked> = {
  now,
  options: asked,
  excludedRoles: { names: [], paths: [], tags: {}, trustTags: false },
  organization,
  neighbours: neighboursNotRead,
  repair: { boundaryArn: null, centralRootAccess: false },
  findingId: "f".repeat(32),
};

const planned = (policy: PasswordPolicyFacts | null, options = asked): PasswordPolicyFacts => {
  const plan = weakPasswordPolicy.repair?.plan(accountFacts({ passwordPolicy: known(policy) }), {
    ...context,
    options,
  });
  if (plan === undefined || "held" in plan) throw new Error(`no plan: ${plan?.held}`);
  const { write } = plan.steps[0];
  if (write.operation !== "UpdateAccountPasswordPolicy") throw new Error(write.operation);
  return write.policy;
};

const policies = fc.record({
  minimumLength: fc.integer({ min: 6, max: 128 }),
  requireLowercase: fc.boolean(),
  requireUppercase: fc.boolean(),
  requireNumbers: fc.boolean(),
  requireSymbols: fc.boolean(),
  usersMayChange: fc.boolean(),
  maxAgeDays: fc.option(fc.integer({ min: 1, max: 1095 })),
  hardExpiry: fc.boolean(),
  remembered: fc.option(fc.integer({ min: 1, max: 24 })),
});

describe("the policy that a repair sets", () => {
  it("is what the options ask for, weaker in nothing, and else the same", () => {
    const options = fc.record({
      minCharacters: fc.integer({ min: 6, max: 128 }),
      minRememberedPasswords: fc.integer({ min: 1, max: 24 }),
    });
    fc.assert(
      fc.property(policies, options, (policy, ask) => {
        const { minimumLength, remembered, ...others } = planned(policy, ask);
        expect(minimumLength).toBe(Math.max(policy.minimumLength, ask.minCharacters));
        expect(remembered).toBe(Math.max(policy.remembered ?? 0, ask.minRememberedPasswords));
        const { minimumLength: _length, remembered: _remembered, ...same } = policy;
        expect(others).toEqual(same);
      }),
    );
  });

  it("asks for no less than AWS's default where there is none", () => {
    expect(planned(null, { minCharacters: 6, minRememberedPasswords: 1 })).toEqual(
      passwordPolicy({ minimumLength: 8, remembered: 1, usersMayChange: false }),
    );
  });

  it("is none where the present one is not known", () => {
    const facts = accountFacts({ passwordPolicy: denied("iam:GetAccountPasswordPolicy") });
    expect(weakPasswordPolicy.repair?.plan(facts, context)).toEqual({
      held: "What account 111122223333 asks of passwords is not known: access denied: iam:GetAccountPasswordPolicy.",
    });
  });
});

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
    "strict in all that it is not about": {
      facts: accountFacts({
        passwordPolicy: known(
          passwordPolicy({ minimumLength: 20, remembered: 3, maxAgeDays: 60, hardExpiry: true, usersMayChange: false }),
        ),
      }),
      reason:
        "The password policy of account 111122223333 remembers 3 of a user's last passwords, and 24 are the least.",
      evidence: { minimumLength: 20, remembered: 3, ...asked },
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
