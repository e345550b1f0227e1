import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { SettingsError } from "../errors.ts";
import { parseSettingsJson } from "./parse-json.ts";
import { parseSettings } from "./parse-yaml.ts";

/**
 * The text of a settings file as functions and AppConfig are given it: JSON, in ASCII alone. To JSON no two readers of YAML
 * differ about `off`, and no letter of an OU's name is lost in a template. Comments are left out.
 * @throws SettingsError with a line for each problem of the file
 */
export const settingsAsJson = (text: string, fileName: string): string => {
  const settings = parseSettings(text, fileName);
  const json = `${JSON.stringify(parse(text, { logLevel: "error" }) ?? { version: 1 }, null, 2)}\n`.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (!isDeepStrictEqual(parseSettingsJson(json, `${fileName} as JSON`), settings))
    throw new SettingsError([`${fileName}:1:1 the file: means something else as JSON; write plain YAML`]);
  return json;
};
