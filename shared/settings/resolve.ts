import type { AccountRef } from "../subject.ts";
import type { ControlSettings, ScopedSettings, Settings } from "./settings.ts";

/**
 * What the settings say of a control in an account: the account's own override, else that of the nearest OU above it, else
 * the control's own; and, of all these, the ladder of the nearest that gives one. `undefined` if they say nothing of the control (they were made before it existed).
 *
 * Of an account whose OU is not known nobody can say which OU's override holds: what it is set to then never repairs, and
 * is never off because of where it might be. An account's own override is certain even then; it repairs if its ladder is
 * certain too, because the override gives it or no OU's does.
 */
export const resolve = (
  settings: Settings,
  controlId: string,
  account: Pick<AccountRef, "id" | "ouPath">,
): ControlSettings | undefined => {
  if (!Object.hasOwn(settings.controls, controlId)) return undefined;
  const own = settings.controls[controlId];
  if (own === undefined) return undefined;
  const { scopes = [], ...itself } = own;
  const inItsOus = account.ouPath === undefined ? [] : nearestFirst(scopes, account.ouPath);
  const ofAccount = scopes.find(({ scope }) => "account" in scope && scope.account === account.id);
  const nearest = ofAccount ? [ofAccount, ...inItsOus] : inItsOus;
  const ladder = nearest.find((one) => one.ladder !== undefined)?.ladder ?? itself.ladder;
  const { mode, options } = nearest[0] ?? itself;
  if (account.ouPath !== undefined) return { mode, options, ladder };

  const inOus = scopes.filter(({ scope }) => "ou" in scope);
  if (ofAccount) {
    const isLadderCertain = ofAccount.ladder !== undefined || inOus.every((one) => one.ladder === undefined);
    return { mode: mode === "remediate" && !isLadderCertain ? "notify" : mode, options, ladder };
  }
  const isAnywhereOn = inOus.some((one) => one.mode !== "off");
  return { mode: mode === "off" && !isAnywhereOn ? "off" : "notify", options, ladder };
};

/** The OU overrides that hold in an OU, from the nearest to the root's. */
export const nearestFirst = (scopes: readonly ScopedSettings[], ouPath: string): readonly ScopedSettings[] =>
  scopes
    .flatMap((one) =>
      "ou" in one.scope && isWithin(ouPath, one.scope.ou) ? [{ one, depth: one.scope.ou.split("/").length }] : [],
    )
    .sort((a, b) => b.depth - a.depth)
    .map(({ one }) => one);

/**
 * Whether an OU is the other one or below it, by whole names: `Root/Prod` does not hold `Root/Production`. Letters with
 * accents come composed or not: by their looks nobody could tell why an override does not hold.
 */
export const isWithin = (ouPath: string, ou: string): boolean =>
  `${ouPath.normalize()}/`.startsWith(`${ou.normalize()}/`);
