import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployConfiguration } from "../../sandbox/appconfig/state.ts";
import { messageOf } from "../../shared/errors.ts";
import { parseSettingsJson } from "../../shared/settings/parse-json.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { validateSettings } from "../../shared/settings/validate.ts";
import { startSandbox } from "../sandbox/support.ts";
import { runWarden } from "../support/warden-process.ts";

let directory: string;
const opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "settings-push-"));
});
afterAll(async () => {
  for (const server of opened) await server.close();
  await rm(directory, { recursive: true });
});

const repairing = "version: 1\ncontrols: { stale-access-key: { mode: remediate } }\n";

/** The hub's account with settings in AppConfig, validated as the stack has it. */
const hub = async () => {
  const { sandbox, accountId } = startSandbox();
  const server = await sandbox.listen();
  opened.push(server);
  const place = { accountId, region: "eu-west-1", application: "iam-warden", environment: "hub", profile: "settings" };
  const content = '{ "version": 1, "controls": { "stale-access-key": { "mode": "remediate" } } }';
  const configuration = deployConfiguration(sandbox.state.configurations, place, content);
  configuration.validate = (next) => {
    try {
      validateSettings(Buffer.from(next), parseSettings(repairing, "deployed"));
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  const credentials = sandbox.credentialsFor(accountId, "root");
  const push = async (text: string, args: readonly string[] = ["--yes"], region = "eu-west-1") => {
    const file = join(directory, "warden.config.yaml");
    await writeFile(file, text);
    return runWarden(["settings", "push", file, "--why", "We said so", "--region", region, ...args], {
      credentials,
      endpoint: server.url,
    });
  };
  return { configuration, push };
};

describe("settings push", () => {
  it("shows what changes, deploys it, and says how to take it back", async () => {
    const { configuration, push } = await hub();
    const { status, stdout, stderr } = await push(
      `${repairing}repairs: { paused: true }\nexcludedRoles: { paths: [/zürich/*] }\n`.replace("ü", "u"),
      ["--yes", "--at-once"],
    );
    expect(status).toBe(0);
    expect(stderr).toContain('excludedRoles.paths[0]: not set → "/zurich/*"\nrepairs.paused: not set → true\n');
    expect(stdout).toMatch(
      /^Version 2 is being deployed at-once, as deployment 2\. To take it back:\n {2}aws appconfig stop-deployment --application-id \w{7} --environment-id \w{7} --deployment-number 2 --allow-revert\n$/,
    );
    expect(configuration.deployments.at(-1)).toMatchObject({ version: 2, strategy: "iam-warden-at-once" });
    expect(configuration.versions[1]).toMatchObject({ contentType: "application/json", description: "We said so" });
    expect(parseSettingsJson(String(configuration.versions[1]?.content), "f").repairs.held).toBeDefined();
  });

  it("is gradual unless it is told otherwise", async () => {
    const { configuration, push } = await hub();
    expect((await push("version: 1\n")).status).toBe(0);
    expect(configuration.deployments.at(-1)).toMatchObject({ version: 2, strategy: "iam-warden-gradually" });
  });

  it("does nothing where nothing changes", async () => {
    const { configuration, push } = await hub();
    const { status, stdout } = await push(`# Only a comment.\n${repairing}`);
    expect([status, stdout]).toEqual([0, "Nothing changes: AppConfig has these settings.\n"]);
    expect(configuration.versions).toHaveLength(1);
  });

  it.each<[string, string, readonly string[], number, RegExp]>([
    ["a file with mistakes", "version: 2\n", ["--yes"], 2, /warden\.config\.yaml:1:10 version: is 2; write 1/],
    ["nobody who could be asked", "version: 1\n", [], 2, /Nobody can be asked without a terminal.*--yes/],
    [
      "what was not opted in at deployment",
      "version: 1\ncontrols: { unused-access-key: { mode: remediate } }\n",
      ["--yes"],
      1,
      /AppConfig deploys nothing: .*unused-access-key: is remediate.*npx cdk deploy/,
    ],
  ])("deploys nothing with %s", async (_, text, args, expected, why) => {
    const { configuration, push } = await hub();
    const { status, stdout, stderr } = await push(text, args);
    expect([status, stdout]).toEqual([expected, ""]);
    expect(stderr).toMatch(why);
    expect(configuration.deployments).toHaveLength(1);
  });

  it("deploys nothing while a deployment is under way, and says how to stop it", async () => {
    const { configuration, push } = await hub();
    configuration.deployments.push({ version: 1, startedAt: new Date(), strategy: "x", state: "DEPLOYING" });
    const { status, stderr } = await push("version: 1\n");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /Deployment 2 is under way \(DEPLOYING\).*\n.* aws appconfig stop-deployment .* --deployment-number 2\n/,
    );
    expect(configuration.versions).toHaveLength(1);
  });

  it("says so where iam-warden does not run", async () => {
    const { push } = await hub();
    const { status, stderr } = await push("version: 1\n", ["--yes"], "us-west-2");
    expect(status).toBe(2);
    expect(stderr).toContain("AppConfig has no application iam-warden here");
  });
});
