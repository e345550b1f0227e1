import { namedBoundaries } from "../../shared/settings/named-boundaries.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { boundaryName } from "../names.ts";

/** The boundaries that the settings name, and that of iam-warden's own making for accounts for which none is named. */
export const approvedBoundaries = (settings: Settings): readonly string[] => [
  ...new Set([...(settings.repairs.permissionsBoundary === null ? [boundaryName] : []), ...namedBoundaries(settings)]),
];
