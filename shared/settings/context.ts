import type { AnyControl, EvaluationContext } from "../control.ts";
import type { AccountRef } from "../subject.ts";
import { resolve } from "./resolve.ts";
import type { Settings } from "./settings.ts";

/**
 * What a control is evaluated with in an account; `undefined` if the settings turn it off there. Settings that say nothing of a control (made
 * before it existed) judge it by its defaults.
 */
export const contextFor = (
  settings: Settings,
  control: Pick<AnyControl, "id" | "options">,
  account: Pick<AccountRef, "id" | "ouPath">,
  now: Date,
): EvaluationContext<never> | undefined => {
  const own = resolve(settings, control.id, account);
  if (own?.mode === "off") return undefined;
  const options: unknown = own ? own.options : control.options.parse({});
  // The options were parsed by this control's own schema: the one place where their forgotten type is vouched for.
  return { now, options: options as never, excludedRoles: settings.excludedRoles };
};
