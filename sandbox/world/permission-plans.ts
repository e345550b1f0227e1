import { administratorAccess, type SandboxState, trusting } from "../state.ts";
import type { RolePlan, UserPlan } from "./plan.ts";

// What may be too much, beside what looks like it and is confined; each is named for what it is.

const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*", Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const policy = (...Statement: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });

/** What the groups of generated accounts give their members; all others give nothing. */
export const groupPolicies: Readonly<Record<string, readonly string[]>> = {
  admins: [administratorAccess],
  readers: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
};

const lambda = trusting({ Service: "lambda.amazonaws.com" });
/** With a boundary that nobody approved and that allows everything: what the role's own policies say is what is left. */
const role = (name: string, own: string, permissionViolations: readonly string[] = []): RolePlan => ({
  ...{ name, createdDays: 200, usedDays: 1, trust: lambda, boundary: "other" },
  ...{ inlinePolicies: { own }, permissionViolations },
});
/** The approved boundary leaves S3, DynamoDB, logs and queues. */
const bounded = (plan: RolePlan): RolePlan => ({ ...plan, boundary: "approved" });

const passesToFunctions = policy(allow("iam:PassRole"), allow(["lambda:CreateFunction", "lambda:InvokeFunction"]));
const withMfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
const inOrganization = { StringEquals: { "aws:ResourceOrgID": "${aws:PrincipalOrgID}" } };
const manyBuckets = Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::archive-of-the-year-${1000 + at}`);

export const permissionRoles: readonly RolePlan[] = [
  {
    ...{ name: "migration-admin", createdDays: 700, usedDays: 3, trust: lambda, boundary: "other" },
    ...{ attachedPolicies: [administratorAccess], permissionViolations: ["admin-policy"] },
  },
  role("admin-with-mfa", policy(allow("*", "*", withMfa))),
  bounded(role("admin-within-boundary", policy(allow("*")), ["service-wide-policy"])),
  role("storage-everything", policy(allow("s3:*")), ["service-wide-policy"]),
  role("storage-one-bucket", policy(allow("s3:*", ["arn:aws:s3:::invoices", "arn:aws:s3:::invoices/*"]))),
  role("deployer-passes-any-role", passesToFunctions, ["privilege-escalation-path"]),
  bounded(role("deployer-within-boundary", passesToFunctions)),
  role("auditor-assumes-any-role", policy(allow("sts:AssumeRole")), ["assume-any-role"]),
  role("auditor-of-the-organization", policy(allow("sts:AssumeRole", "*", inOrganization))),
  role("archive-with-long-policy", policy(allow("s3:GetObject", manyBuckets)), ["policy-near-size-limit"]),
];

export const permissionUsers: readonly UserPlan[] = [
  {
    ...{ name: "report-builder", createdDays: 300, inlinePolicies: { own: policy(allow("s3:ListAllMyBuckets")) } },
    ...{ permissionViolations: ["policy-attached-to-user"] },
  },
  { name: "reader-by-group", createdDays: 300, groups: ["readers"] },
  { name: "admin-by-group", createdDays: 300, groups: ["admins"], permissionViolations: ["admin-policy"] },
];

/** An administrator of an account whose service control policy leaves nobody a way to grant permissions. */
export const confinedByOrganization: RolePlan = {
  ...{ name: "archive-admin", createdDays: 400, usedDays: 20, trust: lambda, boundary: "other" },
  ...{ attachedPolicies: [administratorAccess] },
};

export const guardrailName = "keep-permissions-as-they-are";

/** Puts that service control policy on an account; iam-warden's own roles go on repairing there. */
export const keepPermissionsAsTheyAre = ({ organization }: SandboxState, accountId: string): void => {
  const id = "p-keepasis";
  organization.serviceControlPolicies.set(id, {
    ...{ id, name: guardrailName, description: "Permissions change by the pipeline alone" },
    document: policy({
      Effect: "Deny",
      Action: ["iam:Attach*", "iam:Put*", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:Update*"],
      Resource: "*",
      Condition: { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/iam-warden-*" } },
    }),
    ...{ targets: new Set([accountId]), tags: new Map() },
  });
};
