import type { Settings } from "../../shared/settings/settings.ts";
import { boundaryName } from "../names.ts";

/** The boundaries that the settings name, for whatever account, by name with path; none where they name none. */
export const namedBoundaries = ({ repairs }: Settings): readonly string[] =>
  [...new Set([repairs.permissionsBoundary, ...Object.values(repairs.boundaries)])]
    .filter((name) => name !== null)
    .map((name) => name.replace(/^\//, ""));

/** The same, and that of iam-warden's own making for accounts for which none is named. */
export const approvedBoundaries = (settings: Settings): readonly string[] => [
  ...new Set([...(settings.repairs.permissionsBoundary === null ? [boundaryName] : []), ...namedBoundaries(settings)]),
];
