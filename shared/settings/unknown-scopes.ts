import type { AccountRef } from "../subject.ts";
import { nearest } from "./explain.ts";
import type { Scope, Settings } from "./settings.ts";

/** A scope of a control in which no account is: what the settings say there holds nowhere. */
export interface UnknownScope {
  readonly control: string;
  readonly scope: Scope;
  /** The OU that may have been meant. */
  readonly meant?: string;
}

const withParents = (ouPath: string): readonly string[] => {
  const names = ouPath.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
};

/**
 * The scopes of the settings that are none of the organization's. An OU without an account looks like one that is not there.
 * @param accounts all active ones; where the OU of one is not known, nobody can tell of OUs, and none is given back
 */
export const unknownScopes = (
  { controls }: Pick<Settings, "controls">,
  accounts: readonly AccountRef[],
): readonly UnknownScope[] => {
  const ids = new Set(accounts.map(({ id }) => id));
  const paths = accounts.map(({ ouPath }) => ouPath);
  const ous = new Set(paths.flatMap((path) => (path === undefined ? [] : withParents(path.normalize()))));
  return Object.entries(controls).flatMap(([control, { scopes = [] }]) =>
    scopes.flatMap(({ scope }): readonly UnknownScope[] => {
      if ("account" in scope) return ids.has(scope.account) ? [] : [{ control, scope }];
      if (ous.has(scope.ou.normalize()) || paths.includes(undefined)) return [];
      const meant = nearest(scope.ou, [...ous]);
      return [{ control, scope, ...(meant !== undefined && { meant }) }];
    }),
  );
};

/** `stale-access-key names the OU Root/Workload/Prod, in which no active account is; did you mean Root/Workloads/Prod?` */
export const unknownScopeWords = ({ control, scope, meant }: UnknownScope): string => {
  const where =
    "account" in scope
      ? `account ${scope.account}, which is no active account of the organization`
      : `the OU ${scope.ou}, in which no active account is`;
  return `${control} names ${where}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
};
