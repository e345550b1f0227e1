import { isVersion } from "./malformed-policy.ts";
import type { KnownDocument, LintRule, RuleFinding } from "./rule.ts";

export const policyVersion: LintRule = {
  id: "policy-version",
  title: "Policy of an old version of the policy language",
  severity: "low",
  why: "Without Version 2012-10-17 a policy variable such as ${aws:username} is no variable, but the text that it is written as: a Deny with one denies nothing.",
};

const current = "2012-10-17";

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
export const findOldVersion = ({ address, content, at }: KnownDocument): readonly RuleFinding[] => {
  if (typeof content !== "object" || content === null) return [];
  const version = "Version" in content ? content.Version : undefined;
  // What is no version IAM refuses, which is another rule's matter.
  if (version === current || !isVersion(version) || (typeof version === "string" && version.includes("«"))) return [];
  const usesVariables = JSON.stringify(content).includes("${");
  const [severity, then] = usesVariables
    ? (["medium", "its variables are taken as they are written"] as const)
    : (["low", "variables in it would be taken as they are written"] as const);
  const has = version === undefined ? "has no Version" : `has the Version ${JSON.stringify(version)}`;
  return [{ severity, at, address, reason: `The policy ${has}: ${then}. Write "Version": "${current}".` }];
};
