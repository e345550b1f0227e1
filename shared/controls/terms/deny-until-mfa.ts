import type { PolicyFacts, UserFacts } from "../../facts/facts.ts";
import { literalText } from "../../policy/language/literal.ts";
import type { Ternary } from "../../policy/language/ternary.ts";
import { putUserPolicy } from "../../remediation/step.ts";
import { readPolicy } from "./permissions/read-policy.ts";

/** What a person needs to add a first MFA device, on the devices and the user itself. */
const onOwnUser = [
  "iam:ChangePassword",
  "iam:CreateVirtualMFADevice",
  "iam:EnableMFADevice",
  "iam:GetMFADevice",
  "iam:GetUser",
  "iam:ListMFADevices",
  "iam:ResyncMFADevice",
];
/** What the console shows on the way there; these have no narrower resource. */
const onEverything = ["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"];

/**
 * The policy that leaves a console session without MFA nothing but adding a device. `Bool`, not `BoolIfExists`: requests
 * signed with the user's access keys carry no aws:MultiFactorAuthPresent at all, and go on working.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
 */
const denyUntilMfaDocument = (user: UserFacts): string => {
  const account = user.arn.slice(0, user.arn.indexOf(":user/"));
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "MfaSelfService",
        Effect: "Allow",
        Action: onOwnUser,
        // A user's path may hold what is special in a Resource.
        Resource: [`${account}:mfa/*`, literalText(user.arn)],
      },
      { Sid: "MfaSelfServiceReads", Effect: "Allow", Action: onEverything, Resource: "*" },
      {
        Sid: "DenyUntilMfa",
        Effect: "Deny",
        NotAction: [...onOwnUser, ...onEverything, "sts:GetSessionToken"],
        Resource: "*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } },
      },
    ],
  });
};

const policyName = "iam-warden-deny-until-mfa";

/** Whether an inline policy is this one: by its name, and because it gives nothing but that self-service. */
export const isDenyUntilMfa = (policy: PolicyFacts): Ternary => {
  if (policy.name !== policyName) return false;
  if (!policy.document.known) return "unknown";
  const read = readPolicy(policy);
  if ("why" in read) return false;
  const selfService = new Set([...onOwnUser, ...onEverything]);
  const given = read.document.statements.filter(({ effect }) => effect === "Allow");
  return given.every(({ actions }) => actions?.every((action) => selfService.has(action)) ?? false);
};

export const denyUntilMfa = (user: UserFacts) =>
  putUserPolicy({
    userName: user.name,
    policyName,
    document: denyUntilMfaDocument(user),
  });
