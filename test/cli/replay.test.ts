import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../support/peers.ts";
import { runWarden } from "../support/warden-process.ts";

const account = "111122223333";
const base = {
  eventVersion: "1.11",
  eventTime: "2026-11-02T08:00:00Z",
  awsRegion: "us-east-1",
  sourceIPAddress: "203.0.113.10",
  recipientAccountId: account,
  userIdentity: { type: "IAMUser", userName: "alice", accountId: account, arn: `arn:aws:iam::${account}:user/alice` },
};
const createRole = {
  ...base,
  eventID: "00000000-0000-4000-8000-000000000001",
  eventSource: "iam.amazonaws.com",
  eventName: "CreateRole",
  eventType: "AwsApiCall",
  requestParameters: { roleName: "deployer" },
  responseElements: null,
};
const rootCall = {
  ...base,
  eventID: "00000000-0000-4000-8000-000000000002",
  eventSource: "s3.amazonaws.com",
  eventName: "ListBuckets",
  eventType: "AwsApiCall",
  userIdentity: { type: "Root", accountId: account, principalId: account, arn: `arn:aws:iam::${account}:root` },
};
const irrelevant = {
  ...base,
  eventID: "00000000-0000-4000-8000-000000000003",
  eventSource: "ec2.amazonaws.com",
  eventName: "RunInstances",
  eventType: "AwsApiCall",
};
const envelope = {
  version: "0",
  id: "00000000-0000-4000-8000-00000000000a",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.iam",
  account,
  time: base.eventTime,
  region: "us-east-1",
  resources: [],
  detail: createRole,
};

const roleLine = {
  eventId: createRole.eventID,
  eventName: "CreateRole",
  delivered: true,
  hints: [
    ...[
      "admin-policy",
      "assume-any-role",
      "external-trust-without-external-id",
      "oidc-trust-unscoped",
      "oidc-trust-without-audience",
      "policy-near-size-limit",
      "privilege-escalation-path",
      "role-with-unapproved-boundary",
      "role-without-boundary",
      "service-trust-confused-deputy",
      "service-wide-policy",
      "trust-open-to-anyone",
      "unused-role",
    ].map((control) => ({ control, subject: { kind: "role", account, name: "deployer" } })),
  ],
  activity: [],
};
const rootLine = {
  eventId: rootCall.eventID,
  eventName: "ListBuckets",
  delivered: true,
  hints: [],
  activity: [{ control: "root-activity", severity: "critical", reason: expect.stringContaining("s3:ListBuckets") }],
};
const irrelevantLine = {
  eventId: irrelevant.eventID,
  eventName: "RunInstances",
  delivered: false,
  hints: [],
  activity: [],
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "iam-warden-replay-"));
});
afterAll(() => rm(directory, { recursive: true }));

const logFile = async (name: string, content: string | Buffer): Promise<string> => {
  const file = join(directory, name);
  await writeFile(file, content);
  return file;
};
const jsonLines = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const replayJson = async (args: readonly string[], input?: string) => {
  const result = await runWarden(["replay", "--format", "json", ...args], input === undefined ? {} : { input });
  const lines: unknown[] = result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return { ...result, lines };
};

