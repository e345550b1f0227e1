import * as z from "zod";
import { compliant, defineControl, notApplicable, violation } from "../control.ts";
import type { RoleFacts } from "../facts/facts.ts";
import { matchesStars } from "../wildcard.ts";
import { attachBoundary, boundaryWrites } from "./terms/roles/attach-boundary.ts";
import { boundaryTemplates } from "./terms/roles/boundary-templates.ts";
import { outOfScope } from "./terms/roles/role-scope.ts";

/** A policy's ARN, or the bare name of a customer managed policy; either may hold `*`. */
const boundaryPattern =
  /^(?:arn:(?:aws[a-z-]*|\*):iam::(?:[0-9*]{1,12}|aws):policy\/[\x21-\x7e]{1,512}|[A-Za-z0-9_+=,.@*-]{1,128})$/;

const expectedPattern = "a policy ARN or a policy name, in which * stands for any characters";

/** A role whose permissions boundary is none of those that the settings approve. */
export const roleWithUnapprovedBoundary = defineControl({
  id: "role-with-unapproved-boundary",
  title: "Role has a permissions boundary that is not approved",
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
  options: z.strictObject({
    approvedBoundaries: z
      .array(z.string({ error: expectedPattern }).regex(boundaryPattern, { error: expectedPattern }))
      .max(100)
      .default([])
      .describe(
        "Policy ARNs, or names of customer managed policies in the role's own account; * stands for any characters. While it is empty the control judges nothing.",
      ),
  }),
  guidance: {
    what: "A role in scope has a permissions boundary that is not on the settings' list of approved ones.",
    why: "A boundary that anybody may choose is none: AdministratorAccess can be attached as a boundary and limits nothing.",
    counts: [
      "While approvedBoundaries is empty there is nothing to compare with: not applicable. A role without any boundary is the matter of role-without-boundary.",
      "An entry that begins with arn: is compared with the boundary's whole ARN. Any other entry is the name of a customer managed policy in the role's own account, whatever its path; policies of AWS itself are approved by ARN only.",
      "A name approves whatever policy bears it, so let a service control policy reserve the name for the pipeline that makes the boundary.",
      "Roles are in scope as for role-without-boundary. Names and ARNs are compared case and all.",
    ],
    fix: {
      cli: `# Compare what the two boundaries allow before you swap them:
aws iam get-role --role-name ROLE_NAME --query Role.PermissionsBoundary.PermissionsBoundaryArn
aws iam put-role-permissions-boundary --role-name ROLE_NAME --permissions-boundary BOUNDARY_ARN`,
      ...boundaryTemplates,
    },
  },
  evaluate: (role, { options, excludedRoles }) => {
    if (options.approvedBoundaries.length === 0) {
      return notApplicable("The settings approve no permissions boundary (option approvedBoundaries is empty).");
    }
    const excluded = outOfScope(role, excludedRoles);
    if (excluded !== undefined) return notApplicable(excluded);
    const boundary = role.permissionsBoundaryArn;
    if (boundary === null) return notApplicable(`Role ${role.name} has no permissions boundary.`);
    if (options.approvedBoundaries.some((pattern) => approves(pattern, boundary, role))) return compliant;
    return violation(`Role ${role.name} has the permissions boundary ${boundary}, which the settings do not approve.`, {
      permissionsBoundary: boundary,
      approvedBoundaries: [...options.approvedBoundaries],
    });
  },
  repair: {
    writes: boundaryWrites,
    replacesBoundary: true,
    plan: (role, { options, repair }) => {
      const { boundaryArn } = repair;
      const approved = options.approvedBoundaries.some(
        (one) => boundaryArn !== null && approves(one, boundaryArn, role),
      );
      return boundaryArn === null || approved
        ? attachBoundary(role, repair)
        : { held: `The boundary ${boundaryArn} that the settings name is not among approvedBoundaries.` };
    },
    notes: [
      "The boundary that the settings name for the role's account takes the place of the present one; undo brings the present one back.",
      "It is held where the settings name no boundary or one that approvedBoundaries does not approve, or the account has no such policy.",
    ],
  },
});

const approves = (pattern: string, boundaryArn: string, role: RoleFacts): boolean => {
  if (pattern.startsWith("arn:")) return matchesStars(pattern, boundaryArn);
  const [, , , , owner, resource = ""] = boundaryArn.split(":");
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  return owner === role.account.id && resource.startsWith("policy/") && matchesStars(pattern, name);
};
