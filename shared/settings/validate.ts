import { SettingsError } from "../errors.ts";
import { parseSettingsJson } from "./parse-json.ts";
import type { Settings } from "./settings.ts";
import { beyondDeployment } from "./within-deployment.ts";

/**
 * Reads settings that are to hold from now on without a deployment.
 * @throws SettingsError with a line for each problem, and for each thing that what is deployed could not carry out
 */
export const validateSettings = (content: Uint8Array, deployed: Settings): Settings => {
  // What is not UTF-8 becomes U+FFFD here, which the reader refuses in its own words.
  const settings = parseSettingsJson(new TextDecoder().decode(content), "settings");
  const beyond = beyondDeployment(settings, deployed);
  if (beyond.length > 0) throw new SettingsError(beyond);
  return settings;
};
