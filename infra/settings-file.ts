import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SettingsError } from "../shared/errors.ts";
import { parseSettings } from "../shared/settings/parse.ts";
import { defaultSettings, type Settings } from "../shared/settings/settings.ts";

/**
 * What a settings file says; without one, the defaults. A mistake in it stops the synthesis, not the functions after the
 * deployment.
 * @throws SettingsError
 */
export const readSettings = (file: string | undefined): Settings =>
  file === undefined ? defaultSettings() : parseSettings(readFileSync(file, "utf8"), basename(file));

/** What is wrong with a settings file, a line each, for whoever synthesizes; `undefined` if it can be used. */
export const problemsIn = (file: string | undefined): string | undefined => {
  try {
    readSettings(file);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join("\n");
    throw error;
  }
};
