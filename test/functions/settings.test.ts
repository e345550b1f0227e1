import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledSettings } from "../../functions/dependencies.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "settings-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Repairs everywhere but in one OU: what must not survive a mistake. */
const repairing = `{
  "version": 1,
  "controls": {
    "stale-access-key": { "mode": "remediate", "scopes": [{ "ou": "Root/Zürich", "mode": "off" }] }
  }
}
`;
/** The same, with something more. */
const withMore = (more: string) => repairing.replace(/\}\n$/, `, ${more} }\n`);
const withControl = (more: string) => repairing.replace("] }", `] }, ${more}`);

const written = (content: string | Uint8Array) => {
  const file = join(directory, "warden.config.json");
  writeFileSync(file, content);
  return file;
};

const loaded = (file: string) => {
  const telemetry = recordedTelemetry();
  return { settings: bundledSettings({ environment: { SETTINGS_FILE: file }, telemetry }), lines: telemetry.lines };
};

const utf16 = (bigEndian: boolean, mark: string) => {
  const bytes = Buffer.from(mark + repairing, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};

describe("settings of the bundle", () => {
  it("are those of the file", () => {
    const { settings, lines } = loaded(written(repairing));
    expect(settings.controls["stale-access-key"]?.mode).toBe("remediate");
    expect(lines).toEqual([]);
  });

  it("may begin with a byte order mark of UTF-8", () => {
    expect(loaded(written(`\uFEFF${repairing}`)).settings).toEqual(loaded(written(repairing)).settings);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["no version", repairing.replace('"version": 1,', ""), /version: is missing/],
    ["another version", repairing.replace("1", "2"), /version: is 2; write 1/],
    ["version as text", repairing.replace("1", '"1"'), /version: is the text "1"/],
    ["nothing", "", /warden\.config\.json:1:1 syntax: the end of the text stands where a JSON value belongs/],
    ["null", "null\n", /the file: is empty/],
    [
      "YAML",
      "version: 1\ncontrols: { stale-access-key: { mode: remediate } }\n",
      /:1:1 syntax: "v" stands.*; write JSON/,
    ],
    ["a comment", `${repairing}# later\n`, /:7:1 syntax: .* after the end/],
    ["half a file", repairing.slice(0, -4), /syntax/],
    ["the same key twice", withControl('"stale-access-key": {}'), /the key "stale-access-key" stands here twice/],
    ["two documents", `${repairing}${repairing}`, /after the end of the JSON/],
    ["nesting without end", "[".repeat(100_000), /syntax: more than 500 levels/],
    ["a huge file", `${repairing}${" ".repeat(1_000_000)}`, /write at most 1000000/],
    ["UTF-16 little-endian", utf16(false, "\uFEFF"), /is not UTF-8/],
    ["UTF-16 big-endian", utf16(true, "\uFEFF"), /is not UTF-8/],
    ["UTF-16 without a mark", utf16(false, ""), /is not UTF-8/],
    ["Latin-1", Buffer.from(repairing, "latin1"), /is not UTF-8/],
    ["bytes", Uint8Array.from({ length: 256 }, (_, at) => at), /is not UTF-8/],
    ["a gzip", Buffer.from("1f8b0800000000000003", "hex"), /is not UTF-8/],
    ["an unknown key", withMore('"remediate": true'), /remediate: no such setting/],
    ["an unknown key of a control", repairing.replace('"mode"', '"modes"'), /did you mean mode\?/],
    ["an unknown mode", repairing.replace("remediate", "repair"), /is the text "repair"/],
    ["a list for a mode", repairing.replace('"remediate"', '["remediate"]'), /mode: is a list/],
    ["a mode that is empty", repairing.replace('"remediate"', "null"), /mode: is empty/],
    ["scopes as a mapping", repairing.replace(/\[(.*)\]/, "$1"), /scopes: is a mapping/],
    ["a scope that is text", repairing.replace(/\[.*\]/, '["Root"]'), /scopes\[0\]: is the text "Root"/],
    ["controls as a list", '{ "version": 1, "controls": ["stale-access-key"] }', /controls: is a list/],
    ["repairs as a list", withMore('"repairs": []'), /repairs: is a list/],
    ["owners as text", withMore('"owners": "team"'), /owners: is the text "team"/],
    ["subscribers as a mapping", withMore('"subscribers": {}'), /subscribers: is a mapping/],
    ["a subscriber that is text", withMore('"subscribers": ["a@x.example"]'), /subscribers\[0\]: is the text/],
    ["boundaries as a list", withMore('"repairs": { "boundaries": [] }'), /repairs.boundaries: is a list/],
    [
      "a repair that lacks its boundary",
      withControl('"role-without-boundary": { "mode": "remediate" }'),
      /no boundary/,
    ],
  ])("mean notify only, and are told of, with %s", (_, content, problem) => {
    const file = written(content);
    const { settings, lines } = loaded(file);
    expect(settings).toEqual(defaultSettings());
    const { "privileged-role-without-mfa": offByDefault, ...others } = settings.controls;
    expect(offByDefault?.mode).toBe("off");
    expect(new Set(Object.values(others).map(({ mode }) => mode))).toEqual(new Set(["notify"]));
    expect(lines).toMatchObject([{ level: "error", fields: { file } }]);
    expect(String(lines[0]?.fields.error)).toMatch(problem);
  });

  it("mean notify only where the file is missing, or a directory", () => {
    const folder = join(directory, "folder");
    mkdirSync(folder);
    for (const file of [join(directory, "none.json"), folder, "\0"]) {
      const { settings, lines } = loaded(file);
      expect(settings).toEqual(defaultSettings());
      expect(lines).toMatchObject([{ level: "error", fields: { file } }]);
    }
  });
});
