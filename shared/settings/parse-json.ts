import { parseJson } from "../text/json.ts";
import { createPositions, type Positions } from "../text/positions.ts";
import { SourceError } from "../text/source-error.ts";
import { valueAt } from "./explain.ts";
import type { Written } from "./problems.ts";
import { readSettingsText, type Unreadable } from "./read-text.ts";
import type { Settings } from "./settings.ts";

/**
 * Reads settings as functions are given them, beside their code and by AppConfig: as JSON (`as-json.ts` makes it of a settings
 * file). What has no content is no JSON, and stands for nothing.
 * @throws SettingsError with a line for each problem, in the text's order: `name:line:column path: what is wrong; what would
 *   be right`
 */
export const parseSettingsJson = (text: string, name: string): Settings => readSettingsText(text, name, readJson);

const readJson = (text: string): Written | Unreadable => {
  const positions = createPositions();
  try {
    const value = parseJson(text, positions);
    const begin = text.search(/\S/);
    return {
      value,
      offsetOf: (path) => offsetOf(value, path, positions) ?? begin,
      offsetOfKey: (path, key) => {
        const entry = positions.entry(Object(valueAt(value, path)), key);
        return entry?.start ?? offsetOf(value, path, positions) ?? begin;
      },
    };
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    const text = `syntax: ${cause.message}; write JSON, as "warden settings json" prints it of a file`;
    return { unreadable: [{ offset: cause.offset, text }], cause };
  }
};

/** Of the value at a path, or of its nearest ancestor that is there; `undefined` where only the whole is. */
const offsetOf = (value: unknown, path: readonly PropertyKey[], positions: Positions): number | undefined => {
  const [above, last] = [path.slice(0, -1), path.at(-1)];
  if (last === undefined) return undefined;
  const own = positions.at(Object(valueAt(value, above)), String(last));
  return own?.start ?? offsetOf(value, above, positions);
};
