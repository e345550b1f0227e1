import { administratorAccess } from "../state.ts";

/**
 * The managed policies of iam-warden's own roles in generated organizations: everything is allowed. What the stacks grant is
 * put in by whoever deploys them.
 */
export const wardenPolicies = (): readonly string[] => [administratorAccess];
