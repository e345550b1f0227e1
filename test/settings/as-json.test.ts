import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { settingsAsJson } from "../../shared/settings/as-json.ts";
import { parseSettingsJson } from "../../shared/settings/parse-json.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings, settingsJsonSchema } from "../../shared/settings/settings.ts";
import { accepts } from "../support/json-schema.ts";

const scoped = (ou: string, mode = "off") =>
  `version: 1\ncontrols:\n  stale-access-key:\n    mode: notify # why: ask Zoë\n    scopes: [{ ou: ${ou}, mode: ${mode} }]\n`;

describe("a settings file as JSON", () => {
  it.each([
    ["off, which YAML 1.1 takes for false", scoped("Root/Prod"), '"mode": "off"'],
    ["a name that YAML 1.1 takes for true", scoped("Root/yes"), '"ou": "Root/yes"'],
    ["an octal number of YAML 1.1", "version: 1\nbreaker: { perAccount: { count: 010 } }\n", '"count": 10'],
    [
      "a quoted account id that begins with a zero",
      'version: 1\nrepairs: { boundaries: { "012345678901": Team } }\n',
      '"012345678901": "Team"',
    ],
    ["letters beyond ASCII, in ASCII", scoped("Root/Zürich"), '"ou": "Root/Z\\u00fcrich"'],
    ["letters beyond the first plane, in ASCII", scoped("Root/😀"), '"ou": "Root/\\ud83d\\ude00"'],
    ["an alias", "version: 1\nbreaker: { perAccount: &b { count: 3 }, organization: *b }\n", '"organization"'],
  ])("keeps %s", (_, text, expected) => {
    const json = settingsAsJson(text, "f");
    expect(json).toContain(expected);
    expect(json).toMatch(/^[\0-\x7f]*$/);
    expect(parseSettingsJson(json, "json")).toEqual(parseSettings(text, "f"));
    expect(accepts(settingsJsonSchema(), JSON.parse(json))).toBe(true);
  });

  it("stands for the defaults where the file has nothing but comments", () => {
    const json = settingsAsJson("# later\n", "f");
    expect(JSON.parse(json)).toEqual({ version: 1 });
    expect(parseSettingsJson(json, "json")).toEqual(defaultSettings());
  });

  it("is not made of a file that cannot be used", () => {
    expect(() => settingsAsJson("version: 2\n", "warden.config.yaml")).toThrow(
      /^warden\.config\.yaml:1:10 version: is 2/,
    );
  });

  test("whatever an OU is called, it is the same OU in AppConfig", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (name) => {
        const text = scoped(JSON.stringify(`Root/${name}`));
        let settings: ReturnType<typeof parseSettings>;
        try {
          settings = parseSettings(text, "f");
        } catch {
          return; // No name that the settings take.
        }
        const json = settingsAsJson(text, "f");
        expect(json).toMatch(/^[\0-\x7f]*$/);
        expect(parseSettingsJson(json, "json")).toEqual(settings);
      }),
    );
  });
});
