import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { runWarden } from "../support/warden-process.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "iam-warden-cli-"));
});
afterAll(() => rm(directory, { recursive: true }));

const settingsFile = async (name: string, text: string): Promise<string> => {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
};

const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };

/** How many controls nobody has to turn off. */
const off = controls.filter(({ isOffByDefault }) => isOffByDefault).length;

describe("a call that cannot work exits with 2, says why on standard error, and prints no result", () => {
  test.each([
    ["no command", [], /Usage: warden/],
    ["an unknown command", ["audt"], /Did you mean audit\?/],
    ["an unknown option", ["audit", "--orgs"], /unknown option '--orgs'/],
    ["an account id that is none", ["audit", "--account", "12345"], /An account id is twelve digits/],
    ["accounts and organization", ["audit", "--org", "--account", "111122223333"], /cannot be used with/],
    ["a role name without other accounts", ["audit", "--role-name", "x"], /it needs --org or --account/],
    ["an unknown format", ["audit", "--format", "xml"], /Allowed choices are table, json, csv/],
    ["an unknown severity", ["audit", "--fail-on", "urgent"], /Allowed choices are critical, high, medium, low/],
    ["a misspelt control", ["audit", "--control", "stale-acess-key"], /did you mean stale-access-key\?/],
    ["an unknown control", ["audit", "--control", "nonsense"], /`warden controls` lists them/],
    ["a control that judges events", ["audit", "--control", "root-activity"], /warden replay FILE/],
    [
      "a settings file that is not there",
      ["audit", "--settings", "nowhere.yaml"],
      /There is no settings file nowhere.yaml\. docs\/warden\.config\.sample\.yaml is one/,
    ],
    ["a settings file that is a directory", ["settings", "check", "docs"], /Cannot read the settings file docs: /],
    ["a result file in no directory", ["audit", "--out", "no/such/place.json"], /cannot write to no\/such/],
    ["a result file that is a directory", ["audit", "--out", "."], /\. is a directory/],
    ["no credentials", ["audit"], /No usable AWS credentials were found: set AWS_PROFILE/],
    [
      "a profile that is not there",
      ["audit", "--profile", "nobody"],
      /No usable AWS credentials .* by the profile nobody: /,
    ],
  ])("%s", async (_name, args, expected) => {
    const { status, stdout, stderr } = await runWarden(args);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("an endpoint where nothing answers", async () => {
    const endpoint = "http://127.0.0.1:9";
    const { status, stderr } = await runWarden(["audit"], { credentials: keys, endpoint });
    expect(stderr).toContain(`Nothing answers at the AWS endpoint (AWS_ENDPOINT_URL is ${endpoint})`);
    expect(status).toBe(2);
  });

  test.each(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])("an endpoint in %s that is no URL", async (variable) => {
    const env = { [variable]: "localhost:4566" };
    const { status, stdout, stderr } = await runWarden(["audit"], { credentials: keys, env });
    expect(stderr).toBe(`warden: ${variable} is "localhost:4566"; write a URL that begins with http:// or https://\n`);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("an endpoint of the profile, where nothing answers", async () => {
    const file = await settingsFile(
      "aws-config",
      "[profile local]\naws_access_key_id = a\naws_secret_access_key = b\nendpoint_url = http://127.0.0.1:9\n",
    );
    const { status, stderr } = await runWarden(["audit", "--profile", "local"], { env: { AWS_CONFIG_FILE: file } });
    expect(stderr).toContain("Nothing answers at the AWS endpoint");
    expect(stderr).toContain("127.0.0.1:9");
    expect(status).toBe(2);
  });

  test.each([
    ["ExpiredToken", /credentials have expired: sign in again/],
    ["InvalidClientTokenId", /AWS did not accept the credentials/],
    ["SignatureDoesNotMatch", /AWS did not accept the credentials/],
  ])("credentials that STS answers with %s", async (code, expected) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(403, { "content-type": "text/xml" });
      response.end(`<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { status, stderr } = await runWarden(["audit"], { credentials: keys, endpoint });
    server.close();
    expect(stderr).toMatch(expected);
    expect(status).toBe(2);
  });
});

test("help and version go to standard output, and tell the exit codes", async () => {
  const help = await runWarden(["audit", "--help"]);
  expect(help.status).toBe(0);
  expect(help.stdout).toContain("--fail-on <severity>");
  expect(help.stdout).toContain("Exit codes:");
  const version = await runWarden(["--version"]);
  expect(version).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

describe("settings check", () => {
  test("a good file", async () => {
    const file = await settingsFile("good.yaml", "version: 1\ncontrols:\n  stale-access-key:\n    mode: off\n");
    const { status, stdout } = await runWarden(["settings", "check", file]);
    expect(stdout).toBe(`${file}: ok; ${controls.length - off - 1} controls on, ${off + 1} off; nothing is repaired\n`);
    expect(status).toBe(0);
  });

  test("every problem, with its line", async () => {
    const file = await settingsFile(
      "bad.yaml",
      "version: 1\ncontrols:\n  stale-acces-key: {}\n  stale-access-key:\n    mode: notfy\n",
    );
    const { status, stdout } = await runWarden(["settings", "check", file]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringContaining(`${file}:3:3 controls.stale-acces-key: `),
      expect.stringContaining(`${file}:5:11 controls.stale-access-key.mode: `),
    ]);
    expect(status).toBe(2);
  });

  test("other commands refuse a bad file before they do anything", async () => {
    const file = await settingsFile("worse.yaml", "version: 2\n");
    for (const command of ["audit", "controls"]) {
      const { status, stdout, stderr } = await runWarden([command, "--settings", file]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain(`${file}:1:10`);
    }
  });
});

describe("controls", () => {
  test("lists the catalogue with the modes and options of the settings", async () => {
    const file = await settingsFile(
      "modes.yaml",
      "version: 1\ncontrols:\n  stale-access-key:\n    options:\n      maxAgeDays: 30\n  root-activity:\n    mode: off\n",
    );
    const { status, stdout } = await runWarden(["controls", "--settings", file, "--format", "json"]);
    expect(status).toBe(0);
    const listed: { id: string; mode: string; options: unknown }[] = JSON.parse(stdout);
    expect(listed.map(({ id }) => id)).toEqual(controls.map(({ id }) => id));
    expect(listed.find(({ id }) => id === "stale-access-key")).toMatchObject({
      mode: "notify",
      options: { maxAgeDays: 30 },
    });
    expect(listed.filter(({ mode }) => mode !== "notify").map(({ id }) => id)).toEqual([
      "privileged-role-without-mfa",
      "root-activity",
    ]);
  });

  test("fits 80 columns, without colours where there is no terminal", async () => {
    const { stdout } = await runWarden(["controls"], { env: { COLUMNS: "80" } });
    for (const control of controls) expect(stdout).toContain(control.id);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain("\u001b");
  });
});

test("controls shows what differs in an OU or account", async () => {
  const file = await settingsFile(
    "scopes.yaml",
    `version: 1
controls:
  stale-access-key:
    scopes:
      - { ou: Root/Prod, options: { maxAgeDays: 30 } }
      - { account: "111122223333", mode: off }
`,
  );
  const table = await runWarden(["controls", "--settings", file]);
  expect(table.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /stale-access-key medium notify .*maxAgeDays: 90\) notify in Root\/Prod \(maxAgeDays: 30\) off in 111122223333/,
  );
  const json = await runWarden(["controls", "--settings", file, "--format", "json"]);
  const found = JSON.parse(json.stdout).find(({ id }: { id: string }) => id === "stale-access-key");
  expect(found.scopes).toEqual([
    { scope: { ou: "Root/Prod" }, mode: "notify", options: { maxAgeDays: 30 } },
    { scope: { account: "111122223333" }, mode: "off", options: { maxAgeDays: 90 } },
  ]);
});

describe("settings json", () => {
  test("prints a file as AppConfig takes it, in ASCII", async () => {
    const file = await settingsFile(
      "json.yaml",
      "version: 1 # why\nexcludedRoles: { paths: [/vendor/*] }\nowners: { accountTag: équipe }\n",
    );
    const { status, stdout, stderr } = await runWarden(["settings", "json", file]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[\0-\x7f]*$/);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      excludedRoles: { paths: ["/vendor/*"] },
      owners: { accountTag: "équipe" },
    });
  });

  test("prints nothing of a file with mistakes but what they are, to standard error", async () => {
    const file = await settingsFile("json-bad.yaml", "version: 2\n");
    const { status, stdout, stderr } = await runWarden(["settings", "json", file]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(`${file}:1:10 version: is 2; write 1\n`);
  });
});

test("settings check says that repairs are paused", async () => {
  const text = "version: 1\ncontrols: { stale-access-key: { mode: remediate } }\nrepairs: { paused: true }\n";
  const { stdout } = await runWarden(["settings", "check", await settingsFile("paused.yaml", text)]);
  expect(stdout).toContain("1 repaired, but repairs are paused");
});

test("controls and settings check show what is repaired, and when", async () => {
  const file = await settingsFile(
    "repairs.yaml",
    `version: 1
controls:
  stale-access-key:
    ladder: [{ after: 36h, do: remediate }, { after: 9d, do: finish }]
    scopes: [{ ou: Root/Dev, mode: remediate }, { ou: Root/Lab, mode: remediate, ladder: [{ after: 0d, do: remediate }] }]
  console-user-without-mfa: { mode: remediate }
`,
  );
  const { stdout } = await runWarden(["controls", "--settings", file]);
  const text = stdout.replaceAll(/\s+/g, " ");
  expect(text).toMatch(/console-user-without-mfa high remediate [^(]+\(notify at 0d, remediate at 7d\)/);
  expect(text).toMatch(/stale-access-key medium notify [^(]+\(maxAgeDays: 90\)/);
  expect(text).toContain("remediate in Root/Dev (maxAgeDays: 90, remediate at 36h, finish at 9d)");
  expect(text).toContain("remediate in Root/Lab (maxAgeDays: 90, remediate at 0d)");
  const json = await runWarden(["controls", "--settings", file, "--format", "json"]);
  const found = JSON.parse(json.stdout).find(({ id }: { id: string }) => id === "stale-access-key");
  expect(found.ladder).toEqual([
    { afterHours: 36, do: "remediate" },
    { afterHours: 216, do: "finish" },
  ]);
  const check = await runWarden(["settings", "check", file]);
  expect(check.stdout).toBe(
    `${file}: ok; ${controls.length - off} controls on, ${off} off; 2 repaired, everywhere or in parts\n`,
  );
});
