import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { SettingsError } from "../../shared/errors.ts";
import { parseSettingsJson } from "../../shared/settings/parse-json.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import type { Settings } from "../../shared/settings/settings.ts";

const read = (
  parse: (text: string, name: string) => Settings,
  text: string,
): { readonly settings: Settings } | { readonly problems: readonly string[] } => {
  try {
    return { settings: parse(text, "settings") };
  } catch (error) {
    if (error instanceof SettingsError) return { problems: error.problems };
    throw error;
  }
};

describe("settings as JSON", () => {
  it("are read with a byte order mark too", () => {
    const text = '{ "version": 1, "controls": { "stale-access-key": { "mode": "off" } } }';
    expect(parseSettingsJson(text, "f").controls["stale-access-key"]?.mode).toBe("off");
    expect(parseSettingsJson(`\uFEFF${text}`, "f")).toEqual(parseSettingsJson(text, "f"));
  });

  const refused: Record<string, { text: string; problems: readonly string[] }> = {
    "a value, by its place": {
      text: '{\n  "version": 1,\n  "controls": { "stale-access-key": { "mode": "repair" } }\n}',
      problems: ['settings:3:47 controls.stale-access-key.mode: is the text "repair"; write off, notify or remediate'],
    },
    "an item of a list": {
      text: '{ "version": 1,\n"protectedPrincipals": { "paths": ["/ops/*",\n"ops"] } }',
      problems: [
        'settings:3:1 protectedPrincipals.paths[1]: is the text "ops"; write a path or a pattern such as /break-glass/* that begins with / and ends with / or *',
      ],
    },
    "a key, by its own place": {
      text: '{ "version": 1, "controls": {\n  "stale-acess-key": {} } }',
      problems: ["settings:2:3 controls.stale-acess-key: no such control; did you mean stale-access-key?"],
    },
    "what is missing, by what it is missing from": {
      text: '\n  { "breaker": {} }',
      problems: ["settings:2:3 version: is missing; write version: 1"],
    },
    "keys that are special to JavaScript": {
      text: '{ "version": 1, "__proto__": { "trustTags": true } }',
      problems: [expect.stringMatching(/^settings:1:17 __proto__: no such setting; write any of/)],
    },
    "nothing at all": {
      text: "",
      problems: [
        'settings:1:1 syntax: the end of the text stands where a JSON value belongs; write JSON, as "warden settings json" prints it of a file',
      ],
    },
    null: { text: "null\n", problems: [expect.stringMatching(/^settings:1:1 the file: is empty; write a mapping/)] },
    YAML: {
      text: "version: 1\n",
      problems: [expect.stringMatching(/^settings:1:1 syntax: "v" stands where a JSON value belongs; write JSON/)],
    },
    "JSON with a comment": {
      text: '{ "version": 1 // the first\n}',
      problems: [expect.stringMatching(/^settings:1:16 syntax: "\/" stands where a comma or } belongs; write JSON/)],
    },
    "a key that stands twice": {
      text: '{ "version": 1,\n  "trustTags": false,\n  "trustTags": true }',
      problems: [
        expect.stringMatching(/^settings:3:3 syntax: the key "trustTags" stands here twice; keep one of them/),
      ],
    },
    "what is not UTF-8": {
      text: '{ "version": 1, "owners": "\uFFFD" }',
      problems: ["settings:1:1 the file: is not UTF-8 at character 28; save it in UTF-8"],
    },
    "what is too long": {
      text: `{ "version": 1${" ".repeat(1_000_000)}}`,
      problems: ["settings:1:1 the file: has 1000015 characters; write at most 1000000"],
    },
    "nesting without end": {
      text: `{ "version": ${"[".repeat(900_000)}`,
      problems: [expect.stringMatching(/^settings:1:\d+ syntax: more than 500 levels of nesting; write JSON/)],
    },
  };
  it.each(Object.entries(refused))("are refused: %s", (_, { text, problems }) => {
    expect(read(parseSettingsJson, text)).toEqual({ problems });
  });
});

/** What somebody might write where something else belongs. */
const anything = fc.oneof(
  fc.constantFrom("off", "notify", "remediate", "Root/Prod", "111122223333", "/ops/*", "legacy-*", "*", ""),
  fc.constantFrom(null, true, false, 0, 1, 30, -1, 4.5, 1e21),
  fc.constantFrom([], {}, [null], { mode: "off" }, { ou: "Root/Zürich", mode: "off" }, { length: 3 }),
);
const keys = [
  ...["mode", "options", "scopes", "ladder", "maxAgeDays", "ou", "account", "names", "paths", "users", "perAccount"],
  ...["count", "percent", "paused", "boundaries", "permissionsBoundary", "accountTag", "stale-access-key", "nothing"],
];
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    anything,
    fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 4 }),
    fc.array(tie("tree"), { maxLength: 3 }),
  ),
}));
/** Something right, or now and then something else. */
const mostly = (...right: readonly unknown[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: tree });
const settingsLike = fc.record(
  {
    version: mostly(1),
    trustTags: mostly(true, false),
    controls: mostly(
      {
        "stale-access-key": {
          mode: "remediate",
          scopes: [{ ou: "Root/Zürich", mode: "off" }, { account: "111122223333" }],
        },
      },
      { "unused-access-key": { options: { maxUnusedDays: 30 } }, "root-activity": { mode: "off" } },
    ),
    excludedRoles: mostly({ names: ["legacy-*"], tags: { "team's": "*" } }),
    breaker: mostly({ perAccount: { count: 0 } }, {}),
    protectedPrincipals: mostly({ users: ["Break-Glass-*"], paths: ["/ops/*"] }),
    repairs: mostly({ paused: true }, { boundaries: { "012345678901": "Team" } }),
    owners: mostly({ accountTag: "team" }),
  },
  { requiredKeys: ["version"] },
);

test("JSON means the same to both readers, and they say the same of it: JSON is YAML too", () => {
  const seen = { settings: 0, problems: 0 };
  fc.assert(
    fc.property(settingsLike, fc.constantFrom(undefined, 2), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const outcome = read(parseSettingsJson, text);
      seen["settings" in outcome ? "settings" : "problems"] += 1;
      expect(outcome).toEqual(read(parseSettings, text));
    }),
    { numRuns: 100 },
  );
  expect(Math.min(seen.settings, seen.problems)).toBeGreaterThan(10);
});
