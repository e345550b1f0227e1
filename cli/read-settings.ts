import { readFile } from "node:fs/promises";
import { messageOf } from "../shared/errors.ts";
import { parseSettings } from "../shared/settings/parse-yaml.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { defaultSettings } from "../shared/settings/settings.ts";
import { CommandError } from "./command-error.ts";

/**
 * The settings of a file; the defaults where none is named.
 * @throws SettingsError with a line for each problem
 * @throws CommandError if the file cannot be read
 */
export const readSettings = async (file: string | undefined): Promise<Settings> =>
  file === undefined ? defaultSettings() : parseSettings(await readSettingsText(file), file);

/** @throws CommandError if the file cannot be read */
export const readSettingsText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new CommandError(
        `There is no settings file ${file}. docs/warden.config.sample.yaml is one with every setting at its default: copy it.`,
        { cause },
      );
    throw new CommandError(`Cannot read the settings file ${file}: ${messageOf(cause)}`, { cause });
  }
};
