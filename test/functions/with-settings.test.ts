import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { build as listAccounts } from "../../functions/list-accounts.ts";
import type { Runtime } from "../../functions/runtime.ts";
import { type Configured, withSettings } from "../../functions/with-settings.ts";
import { deployConfiguration } from "../../sandbox/appconfig/state.ts";
import { planOf } from "../../sandbox/deployed/plans.ts";
import { fetchThrough } from "../../sandbox/lambda/fetch.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

const region = "us-east-1";
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const started = (bundled: string) => {
  const world = wiredOrganization();
  const { sandbox, hub, place } = world;
  for (const { id, tags } of sandbox.state.accounts.values())
    tags.set("team", `team of ${id}`).set("boss", `boss of ${id}`);
  const directory = mkdtempSync(join(tmpdir(), "with-settings-"));
  opened.push(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "warden.config.json");
  writeFileSync(file, bundled);
  const configuration = {
    accountId: hub.id,
    region,
    application: "iam-warden",
    environment: "hub",
    profile: "settings",
  };
  const put = (settings: object) =>
    deployConfiguration(sandbox.state.configurations, configuration, JSON.stringify({ version: 1, ...settings }));
  const telemetry = recordedTelemetry();
  const name = "iam-warden-reports";
  sandbox.state.buckets.set(name, { name, accountId: hub.id, region, objects: new Map() });
  const { requestHandler } = sandbox.clientConfig(place.credentials);
  const runtime: Runtime = {
    telemetry,
    variables: {
      AWS_REGION: region,
      HUB_ACCOUNT_ID: hub.id,
      AUDIT_ROLE_NAME: "iam-warden-audit",
      WATCHED_REGIONS: region,
      FINDINGS_TABLE: "iam-warden-findings",
      REPORT_BUCKET: name,
      SETTINGS_CONFIGURATION: "iam-warden/hub/settings",
      SETTINGS_FILE: file,
    },
    connection: {
      credentials: place.credentials,
      requestHandler,
      maxAttempts: 1,
    },
    fetch: fetchThrough(requestHandler),
    clock: () => sandbox.clock.now(),
    sleep: async () => {},
  };
  return { ...world, put, telemetry, runtime };
};

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const bundled = '{ "version": 1, "owners": { "accountTag": "team" } }';

describe("a function with settings", () => {
  it("works by what AppConfig has, and by something else fifteen seconds after it has changed", async () => {
    const { put, runtime, sandbox } = started(bundled);
    put({ owners: { accountTag: "team" } });
    const handler = listAccounts(runtime);
    const planned = async () => planOf(sandbox.state, await handler({}, context));
    const owners = async () => new Set((await planned()).accounts.map(({ owner }) => owner?.split(" ")[0]));
    expect(await owners()).toEqual(new Set(["team"]));
    put({ owners: { accountTag: "boss" } });
    expect(await owners()).toEqual(new Set(["team"]));
    sandbox.clock.advance(15_000);
    expect(await owners()).toEqual(new Set(["boss"]));
  });

  it("works by the bundle's where AppConfig has nothing, and says so", async () => {
    const { runtime, telemetry, sandbox } = started(bundled);
    const { accounts } = planOf(sandbox.state, await listAccounts(runtime)({}, context));
    expect(accounts.map(({ owner }) => owner?.split(" ")[0])).toEqual(accounts.map(() => "team"));
    expect(telemetry.counted("SettingsUnusable")).toBe(1);
  });

  it("is not built without knowing where its settings are", () => {
    const { runtime } = started(bundled);
    for (const SETTINGS_CONFIGURATION of [undefined, "", "iam-warden", "a/b/c/d"])
      expect(() => listAccounts({ ...runtime, variables: { ...runtime.variables, SETTINGS_CONFIGURATION } })).toThrow(
        /SETTINGS_CONFIGURATION/,
      );
  });

  it("keeps its settings through an invocation, and is built anew only when they have changed", async () => {
    const { put, runtime, sandbox } = started(
      '{ "version": 1, "controls": { "stale-access-key": { "mode": "remediate" } } }',
    );
    const remediating = { controls: { "stale-access-key": { mode: "remediate" } } };
    put(remediating);
    let builds = 0;
    const handler = withSettings(({ settings }: Configured) => {
      builds += 1;
      return async (during: () => void) => {
        const before = settings.controls["stale-access-key"]?.mode;
        during();
        return [before, settings.controls["stale-access-key"]?.mode, settings.repairs.held];
      };
    })(runtime);
    const change = () => {
      put({ ...remediating, repairs: { paused: true } });
      sandbox.clock.advance(60_000);
    };
    expect(await handler(() => {})).toEqual(["remediate", "remediate", undefined]);
    expect(await handler(change)).toEqual(["remediate", "remediate", undefined]);
    expect(builds).toBe(1);
    expect(await handler(() => {})).toEqual(["remediate", "remediate", expect.stringContaining("repairs.paused")]);
    expect(builds).toBe(2);
  });

  it("does not wait for an answer without end", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    opened.push(() => silent.close());
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { runtime, telemetry } = started(bundled);
    const { credentials } = runtime.connection;
    const connection = { endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1, ...(credentials && { credentials }) };
    const handler = withSettings(
      ({ settings }: Configured) =>
        async () =>
          settings.repairs.held,
    )({ ...runtime, connection });
    expect(await handler()).toBe("The settings could not be read from AppConfig yet.");
    expect(String(telemetry.lines[0]?.fields.error)).toMatch(/Timeout/);
  });
});
