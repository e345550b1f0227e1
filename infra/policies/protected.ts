import { builtInExclusions } from "../../shared/controls/terms/roles/role-scope.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { iamArn, type Place } from "./place.ts";

type Protecting = Pick<Settings, "excludedRoles" | "protectedPrincipals">;

/** A name's ARNs, on whatever path. */
const named = (kind: "role" | "user", name: string): string[] => [`${kind}/${name}`, `${kind}/*/${name}`];

/** Everything below what a path's pattern matches: an ARN does not tell where a path ends. */
const under = (kind: "role" | "user", path: string): string => `${kind}${path.endsWith("*") ? path : `${path}*`}`;

/** The roles that the built-in rules exclude, by path and name with `*`. */
export const protectedRoleNames: readonly string[] = builtInExclusions
  .flatMap(({ matches }) =>
    "path" in matches ? [under("role", matches.path)] : matches.names.flatMap((name) => named("role", name)),
  )
  .map((resource) => resource.slice("role/".length));

/** The same as ARNs. */
export const builtInRoles = (place: Place): readonly string[] =>
  protectedRoleNames.map((name) => iamArn(place, `role/${name}`));

/** What no repair touches, whatever asks for it: the built-in roles, and whom the settings exclude or protect. */
export const protectedArns = (place: Place, { excludedRoles, protectedPrincipals }: Protecting) => {
  const { users, roles, paths } = protectedPrincipals;
  return {
    roles: [
      ...builtInRoles(place),
      ...[
        ...[...excludedRoles.names, ...roles].flatMap((name) => named("role", name)),
        ...[...excludedRoles.paths, ...paths].map((path) => under("role", path)),
      ].map((resource) => iamArn(place, resource)),
    ],
    users: [...users.flatMap((name) => named("user", name)), ...paths.map((path) => under("user", path))].map(
      (resource) => iamArn(place, resource),
    ),
  };
};
