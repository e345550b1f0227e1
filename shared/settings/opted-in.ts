import type { AnyStateControl } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import type { WriteName } from "../remediation/step.ts";
import type { Settings } from "./settings.ts";

/** The controls that repair somewhere: the settings say `remediate` of them, for the organization or for a part of it. */
export const optedIn = (settings: Pick<Settings, "controls">): readonly AnyStateControl[] =>
  controls.filter((control): control is AnyStateControl => {
    if (control.type !== "state" || control.repair === undefined) return false;
    const own = Object.hasOwn(settings.controls, control.id) ? settings.controls[control.id] : undefined;
    return own !== undefined && [own, ...(own.scopes ?? [])].some(({ mode }) => mode === "remediate");
  });

/** Every write that the repairs of these controls, and their undos, may make; ordered. */
export const writesOfAll = (repairing: readonly AnyStateControl[]): readonly WriteName[] =>
  [...new Set(repairing.flatMap(({ repair }) => repair?.writes ?? []))].sort();
