import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { App } from "aws-cdk-lib";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { HubStack } from "../../infra/hub-stack.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";

const run = promisify(execFile);

let outdir: string;
let sandbox: { url: string; close(): Promise<void> };
let settingsFile: string;
/** The directory of each function's bundle, by its logical id. */
let bundles: ReadonlyMap<string, string>;

const functionsSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});
const codeSchema = z.object({ Code: z.object({ S3Key: z.string() }) });

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), "iam-warden-bundles-"));
  sandbox = await createSandbox().listen();
  settingsFile = join(outdir, "settings.yaml");
  await writeFile(settingsFile, "version: 1\ncontrols:\n  stale-access-key:\n    mode: remediate\n");
  const app = new App({ outdir });
  new HubStack(app, "hub", { settingsFile });
  const functions = Object.entries(functionsSchema.parse(app.synth().getStackByName("hub").template).Resources);
  bundles = new Map(
    functions.flatMap(([id, { Type, Properties }]) => {
      if (Type !== "AWS::Lambda::Function") return [];
      const { S3Key } = codeSchema.parse(Properties).Code;
      return [[id.replace(/[0-9A-F]{8}$/, ""), join(outdir, `asset.${S3Key.replace(/\.zip$/, "")}`)]];
    }),
  );
});
afterAll(async () => {
  await sandbox.close();
  await rm(outdir, { recursive: true });
});

const bundleOf = (name: string): string => {
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new Error(`no bundle of ${name}, only of ${[...bundles.keys()].join(", ")}`);
  return bundle;
};

