import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SettingsError } from "../shared/errors.ts";
import { settingsAsJson } from "../shared/settings/as-json.ts";
import { parseSettings } from "../shared/settings/parse-yaml.ts";
import { defaultSettings, type Settings } from "../shared/settings/settings.ts";

/**
 * What a settings file says; without one, the defaults. A mistake in it stops the synthesis, not the functions after the
 * deployment.
 * @throws SettingsError
 */
export const readSettings = (file: string | undefined): Settings =>
  file === undefined ? defaultSettings() : parseSettings(readFileSync(file, "utf8"), basename(file));

/**
 * The same as functions and AppConfig read it: JSON, so that none of them has to read YAML.
 * @throws SettingsError
 */
export const settingsJson = (file: string | undefined): string =>
  file === undefined
    ? settingsAsJson("version: 1\n", "the defaults")
    : settingsAsJson(readFileSync(file, "utf8"), basename(file));

/** What the settings are called beside a function's code. */
export const bundledSettingsName = "warden.config.json";

/**
 * Writes them into a directory as functions have them beside their code; gives the path.
 * @throws SettingsError
 */
export const writeBundledSettings = (file: string, directory: string): string => {
  const path = join(directory, bundledSettingsName);
  writeFileSync(path, settingsJson(file));
  return path;
};

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
