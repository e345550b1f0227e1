import { describe, expect, it } from "vitest";
import { denyUntilMfa } from "../../../shared/controls/terms/deny-until-mfa.ts";
import { parsePolicy } from "../../../shared/policy/language/document.ts";
import { evaluatePolicies } from "../../../shared/policy/request/evaluate.ts";
import { userFacts } from "../../support/facts.ts";

const administrator = parsePolicy({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
const own = "arn:aws:iam::111122223333:user/bob";
const selfService: readonly (readonly [string, string])[] = [
  ["iam:CreateVirtualMFADevice", "arn:aws:iam::111122223333:mfa/bob-phone"],
  ["iam:EnableMFADevice", own],
  ["iam:ResyncMFADevice", own],
  ["iam:ListMFADevices", own],
  ["iam:GetMFADevice", own],
  ["iam:GetUser", own],
  ["iam:ChangePassword", own],
  ["iam:ListVirtualMFADevices", "*"],
  ["iam:GetAccountPasswordPolicy", "*"],
];
const everythingElse: readonly (readonly [string, string])[] = [
  ["s3:GetObject", "arn:aws:s3:::payroll/2026.csv"],
  ["iam:CreateAccessKey", own],
  ["iam:CreateLoginProfile", own],
  ["iam:DeactivateMFADevice", own],
  ["iam:DeleteUserPolicy", own],
  ["iam:AttachUserPolicy", own],
  ["sts:AssumeRole", "arn:aws:iam::111122223333:role/admin"],
];

const policyFor = (arn = own) => {
  const { write } = denyUntilMfa(userFacts({ arn }));
  return { text: write.document, policy: parsePolicy(JSON.parse(write.document)) };
};

/** What a user with `others` besides the policy may do; `mfa` is what the session says of MFA, if it says anything. */
const decide = (action: string, resource: string, mfa: "true" | "false" | undefined, others = [administrator]) => {
  const context = new Map(mfa === undefined ? [] : [["aws:multifactorauthpresent", [mfa]]]);
  return evaluatePolicies([policyFor().policy, ...others], { action, resource, context }).decision;
};

describe("the deny-until-MFA policy", () => {
  it.each(everythingElse)(
    "denies %s in a console session without MFA, even to an administrator",
    (action, resource) => {
      expect(decide(action, resource, "false")).toBe("explicitDeny");
    },
  );

  it.each(everythingElse)("does not stand in the way of %s with MFA, or by access key", (action, resource) => {
    expect(decide(action, resource, "true")).toBe("allow");
    expect(decide(action, resource, undefined)).toBe("allow");
  });

  it.each(selfService)("gives a user who has no other policy %s, which adding a device takes", (action, resource) => {
    expect(decide(action, resource, "false", [])).toBe("allow");
  });

  it.each([
    ["iam:EnableMFADevice", "arn:aws:iam::111122223333:user/alice"],
    ["iam:ChangePassword", "arn:aws:iam::111122223333:user/alice"],
    ["iam:CreateVirtualMFADevice", "arn:aws:iam::444455556666:mfa/bob"],
    ["iam:CreateAccessKey", own],
  ])("gives nobody %s on %s", (action, resource) => {
    for (const mfa of ["true", "false", undefined] as const)
      expect(decide(action, resource, mfa, [])).not.toBe("allow");
  });

  it("means the user's own ARN to the letter, though its path may hold wildcards and variables", () => {
    const arn = "arn:aws:iam::111122223333:user/a*b/?/${aws:username}/bob";
    const { policy } = policyFor(arn);
    const enable = (resource: string) =>
      evaluatePolicies([policy], {
        action: "iam:EnableMFADevice",
        resource,
        context: new Map([["aws:username", ["mallory"]]]),
      }).decision;
    expect(enable(arn)).toBe("allow");
    expect(enable("arn:aws:iam::111122223333:user/axxb/x/mallory/bob")).toBe("implicitDeny");
    expect(enable("arn:aws:iam::111122223333:user/a*b/?/mallory/bob")).toBe("implicitDeny");
  });

  it("stays in the user's partition", () => {
    expect(policyFor("arn:aws-cn:iam::111122223333:user/bob").text).toContain('"arn:aws-cn:iam::111122223333:mfa/*"');
  });

  it("leaves half of a user's 2,048 characters to others, even for the longest ARN", () => {
    const path = `/${"x".repeat(510)}/`;
    expect(policyFor(`arn:aws-us-gov:iam::111122223333:user${path}${"n".repeat(64)}`).text.length).toBeLessThan(1_400);
    expect(policyFor().text.length).toBeLessThan(1_024);
  });
});
