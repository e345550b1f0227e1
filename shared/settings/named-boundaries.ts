import type { Settings } from "./settings.ts";

/** The boundaries that the settings name, for whatever account, by name with path; none where they name none. */
export const namedBoundaries = ({ repairs }: Pick<Settings, "repairs">): readonly string[] =>
  [...new Set([repairs.permissionsBoundary, ...Object.values(repairs.boundaries)])]
    .filter((name) => name !== null)
    .map((name) => name.replace(/^\//, ""));
