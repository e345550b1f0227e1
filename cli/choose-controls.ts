import { controlById, controls } from "../shared/controls/catalogue.ts";
import { nearest } from "../shared/settings/explain.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { CommandError } from "./command-error.ts";

/**
 * The settings with every control off but the named ones; a named control that the settings turn off is judged all the
 * same, because it was asked for. No names: the settings as they are.
 * @throws CommandError for an id that is no control's, or one that judges events and has no state to audit
 */
export const onlyControls = (settings: Settings, ids: readonly string[]): Settings => {
  if (ids.length === 0) return settings;
  for (const id of ids) {
    const control = controlById(id);
    if (control === undefined) throw new CommandError(`--control: there is no control ${id}; ${hint(id)}`);
    if (control.type === "activity")
      throw new CommandError(
        `--control: ${id} judges CloudTrail records as they happen, not the state of an account. Try it with: warden replay FILE`,
      );
  }
  const chosen = new Set(ids);
  return {
    ...settings,
    controls: Object.fromEntries(
      Object.entries(settings.controls).map(([id, control]) => {
        if (!chosen.has(id)) return [id, { ...control, mode: "off" }];
        return [id, control.mode === "off" ? { ...control, mode: "notify" } : control];
      }),
    ),
  };
};

const hint = (id: string): string => {
  const meant = nearest(
    id,
    controls.map((control) => control.id),
  );
  return meant === undefined ? "`warden controls` lists them" : `did you mean ${meant}?`;
};
