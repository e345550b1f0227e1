import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "../../functions/validate-settings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

let directory: string;
let SETTINGS_FILE: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "validate-"));
  SETTINGS_FILE = join(directory, "warden.config.json");
  writeFileSync(SETTINGS_FILE, '{ "version": 1, "controls": { "stale-access-key": { "mode": "remediate" } } }');
});
afterAll(() => rmSync(directory, { recursive: true }));

const validator = (variables: Readonly<Record<string, string>> = { SETTINGS_FILE }) =>
  build({ telemetry: recordedTelemetry(), variables, connection: {}, clock: () => new Date(), sleep: async () => {} });

/** As AppConfig asks. */
const about = (content: string | Uint8Array) => ({
  applicationId: "abc1234",
  configurationProfileId: "def5678",
  configurationVersion: "3",
  content: Buffer.from(content).toString("base64"),
  uri: "hosted",
});

describe("the validator of AppConfig", () => {
  it.each(["remediate", "notify", "off"])("lets pass mode %s of what was opted in at deployment", async (mode) => {
    const settings = { version: 1, controls: { "stale-access-key": { mode } }, repairs: { paused: true } };
    await expect(validator()(about(JSON.stringify(settings)))).resolves.toBeUndefined();
  });

  it("refuses a control that was not opted in at deployment, and says what to do", async () => {
    const settings = { version: 1, controls: { "unused-access-key": { mode: "remediate" } } };
    await expect(validator()(about(JSON.stringify(settings)))).rejects.toThrow(
      "controls.unused-access-key: is remediate, and what is deployed has no permission for its repair; put it into warden.config.yaml and deploy first: npx cdk deploy",
    );
  });

  it("refuses every repair where nothing was opted in, or what was is not known", async () => {
    const settings = about('{ "version": 1, "controls": { "stale-access-key": { "mode": "remediate" } } }');
    await expect(validator({})(settings)).rejects.toThrow(/deploy first/);
    await expect(validator({ SETTINGS_FILE: join(directory, "none") })(settings)).rejects.toThrow(/deploy first/);
  });

  it("refuses with every problem, by line and column", async () => {
    const settings = '{\n  "version": 2,\n  "controls": { "stale-access-key": { "mode": false } }\n}';
    await expect(validator()(about(settings))).rejects.toMatchObject({
      name: "SettingsError",
      problems: [
        "settings:2:14 version: is 2; write 1",
        "settings:3:47 controls.stale-access-key.mode: is false; write off, notify or remediate",
      ],
    });
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    [
      "YAML",
      "version: 1\n",
      /^settings:1:1 syntax: "v" stands where a JSON value belongs; write JSON, as "warden settings json"/,
    ],
    ["no content", "", /^settings:1:1 syntax: the end of the text stands where a JSON value belongs/],
    ["the same key twice", '{"version":1,\n"version":1}', /^settings:2:1 syntax: the key "version" stands here twice/],
    ["Latin-1", Buffer.from('{ "version": 1, "owners": { "accountTag": "é" } }', "latin1"), /is not UTF-8/],
    [
      "a repair that lacks its boundary",
      '{"version":1,"controls":{"role-without-boundary":{"mode":"remediate"}}}',
      /no boundary/,
    ],
  ])("refuses %s", async (_, content, problem) => {
    await expect(validator()(about(content))).rejects.toThrow(problem);
  });

  it.each([{}, { content: 3 }, { content: "no base64!" }, null])(
    "refuses %j, which AppConfig would not ask",
    async (event) => {
      await expect(validator()(event)).rejects.toThrow(/not what AppConfig asks a validator/);
    },
  );
});
