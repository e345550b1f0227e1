import type { AccountRef } from "../subject.ts";
import type { ControlSettings, ScopedSettings, Settings } from "./settings.ts";

/**
 * What the settings say of a control in an account: the account's own override, else that of the nearest OU above it, else
 * the control's own. `undefined` if they say nothing of the control (they were made before it existed).
 *
 * Of an account whose OU is not known nobody can say which OU's override holds: what it is set to then never repairs, and
 * is never off because of where it might be.
 */
export const resolve = (
  settings: Settings,
  controlId: string,
  account: Pick<AccountRef, "id" | "ouPath">,
): ControlSettings | undefined => {
  if (!Object.hasOwn(settings.controls, controlId)) return undefined;
  const own = settings.controls[controlId];
  if (own === undefined) return undefined;
  const { scopes = [], mode, options } = own;
  const ofAccount = scopes.find(({ scope }) => "account" in scope && scope.account === account.id);
  if (ofAccount) return { mode: ofAccount.mode, options: ofAccount.options };
  if (account.ouPath === undefined) {
    const isAnywhereOn = scopes.some(({ scope, mode: scoped }) => "ou" in scope && scoped !== "off");
    return { mode: mode === "off" && !isAnywhereOn ? "off" : "notify", options };
  }
  const nearest = nearestOu(scopes, account.ouPath);
  return nearest ? { mode: nearest.mode, options: nearest.options } : { mode, options };
};

const nearestOu = (scopes: readonly ScopedSettings[], ouPath: string): ScopedSettings | undefined =>
  scopes
    .flatMap((one) =>
      "ou" in one.scope && isWithin(ouPath, one.scope.ou) ? [{ one, depth: one.scope.ou.length }] : [],
    )
    .sort((a, b) => b.depth - a.depth)[0]?.one;

/** Whether an OU is the other one or below it, by whole names: `Root/Prod` does not hold `Root/Production`. */
export const isWithin = (ouPath: string, ou: string): boolean => ouPath === ou || ouPath.startsWith(`${ou}/`);
