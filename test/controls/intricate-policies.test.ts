import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adminPolicy } from "../../shared/controls/admin-policy.ts";
import { assumeAnyRole } from "../../shared/controls/assume-any-role.ts";
import { privilegeEscalationPath } from "../../shared/controls/privilege-escalation-path.ts";
import { serviceWidePolicy } from "../../shared/controls/service-wide-policy.ts";
import { judgedWithin } from "../../shared/controls/terms/permissions/permissions.ts";
import { withEffort } from "../../shared/effort.ts";
import type { PolicyFacts, RoleFacts } from "../../shared/facts/facts.ts";
import { contextFor } from "../../shared/settings/context.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { account, now, policyFacts, principalPolicies, roleFacts } from "../support/facts.ts";
import { allow, boundary, deny, iam, underScp } from "../support/permissions.ts";

const controls = [adminPolicy, assumeAnyRole, privilegeEscalationPath, serviceWidePolicy] as const;

/** What a control says of a role, having compared no more than it may. */
const verdictOf = (control: (typeof controls)[number], role: RoleFacts) => {
  const context = contextFor(defaultSettings(), control, account, now, underScp([]));
  if (context === undefined) throw new Error(`${control.id} is off by default`);
  // What is compared to read the policies themselves is little beside that.
  return withEffort(judgedWithin + 10_000, () => control.evaluate(role, context));
};

const attached = (...policies: readonly PolicyFacts[]) => ({ policies: principalPolicies({ attached: policies }) });
/** As many resources of a hundred characters as a managed policy takes: each can match what each other does. */
const resources = (from: number) =>
  Array.from({ length: 54 }, (_, at) => `${iam}role/*${from + at}${"*a".repeat(30)}*`);
const intricate = (at: number) => policyFacts(`p${at}`, [allow("*", resources(at * 100))], `${iam}policy/p${at}`);

describe("policies that take much comparing", () => {
  it("are judged as one, though every resource can match what the others do", () => {
    const verdict = verdictOf(privilegeEscalationPath, roleFacts(attached(intricate(0))));
    expect(verdict).toMatchObject({ outcome: "violation", evidence: { paths: expect.any(Array) } });
  });

  it.each<[string, RoleFacts]>([
    ["twenty of them", roleFacts(attached(...Array.from({ length: 20 }, (_, at) => intricate(at))))],
    [
      "one within a boundary like it",
      roleFacts({
        policies: principalPolicies({
          attached: [intricate(0)],
          ...boundary([allow("*", resources(100))]),
        }),
      }),
    ],
  ])("are told where they take more than a judgement may: %s", (_, role) => {
    expect(verdictOf(privilegeEscalationPath, role)).toEqual({
      outcome: "violation",
      reason:
        "Role app is too intricate to judge: comparing the patterns in its policies takes more than a judgement may. It may be whatever this control looks for; policies with fewer wildcards would say.",
      evidence: { tooIntricate: true },
    });
  });

  const piece = fc.constantFrom("*", "a", "b", "*a", "?", "a*b", "*ab*", "aaaaaaaaaaaaaaaa", "${saml:sub}");
  const resource = fc
    .tuple(fc.constantFrom("role/", "*", "policy/"), fc.array(piece, { minLength: 1, maxLength: 200 }))
    .map(([kind, pieces]) => `${iam}${kind}${pieces.join("")}`);
  const statement = fc
    .tuple(
      fc.constantFrom(allow, allow, deny),
      fc.constantFrom("*", "iam:*", "iam:PutRolePolicy", "lambda:*", "iam:PassRole", "sts:AssumeRole"),
      fc.array(resource, { minLength: 1, maxLength: 60 }),
    )
    .map(([effect, action, on]) => effect(action, on));
  /** As long as IAM takes it. */
  const policy = fc
    .array(statement, { minLength: 1, maxLength: 4 })
    .map((statements) => policyFacts("p", statements, `${iam}policy/p`))
    .filter(({ document }) => JSON.stringify(document).length <= 6_144);

  it("are each judged within what a judgement may compare, or told as such", () => {
    fc.assert(
      fc.property(fc.array(policy, { minLength: 1, maxLength: 20 }), fc.option(policy), (policies, bounding) => {
        const facts = principalPolicies({ attached: policies, boundary: bounding });
        for (const control of controls)
          expect(verdictOf(control, roleFacts({ policies: facts })).outcome).not.toBe("unknown");
      }),
      { numRuns: 30 },
    );
  });
});
