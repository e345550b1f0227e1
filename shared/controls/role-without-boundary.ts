import { compliant, defineControl, noOptions, notApplicable, violation } from "../control.ts";
import { attachBoundary, boundaryWrites } from "./terms/roles/attach-boundary.ts";
import { boundaryTemplates } from "./terms/roles/boundary-templates.ts";
import { outOfScope } from "./terms/roles/role-scope.ts";

/** A role that no permissions boundary limits. */
export const roleWithoutBoundary = defineControl({
  id: "role-without-boundary",
  title: "Role has no permissions boundary",
  severity: "medium",
  frameworks: {},
  subjects: ["role"],
  hints: [
    "iam:AcquireRole",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:TagRole",
    "iam:UntagRole",
  ],
  options: noOptions,
  guidance: {
    what: "A role in scope has no permissions boundary.",
    why: "Without a boundary the role's policies alone decide what it may do: whoever can edit them, or pass the role to a service, can give it everything in the account.",
    counts: [
      "Every role is in scope except those that the list of built-in rules below or the settings exclude. The path /service-role/ is an ordinary path and in scope.",
      "The built-in rules go by path and name. AWS alone can make roles under /aws-service-role/ and /aws-reserved/, but whoever can create roles can give one an excluded name and so excuse it: let a service control policy reserve those names for the pipelines that need them.",
      "Names are compared case and all.",
    ],
    fix: {
      cli: `# A boundary limits at once what running workloads may do. First see which services the role has used: the IAM console
# shows them under "Last Accessed", the AWS CLI with generate-service-last-accessed-details.
aws iam put-role-permissions-boundary --role-name ROLE_NAME --permissions-boundary BOUNDARY_ARN
# To undo it: aws iam delete-role-permissions-boundary --role-name ROLE_NAME`,
      ...boundaryTemplates,
    },
  },
  evaluate: (role, { excludedRoles }) => {
    const excluded = outOfScope(role, excludedRoles);
    if (excluded !== undefined) return notApplicable(excluded);
    if (role.permissionsBoundaryArn !== null) return compliant;
    return violation(`Role ${role.name} has no permissions boundary.`, { path: role.path, permissionsBoundary: null });
  },
  repair: {
    writes: boundaryWrites,
    plan: (role, { repair }) => attachBoundary(role, repair),
    notes: [
      "The boundary that the settings name for the role's account is attached. It limits running workloads at once.",
      "It is held where the settings name no boundary, or the account has no such policy.",
    ],
  },
});
