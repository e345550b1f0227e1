import { administratorAccess, trusting } from "../iam/state.ts";
import type { SandboxState } from "../state.ts";
import type { RolePlan, TwinPlan, UserPlan } from "./plan.ts";

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
/** Quiet where a role with the same policies, but for what confines it, is not. */
const twin = (confinedBy: TwinPlan["confinedBy"], control: string, plan: RolePlan): RolePlan => ({
  ...{ ...plan, twinOf: [{ control, confinedBy }] },
});
/** The approved boundary leaves S3, DynamoDB, logs and queues. */
const bounded = (plan: RolePlan): RolePlan => ({ ...plan, boundary: "approved" });

const passesToFunctions = policy(allow("iam:PassRole"), allow(["lambda:CreateFunction", "lambda:InvokeFunction"]));
/** Functions that it makes cannot have the role. */
const passesToInstances = policy(
  allow("iam:PassRole", "*", { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } }),
  allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
);
const withMfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
const inOrganization = { StringEquals: { "aws:ResourceOrgID": "${aws:PrincipalOrgID}" } };
const manyBuckets = Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::archive-of-the-year-${1000 + at}`);

export const permissionRoles: readonly RolePlan[] = [
  {
    ...{ name: "migration-admin", createdDays: 700, usedDays: 3, trust: lambda, boundary: "other" },
    ...{ attachedPolicies: [administratorAccess], permissionViolations: ["admin-policy"] },
  },
  twin("condition", "admin-policy", role("admin-with-mfa", policy(allow("*", "*", withMfa)))),
  twin("boundary", "admin-policy", bounded(role("admin-within-boundary", policy(allow("*")), ["service-wide-policy"]))),
  role("storage-everything", policy(allow("s3:*")), ["service-wide-policy"]),
  role("storage-one-bucket", policy(allow("s3:*", ["arn:aws:s3:::invoices", "arn:aws:s3:::invoices/*"]))),
  role("deployer-passes-any-role", passesToFunctions, ["privilege-escalation-path"]),
  twin("boundary", "privilege-escalation-path", bounded(role("deployer-within-boundary", passesToFunctions))),
  role("auditor-assumes-any-role", policy(allow("sts:AssumeRole")), ["assume-any-role"]),
  twin(
    "condition",
    "assume-any-role",
    role("auditor-of-the-organization", policy(allow("sts:AssumeRole", "*", inOrganization))),
  ),
  role("archive-with-long-policy", policy(allow("s3:GetObject", manyBuckets)), ["policy-near-size-limit"]),
];

/** More that is quiet, in the demo organization alone. */
export const permissionTwins: readonly RolePlan[] = [
  twin(
    "condition",
    "service-wide-policy",
    role("storage-of-the-organization", policy(allow("s3:*", "*", inOrganization))),
  ),
  twin("boundary", "service-wide-policy", bounded(role("compute-within-boundary", policy(allow("ec2:*"))))),
  twin("condition", "privilege-escalation-path", role("deployer-passes-to-instances", passesToInstances)),
  twin("boundary", "assume-any-role", bounded(role("auditor-within-boundary", policy(allow("sts:AssumeRole"))))),
  twin(
    "likeness",
    "policy-near-size-limit",
    role("archive-with-shorter-policy", policy(allow("s3:GetObject", manyBuckets.slice(0, 100)))),
  ),
];

export const permissionUsers: readonly UserPlan[] = [
  {
    ...{ name: "report-builder", createdDays: 300, inlinePolicies: { own: policy(allow("s3:ListAllMyBuckets")) } },
    ...{ permissionViolations: ["policy-attached-to-user"] },
  },
  {
    ...{ name: "reader-by-group", createdDays: 300, groups: ["readers"] },
    twinOf: [{ control: "policy-attached-to-user", confinedBy: "likeness" }],
  },
  { name: "admin-by-group", createdDays: 300, groups: ["admins"], permissionViolations: ["admin-policy"] },
];

/** What an account's service control policy, which leaves nobody a way to grant permissions, keeps from being too much. */
export const confinedByOrganization: readonly RolePlan[] = [
  twin("serviceControl", "admin-policy", {
    ...{ name: "archive-admin", createdDays: 400, usedDays: 20, trust: lambda, boundary: "other" },
    ...{ attachedPolicies: [administratorAccess] },
  }),
  twin(
    "serviceControl",
    "privilege-escalation-path",
    role("archive-policy-writer", policy(allow("iam:PutRolePolicy"))),
  ),
];

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
