import type { RepairContext } from "../../../control.ts";
import type { RoleFacts } from "../../../facts/facts.ts";
import { type Plan, putRoleBoundary } from "../../../remediation/step.ts";

export const boundaryWrites = ["DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"] as const;

/** Attaches the boundary that the settings name for the role's account. */
export const attachBoundary = (
  role: RoleFacts,
  { boundaryArn }: RepairContext,
): Plan<(typeof boundaryWrites)[number]> =>
  boundaryArn === null
    ? { held: `The settings name no permissions boundary for account ${role.account.id}.` }
    : { steps: [putRoleBoundary(role.name, boundaryArn)] };