describe("replay --format json", () => {
  test("prints a line for each record of each file, in order, and its counts on standard error", async () => {
    const { status, lines, stderr } = await replayJson([
      await logFile("records.jsonl", jsonLines(createRole, irrelevant)),
      await logFile("log.json.gz", gzipSync(JSON.stringify({ Records: [rootCall, createRole] }))),
      await logFile("printed.json", JSON.stringify({ Records: [irrelevant] }, null, 2)),
      await logFile("events.jsonl", jsonLines(envelope)),
    ]);
    expect(lines).toEqual([roleLine, irrelevantLine, rootLine, roleLine, irrelevantLine, roleLine]);
    expect(stderr).toBe("warden: 6 records: 4 delivered, 3 with hints, 1 with activity; 0 unreadable\n");
    expect(status).toBe(0);
  });

  test("reads standard input", async () => {
    const { status, lines } = await replayJson(["-"], jsonLines(rootCall, createRole));
    expect({ status, lines }).toEqual({ status: 0, lines: [rootLine, roleLine] });
  });

  test("tells what it cannot read with its line, and goes on; --strict makes that exit 2", async () => {
    const file = await logFile(
      "broken.jsonl",
      `${jsonLines(createRole)}nonsense\n${jsonLines(irrelevant, { a: 1 }, rootCall)}`,
    );
    const { status, lines, stderr } = await replayJson([file]);
    expect(lines).toEqual([
      roleLine,
      { error: expect.any(String), line: 2 },
      irrelevantLine,
      { error: expect.any(String), line: 4 },
      rootLine,
    ]);
    expect(stderr).toContain("3 records: 2 delivered, 1 with hints, 1 with activity; 2 unreadable");
    expect(status).toBe(0);
    expect(await replayJson(["--strict", file])).toMatchObject({ status: 2, lines });
  });

  test.each([
    ["a megabyte of nesting", `${"[".repeat(500_000)}${"]".repeat(500_000)}`],
    [
      "nesting where parameters belong",
      `{"eventSource":"iam.amazonaws.com","eventName":"CreateRole","eventTime":"2026-11-02T08:00:00Z","requestParameters":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
    ],
    ["a string where an object belongs", '"CreateRole"'],
    ["types that are wrong", '{"eventSource":7,"eventName":[],"eventTime":{}}'],
  ])("outlives %s", async (_name, hostile) => {
    const { status, lines } = await replayJson(["-"], `${hostile}\n${jsonLines(createRole)}`);
    expect(lines.at(-1)).toEqual(roleLine);
    expect(status).toBe(0);
  });

  test("a reader that stops early ends it quietly", async () => {
    const file = await logFile("long.jsonl", jsonLines(createRole).repeat(20_000));
    const script = '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}" >&2';
    const args = ["cli/launch.js", "replay", "--format", "json", file];
    const { stdout, stderr } = await run("bash", ["-c", script, process.execPath, ...args]);
    expect(JSON.parse(stdout)).toEqual(roleLine);
    expect(stderr).toBe("0\n");
  });
});

describe("a log of which nothing can be read", () => {
  test("exits with 2, says so and tells the first lines of it", async () => {
    const file = await logFile("notes.txt", "not a record\n".repeat(25));
    const { status, stdout, stderr } = await runWarden(["replay", file, file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "Not one record could be read.\n" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(23);
    expect(lines[9]).toContain("notes.txt:10: not JSON");
    expect(lines[10]).toBe(`warden: ${file}: 15 more of the kind (--format json tells all)`);
    const json = await replayJson([file]);
    expect([json.status, json.lines.length]).toEqual([2, 25]);
  });

  test("does no harm beside one that can be read", async () => {
    const files = [
      await logFile("more-notes.txt", "not a record\n"),
      await logFile("good.jsonl", jsonLines(createRole)),
    ];
    expect((await runWarden(["replay", ...files])).status).toBe(0);
    expect((await runWarden(["replay", "--strict", ...files])).status).toBe(2);
  });

  test("is something else than an empty one, or one with nothing for a control", async () => {
    const replay = (input: string) => runWarden(["replay", "-"], { input });
    expect(await replay("")).toMatchObject({ status: 0, stdout: "There is no record.\n" });
    expect(await replay(jsonLines(irrelevant))).toMatchObject({
      status: 0,
      stdout: "Nothing that a control is about.\n",
    });
    expect(await replay(`${jsonLines(irrelevant)}nonsense\n`)).toMatchObject({
      status: 0,
      stdout: "Nothing that a control is about.\n",
    });
  });
});

test("goes by the settings", async () => {
  const settings = await logFile("off.yaml", "version: 1\ncontrols:\n  root-activity:\n    mode: off\n");
  const { lines } = await replayJson(["--settings", settings, "-"], jsonLines(rootCall));
  expect(lines).toEqual([{ ...rootLine, activity: [] }]);
});

test("a file that is not there is an error before anything is printed", async () => {
  const file = await logFile("there.jsonl", jsonLines(createRole));
  const { status, stdout, stderr } = await replayJson([file, join(directory, "absent.jsonl")]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^warden: Cannot read .*absent\.jsonl/);
});

test("the table counts what would have been told and judged, harmlessly, in 80 columns", async () => {
  const hostile = { ...createRole, requestParameters: { roleName: "x\u001b[2J\u202e<script>\nLOW" } };
  const { status, stdout, stderr } = await runWarden(["replay", "-"], {
    input: `${jsonLines(createRole, createRole, rootCall, hostile)}oops\n`,
    env: { COLUMNS: "80" },
  });
  expect(stdout).toMatch(/^critical {2}1 {6}root-activity/m);
  expect(stdout).toMatch(new RegExp(`^2 {6}role-without-boundary +role deployer in ${account}$`, "m"));
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  expect(stderr).toContain("warden: -:5: ");
  expect(status).toBe(0);
});