/** Imports a bundle as Lambda does, on this Node, and calls its handler with an event. */
const invoke = async (
  name: string,
  event: unknown,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ answer?: unknown; error?: string }> => {
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(bundleOf(name), "index.mjs")).href)});
    const context = { awsRequestId: "test", functionName: "test", getRemainingTimeInMillis: () => 60_000 };
    const outcome = await handler(${JSON.stringify(event)}, context).then(
      (answer) => ({ answer }),
      (error) => ({ error: \`\${error.name}: \${error.message}\` }),
    );
    console.log("\\n" + JSON.stringify(outcome));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: outdir,
    env: {
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      AWS_MAX_ATTEMPTS: "1",
      HUB_ACCOUNT_ID: "111122223333",
      AUDIT_ROLE_NAME: "iam-warden-audit",
      REMEDIATION_ROLE_NAME: "iam-warden-remediate",
      FINDINGS_TABLE: "findings",
      SETTINGS_CONFIGURATION: "iam-warden/hub/settings",
      TOPIC_ARN: "arn:aws:sns:us-east-1:111122223333:alerts",
      REPORT_BUCKET: "reports",
      OPERATIONS_TOPIC_ARN: "arn:aws:sns:us-east-1:111122223333:operations",
      EVENT_BUS_ARN: "arn:aws:events:us-east-1:111122223333:event-bus/iam-warden",
      STACK_SET_NAME: "iam-warden-member",
      WATCHED_REGIONS: "us-east-1,eu-north-1",
      DEAD_LETTER_URLS: "events=https://sqs.us-east-1.amazonaws.com/111122223333/dead",
      ...variables,
    },
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
};

// Each answer comes from the bundle's own code: the bundle loaded, read its environment and got down to work.
const tried = [
  ["IntakeFunction", { Records: [] }, { answer: { batchItemFailures: [] } }],
  ["RepairsFunction", { Records: [] }, { answer: { batchItemFailures: [] } }],
  ["DoctorFunction", {}, { answer: expect.objectContaining({ statusCode: 400 }) }],
  ["OperatorFunction", {}, { answer: expect.objectContaining({ statusCode: 400 }) }],
  ["SweepSweepAccount", {}, { error: expect.stringMatching(/^MalformedInputError: A sweep request/) }],
  ["ValidateSettings", { content: "bW9kZQ==" }, { error: expect.stringMatching(/^SettingsError: settings:1:1/) }],
  ["SweepDigest", {}, { error: expect.stringMatching(/^MalformedInputError: A digest request/) }],
  ["EscalationFunction", {}, { error: expect.stringMatching(/^DeliveryError|^StoreError/) }],
  // The sandbox knows no such key: the SDK in the bundle signed a call, sent it and read the refusal.
  ["SweepListAccounts", {}, { error: expect.stringMatching(/InvalidClientTokenId|UnrecognizedClientException/) }],
] as const;

test.each(tried)("the bundle of %s loads on Lambda's Node and does its work", async (name, event, expected) => {
  expect(await invoke(name, event)).toEqual(expected);
});

test("the bundle reads the settings that stand beside it", async () => {
  const repairing = { version: 1, controls: { "stale-access-key": { mode: "remediate" } } };
  const event = { content: Buffer.from(JSON.stringify(repairing)).toString("base64") };
  const file = join(bundleOf("ValidateSettings"), "warden.config.json");
  expect(await invoke("ValidateSettings", event, { SETTINGS_FILE: file })).toEqual({});
  expect(await invoke("ValidateSettings", event)).toEqual({ error: expect.stringMatching(/deploy first/) });
});

/** In bytes. Lambda reads it at each cold start: what grows beyond this needs a reason. */
const largestBundle = 1_048_576;

test("every function is tried here, and its bundle is below 1 MiB", async () => {
  expect([...bundles.keys()].toSorted()).toEqual(tried.map(([name]) => name).toSorted());
  for (const name of bundles.keys()) {
    const { size } = await stat(join(bundleOf(name), "index.mjs"));
    expect([name, size < largestBundle]).toEqual([name, true]);
  }
});

/** The files that a bundle, or what else has a source map, is made of: relative to the repository. */
const sourcesOf = async (map: string): Promise<readonly string[]> => {
  const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(await readFile(map, "utf8")));
  return sources.map((source) => relative(process.cwd(), resolve(dirname(map), source)));
};
const isOf = (library: string) => (source: string) => source.startsWith(`node_modules/${library}/`);

test("every function carries the operator's settings; no bundle carries the sandbox, or what the command alone needs", async () => {
  for (const name of bundles.keys()) {
    const files = (await readdir(bundleOf(name))).toSorted();
    expect(files).toEqual(["index.mjs", "index.mjs.map", "warden.config.json"]);
    const own = (await sourcesOf(join(bundleOf(name), "index.mjs.map"))).filter(
      (source) => !source.startsWith("node_modules/"),
    );
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((source) => !/^(functions|shared)\//.test(source))).toEqual([]);
    // What only the digest's function does, only it loads.
    expect([name, own.some((source) => /^shared\/report\//.test(source))]).toEqual([name, name === "SweepDigest"]);
  }
  const settings = JSON.parse(await readFile(join(bundleOf("IntakeFunction"), "warden.config.json"), "utf8"));
  expect(settings).toEqual({ version: 1, controls: { "stale-access-key": { mode: "remediate" } } });
});

/** Libraries that not every function needs, and those that do. */
const carried: Readonly<Record<string, readonly string[]>> = {
  zod: tried.map(([name]) => name),
  "@aws-sdk/client-cloudformation": ["DoctorFunction"],
  // Trails are looked at by the doctor and by whoever judges accounts, by nobody else.
  "@aws-sdk/client-cloudtrail": ["DoctorFunction", "IntakeFunction", "SweepSweepAccount"],
  "@aws-sdk/client-eventbridge": ["DoctorFunction"],
  // The credential report: whoever judges users from it, and whoever asks when root's password was last used.
  "csv-parse": ["IntakeFunction", "OperatorFunction", "RepairsFunction", "SweepSweepAccount"],
  // The settings are read as YAML where people write them, not where they are worked by.
  yaml: [],
};

test.each(Object.entries(carried))("the functions that carry %s are those that need it", async (library, functions) => {
  const carrying: string[] = [];
  for (const name of bundles.keys())
    if ((await sourcesOf(join(bundleOf(name), "index.mjs.map"))).some(isOf(library))) carrying.push(name);
  expect(carrying.toSorted()).toEqual([...functions].sort());
});

test("a bundle that reads YAML would be seen to", async () => {
  const outfile = join(outdir, "reads-yaml.mjs");
  const entryPoints = ["shared/settings/parse-yaml.ts"];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: true,
    logLevel: "error",
  });
  expect((await sourcesOf(`${outfile}.map`)).some(isOf("yaml"))).toBe(true);
});
