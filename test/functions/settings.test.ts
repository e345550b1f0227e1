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
const repairing = `version: 1
controls:
  stale-access-key:
    mode: remediate
    scopes: [{ ou: Root/Zürich, mode: off }]
`;

const written = (content: string | Uint8Array) => {
  const file = join(directory, "warden.config.yaml");
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

  it.each([
    ["empty", ""],
    ["only a comment", "# later\n"],
    ["only null", "null\n"],
  ])("notify only where the file is %s, which is no mistake", (_, text) => {
    const { settings, lines } = loaded(written(text));
    expect(settings).toEqual(defaultSettings());
    expect(lines).toEqual([]);
  });

  const twice = "controls:\n  stale-access-key: { mode: remediate }\n";
  const bomb = Array.from({ length: 9 }, (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`)}]`).join("\n");
  it.each<[string, string | Uint8Array, RegExp]>([
    ["no version", repairing.replace("version: 1\n", ""), /version: is missing/],
    ["another version", repairing.replace("1", "2"), /version: is 2; write 1/],
    ["version as text", repairing.replace("1", "'1'"), /version: is the text "1"/],
    ["no YAML", `${repairing}{`, /syntax/],
    ["half a file", repairing.slice(0, -4), /syntax/],
    ["tabs", repairing.replaceAll("    ", "\t"), /a tab is used to indent/],
    ["the same key twice", `version: 1\n${twice}${twice}`, /the same key stands here twice/],
    ["two documents", `${repairing}---\n${repairing}`, /a second document/],
    ["an alias to nothing", `${repairing}owners: *none\n`, /syntax|cannot be read/],
    ["aliases that multiply", `l0: &l0 x\n${bomb}\n`, /cannot be read/],
    ["a merge key", `${repairing}<<: { trustTags: true }\n`, /<<.*no such setting/],
    ["nesting without end", "[".repeat(100_000), /cannot be read|syntax/],
    ["a huge file", `${repairing}${"# padding\n".repeat(110_000)}`, /write at most 1000000/],
    ["UTF-16 little-endian", utf16(false, "\uFEFF"), /is not UTF-8/],
    ["UTF-16 big-endian", utf16(true, "\uFEFF"), /is not UTF-8/],
    ["UTF-16 without a mark", utf16(false, ""), /is not UTF-8/],
    ["Latin-1", Buffer.from(repairing, "latin1"), /is not UTF-8/],
    ["bytes", Uint8Array.from({ length: 256 }, (_, at) => at), /is not UTF-8/],
    ["a gzip", Buffer.from("1f8b0800000000000003", "hex"), /is not UTF-8/],
    ["an unknown key", `${repairing}remediate: true\n`, /remediate: no such setting/],
    ["an unknown key of a control", repairing.replace("    mode", "    modes"), /did you mean mode\?/],
    ["an unknown mode", repairing.replace("remediate", "repair"), /is the text "repair"/],
    ["a list for a mode", repairing.replace("remediate", "[remediate]"), /mode: is a list/],
    ["a mode that is empty", repairing.replace("remediate", ""), /mode: is empty/],
    ["scopes as a mapping", repairing.replace(/\[(.*)\]/, "$1"), /scopes: is a mapping/],
    ["a scope that is text", repairing.replace(/\[.*\]/, "[Root]"), /scopes\[0\]: is the text "Root"/],
    ["controls as a list", "version: 1\ncontrols: [stale-access-key]\n", /controls: is a list/],
    ["repairs as a list", `${repairing}repairs: []\n`, /repairs: is a list/],
    ["owners as text", `${repairing}owners: team\n`, /owners: is the text "team"/],
    ["subscribers as a mapping", `${repairing}subscribers: {}\n`, /subscribers: is a mapping/],
    ["a subscriber that is text", `${repairing}subscribers: [a@x.example]\n`, /subscribers\[0\]: is the text/],
    ["boundaries as a list", `${repairing}repairs: { boundaries: [] }\n`, /repairs.boundaries: is a list/],
    ["a repair that lacks its boundary", `${repairing}  role-without-boundary: { mode: remediate }\n`, /no boundary/],
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
    for (const file of [join(directory, "none.yaml"), folder, "\0"]) {
      const { settings, lines } = loaded(file);
      expect(settings).toEqual(defaultSettings());
      expect(lines).toMatchObject([{ level: "error", fields: { file } }]);
    }
  });
});
