import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { describe, expect, it, test } from "vitest";
import { deployConfiguration } from "../../sandbox/appconfig/state.ts";
import { AwsError, accessDenied } from "../../sandbox/protocol/service.ts";
import { createPoll } from "../../shared/settings/app-config.ts";
import { createLiveSettings, repairsGoodForMs } from "../../shared/settings/live-settings.ts";
import { parseSettingsJson } from "../../shared/settings/parse-json.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { startSandbox } from "../sandbox/support.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

const minuteMs = 60_000;

const file = (mode: string, more = ""): string => `{
  "version": 1,
  "controls": { "stale-access-key": { "mode": "${mode}", "scopes": [{ "ou": "Root/Z\\u00fcrich", "mode": "off" }] } }${more}
}`;
const repairing = file("remediate");
const notifying = file("notify");
const paused = file("remediate", ', "repairs": { "paused": true }');

/** A function's instance: what it was deployed with, and AppConfig as the sandbox answers it. */
const instance = ({
  deployed = repairing,
  content = repairing,
}: {
  deployed?: string;
  content?: string | Uint8Array;
} = {}) => {
  const { sandbox, accountId } = startSandbox();
  const place = { accountId, region: "eu-west-1", application: "iam-warden", environment: "hub", profile: "settings" };
  const put = (next: string | Uint8Array) => deployConfiguration(sandbox.state.configurations, place, next);
  if (content.length > 0) put(content);
  const config = sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"), { region: "eu-west-1" });
  const calls: string[] = [];
  sandbox.intercept(({ operation }) => void calls.push(operation));
  const telemetry = recordedTelemetry();
  let behindMs = 0;
  const current = createLiveSettings({
    poll: createPoll(new AppConfigDataClient({ ...config, maxAttempts: 1 }), place),
    deployed: parseSettingsJson(deployed, "warden.config.json"),
    telemetry,
    clock: () => new Date(sandbox.clock.now().getTime() - behindMs),
  });
  const later = (ms: number) => {
    sandbox.clock.advance(ms);
    return current();
  };
  /** From now on AppConfig does not answer. */
  const breakDown = (error: (call: Parameters<typeof accessDenied>[0]) => Error = unavailable) =>
    sandbox.intercept((call) => {
      throw error(call);
    });
  const setBack = (ms: number) => {
    behindMs = ms;
  };
  return { setBack, sandbox, place, put, calls, telemetry, current, later, breakDown };
};

const unavailable = () => new AwsError("ServiceUnavailable", "Try later", 503);
const modeOf = ({ controls }: Settings) => controls["stale-access-key"]?.mode;
const scopesOf = ({ controls }: Settings) => controls["stale-access-key"]?.scopes;
const heldOf = ({ repairs }: Settings) => repairs.held;

