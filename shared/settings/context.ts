import type { AnyControl, EvaluationContext } from "../control.ts";
import type { Settings } from "./settings.ts";

/**
 * What a control is evaluated with; `undefined` if the settings turn it off. Settings that say nothing of a control (made
 * before it existed) judge it by its defaults.
 */
export const contextFor = (
  settings: Settings,
  control: Pick<AnyControl, "id" | "options">,
  now: Date,
): EvaluationContext<never> | undefined => {
  const own = Object.hasOwn(settings.controls, control.id) ? settings.controls[control.id] : undefined;
  if (own?.mode === "off") return undefined;
  const options: unknown = own ? own.options : control.options.parse({});
  // The options were parsed by this control's own schema: the one place where their forgotten type is vouched for.
  return { now, options: options as never, excludedRoles: settings.excludedRoles };
};
