import { existingPaths } from "./existing-paths.ts";
import { identityPaths } from "./identity-paths.ts";
import { passRoleComputePaths } from "./pass-role-compute-paths.ts";
import { passRoleServicePaths } from "./pass-role-service-paths.ts";
import type { EscalationPath } from "./path.ts";

/**
 * The known ways to get permissions that nobody gave. Sources: Rhino Security Labs' and Bishop Fox's lists, pathfinding.cloud, and the
 * services' own documentation of what runs with a role.
 */
export const escalationPaths: readonly EscalationPath[] = [
  ...identityPaths,
  ...passRoleComputePaths,
  ...passRoleServicePaths,
  ...existingPaths,
];