describe("settings at run time", () => {
  it("are those that AppConfig has, not those of the bundle", async () => {
    const { current, telemetry } = instance({ content: notifying });
    const settings = await current();
    expect([modeOf(settings), heldOf(settings)]).toEqual(["notify", undefined]);
    expect(telemetry.counted("SettingsUnusable")).toBe(0);
  });

  it("are asked for every fifteen seconds, and are the same object until they change", async () => {
    const { current, later, calls } = instance();
    const first = await current();
    expect(await later(14_999)).toBe(first);
    expect(calls).toEqual(["StartConfigurationSession", "GetLatestConfiguration"]);
    expect(await later(1)).toBe(first);
    expect(await later(60 * minuteMs)).toBe(first);
    expect(calls.slice(2)).toEqual(["GetLatestConfiguration", "GetLatestConfiguration"]);
  });

  it("change without a deployment, there and back", async () => {
    const { current, later, put } = instance();
    expect(modeOf(await current())).toBe("remediate");
    put(notifying);
    expect(modeOf(await later(15_000))).toBe("notify");
    put(repairing);
    expect(modeOf(await later(15_000))).toBe("remediate");
  });

  it("stop all repairs within a minute, by one line", async () => {
    const { current, later, put } = instance();
    expect(heldOf(await current())).toBeUndefined();
    put(paused);
    expect(heldOf(await later(minuteMs))).toBe("The settings pause all repairs (repairs.paused).");
    put(repairing);
    expect(heldOf(await later(minuteMs))).toBeUndefined();
  });

  it("are asked for by one call where two invocations begin at once", async () => {
    const { current, calls } = instance();
    const [one, other] = await Promise.all([current(), current()]);
    expect(one).toBe(other);
    expect(calls).toHaveLength(2);
  });

  it("begin a new session where the token has expired", async () => {
    const { current, later, calls, telemetry } = instance();
    const first = await current();
    expect(await later(25 * 60 * minuteMs)).toBe(first);
    expect(calls.slice(2)).toEqual(["GetLatestConfiguration", "StartConfigurationSession", "GetLatestConfiguration"]);
    expect(telemetry.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("go on as they are through a failure of ten minutes, and are asked for meanwhile", async () => {
    const { current, later, breakDown, calls, telemetry } = instance();
    const first = await current();
    const mend = breakDown();
    expect(await later(minuteMs)).toBe(first);
    expect(await later(repairsGoodForMs - minuteMs)).toBe(first);
    expect(telemetry.counted("SettingsUnusable")).toBe(0);
    expect(calls.length).toBeGreaterThan(3);
    mend();
    expect(await later(15_000)).toBe(first);
    expect(await later(repairsGoodForMs)).toBe(first);
  });

  it("hold repairs after ten minutes without an answer, and keep what is judged and told", async () => {
    const { current, later, breakDown, telemetry } = instance();
    const first = await current();
    const mend = breakDown();
    const old = await later(repairsGoodForMs + 1);
    expect(heldOf(old)).toBe("The settings could not be read from AppConfig since 2026-11-02T08:00:00.000Z.");
    expect(old.controls).toBe(first.controls);
    expect(telemetry.counted("SettingsUnusable")).toBe(1);
    expect(await later(60 * minuteMs)).toBe(old);
    expect(telemetry.counted("SettingsUnusable")).toBe(2);
    mend();
    expect(await later(15_000)).toBe(first);
  });

  test("an instance that slept asks before it works", async () => {
    const { current, later, put } = instance();
    await current();
    put(notifying);
    expect(modeOf(await later(6 * 60 * minuteMs))).toBe("notify");
  });

  it("are not believed to be fresh by a clock that was set back", async () => {
    const { setBack, current, breakDown } = instance();
    await current();
    breakDown();
    setBack(60 * minuteMs);
    expect(heldOf(await current())).toMatch(/^The settings could not be read from AppConfig since/);
  });

  it.each<[string, Parameters<ReturnType<typeof instance>["breakDown"]>[0]]>([
    ["is not reached", unavailable],
    ["refuses the function", accessDenied],
    ["throttles", () => new AwsError("ThrottlingException", "Rate exceeded", 429)],
    ["has no such configuration", () => new AwsError("ResourceNotFoundException", "none", 404)],
    ["does not take the request", () => new AwsError("BadRequestException", "no", 400)],
  ])("are those of the bundle at first, with nothing repaired, where AppConfig %s", async (_, error) => {
    const { current, later, breakDown, telemetry } = instance();
    const mend = breakDown(error);
    const settings = await current();
    expect([modeOf(settings), heldOf(settings)]).toEqual([
      "notify",
      "The settings could not be read from AppConfig yet.",
    ]);
    expect(scopesOf(settings)).toMatchObject([{ scope: { ou: "Root/Zürich" }, mode: "off" }]);
    expect(await later(15_000)).toBe(settings);
    expect(telemetry.counted("SettingsUnusable")).toBe(2);
    expect(telemetry.lines[0]).toMatchObject({
      level: "error",
      message: expect.stringMatching(/^AppConfig cannot be asked/),
    });
    mend();
    expect([modeOf(await later(15_000)), heldOf(await current())]).toEqual(["remediate", undefined]);
  });

  it("are those of the bundle at first, with nothing repaired, where nothing is deployed in AppConfig", async () => {
    const { current } = instance({ content: "" });
    expect([modeOf(await current()), heldOf(await current())]).toEqual(["notify", expect.any(String)]);
  });

  it("are not taken for unchanged where the first answer of a session is empty", async () => {
    const { sandbox, place, current } = instance({ content: "" });
    deployConfiguration(sandbox.state.configurations, place, "");
    expect([modeOf(await current()), heldOf(await current())]).toEqual(["notify", expect.any(String)]);
  });

  const invalid: [string, string | Uint8Array, RegExp][] = [
    ["half of them", repairing.slice(0, -1), /settings \(version \d\):4:1 syntax: the end of the text .*write JSON/],
    ["YAML", "version: 1\ncontrols: { stale-access-key: { mode: remediate } }\n", /:1:1 syntax: "v" stands where/],
    ["a comment", `# later\n${repairing}`, /:1:1 syntax: "#" stands where/],
    ["nothing but a space", " ", /:1:2 syntax: the end of the text stands where/],
    ["null", "null", /:1:1 the file: is empty; write a mapping/],
    ["the same key twice", file("remediate", ', "version": 1'), /:3:\d+ syntax: the key "version" stands here twice/],
    ["something after their end", `${repairing}${repairing}`, /syntax: .* after the end of the JSON/],
    ["nesting without end", "[".repeat(100_000), /syntax: more than 500 levels/],
    ["an unknown mode", file("repair"), /is the text "repair"/],
    ["a list", "[]", /the file: is a list/],
    ["another version of the format", repairing.replace("1", "2"), /version: is 2/],
    ["off as YAML 1.1 reads it", repairing.replace('"off"', "false"), /mode: is false; write off, notify or remediate/],
    ["paused in words", file("remediate", ', "repairs": { "paused": "yes" }'), /write true or false/],
    ["UTF-16", Buffer.from(repairing, "utf16le"), /UTF-8|encoded/],
    ["Latin-1", Buffer.from(repairing.replace("\\u00fc", "ü"), "latin1"), /UTF-8|encoded/],
    ["a missing boundary", repairing.replace("stale-access-key", "role-without-boundary"), /no boundary/],
  ];
  it.each(invalid)(
    "hold repairs at once, by the last ones that could be used, with %s",
    async (_, content, problem) => {
      const { current, later, put, telemetry } = instance();
      const first = await current();
      put(content);
      const settings = await later(15_000);
      expect(heldOf(settings)).toBe("The settings in AppConfig (version 2) cannot be used.");
      expect(settings.controls).toBe(first.controls);
      expect(telemetry.counted("SettingsRefused")).toBe(1);
      expect(String(telemetry.lines.at(-1)?.fields.error)).toMatch(problem);
      expect(await later(15_000)).toBe(settings);
      expect([telemetry.counted("SettingsRefused"), telemetry.counted("SettingsUnusable")]).toEqual([1, 2]);
      put(repairing);
      expect(heldOf(await later(15_000))).toBeUndefined();
    },
  );

  it.each(invalid)("repair nothing at first with %s", async (_, content) => {
    const { current } = instance({ content });
    const settings = await current();
    expect([modeOf(settings), heldOf(settings)]).toEqual(["notify", expect.stringMatching(/cannot be used/)]);
  });

  it("are refused still by a session that begins anew", async () => {
    const { later, put, current, telemetry } = instance();
    await current();
    put("{");
    await later(15_000);
    expect(heldOf(await later(25 * 60 * minuteMs))).toMatch(/cannot be used/);
    expect(telemetry.counted("SettingsRefused")).toBe(1);
  });

  it("only tell of a control that was not opted in at deployment, and say so", async () => {
    const { current, telemetry } = instance({ deployed: notifying, content: repairing });
    const settings = await current();
    expect([modeOf(settings), heldOf(settings)]).toEqual(["notify", undefined]);
    expect(telemetry.counted("RepairsNotDeployed")).toBe(1);
    expect(telemetry.lines).toContainEqual({
      level: "error",
      message: "The settings repair what is not deployed to: it is only told. Deploy first: npx cdk deploy",
      fields: { controls: ["stale-access-key"], version: "1" },
    });
  });
});
