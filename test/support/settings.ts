import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import type { Settings } from "../../shared/settings/settings.ts";

const texts = new WeakMap<Settings, string>();

/** Settings as an operator writes them, for tests that need both what they say and the file to deploy. */
export const settingsOf = (text: string): Settings => {
  const settings = parseSettings(text, "warden.config.yaml");
  texts.set(settings, text);
  return settings;
};

/** The file behind such settings. @throws Error for settings that were made otherwise */
export const textOf = (settings: Settings): string => {
  const text = texts.get(settings);
  if (text === undefined) throw new Error("these settings have no file: make them with settingsOf");
  return text;
};
