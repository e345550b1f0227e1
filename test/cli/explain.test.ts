import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsCredentialIdentity } from "@smithy/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRefusedCalls } from "../../cli/explain/read-records.ts";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { allow, createStage, inline } from "../explain/stage.ts";
import { runWarden } from "../support/warden-process.ts";

/** What the page says that suffices. */
const needed = /```json\n([^`]*)\n```/.exec(readFileSync("docs/explain.md", "utf8"))?.[1] ?? "";

const stage = createStage(createSandbox({ start: new Date() }));
const { sandbox, account, managementId } = stage;
const bob = stage.user(
  "bob",
  inline("own", allow("s3:GetObject", { Sid: "Read", Resource: "arn:aws:s3:::reports/*" })),
);

let server: { url: string; close(): Promise<void> };
let credentials: AwsCredentialIdentity;
let directory: string;
beforeAll(async () => {
  const management = sandbox.state.accounts.get(managementId);
  if (!management) throw new Error("no management account");
  const [createdAt, inlinePolicies] = [sandbox.clock.now(), new Map([["explain", needed]])];
  addUser(management, sandbox.ids, { name: "helper", createdAt, inlinePolicies });
  account.roles.delete("organizationaccountaccessrole");
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${managementId}:root` });
  addRole(account, sandbox.ids, { name: "OrganizationAccountAccessRole", createdAt, trustPolicy, inlinePolicies });
  credentials = sandbox.credentialsFor(managementId, { user: "helper" });
  server = await sandbox.listen();
  directory = await mkdtemp(join(tmpdir(), "iam-warden-explain-"));
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const explain = (args: readonly string[], input?: string) =>
  runWarden(["explain", ...args], { credentials, endpoint: server.url, ...(input !== undefined && { input }) });
const asBob = ["--principal", bob.arn, "--action"];

test("the page's sample is the record of one refused call", async () => {
  const { calls } = await readRefusedCalls("docs/explain.sample.json");
  expect(calls.map(({ record }) => record.eventName)).toEqual(["CreateUser"]);
});

describe("warden explain", () => {
  test.each([
    [["-"], "", "standard input is empty; pipe a CloudTrail record into it"],
    [["-"], "{}", "standard input holds no CloudTrail record: line 1: "],
    [[...asBob, "s3:GetObject", "--resource", "x"], undefined, '--resource is "x"; write an ARN, such as arn:'],
    [["record.json", ...asBob, "s3:GetObject"], undefined, "leave out either record.json or --principal"],
    [[], undefined, "Name a file with a CloudTrail record, or say who and what with --principal and --action"],
  ])("says of %j with input %j what would be right", async (args, input, told) => {
    const { status, stdout, stderr } = await explain(args, input);
    expect(stderr).toContain(told);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("needs no more than its page says, and tells an allowed call as such", async () => {
    const { status, stdout, stderr } = await explain([
      ...asBob,
      "s3:GetObject",
      "--resource",
      "arn:aws:s3:::reports/q3",
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain("Allowed, as the policies stand now");
    expect(stdout).toContain("own, statement Read");
    expect(stdout).toContain("the resource's own policy, if it has one");
    expect(status).toBe(0);
  });

  test("explains a record, of a file or of standard input, as text and as JSON", async () => {
    await expect(stage.iamAs(await stage.keyOf("bob")).getAccountSummary({})).rejects.toThrow("not authorized");
    const record = stage.refused.at(-1)?.detail;
    const file = join(directory, "record.json");
    await writeFile(file, JSON.stringify(record, null, 2));
    const text = await explain([file]);
    expect(text.stdout).toContain("Denied, since nothing allows it");
    expect(text.stdout).toContain('"Action": "iam:GetAccountSummary"');
    expect(text.status).toBe(1);
    // As `aws cloudtrail lookup-events` prints it.
    const looked = JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(record) }] });
    const json = await explain(["-", "--format", "json"], looked);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      explanations: [
        {
          request: { principal: bob.arn, action: "iam:GetAccountSummary" },
          told: { layer: "identity", decision: "implicitDeny" },
          verdict: "changePolicies",
          obstacles: [{ layer: "identity", change: { kind: "addStatement" } }],
        },
      ],
    });
    expect(json.status).toBe(1);
  });

  test("reads what CloudWatch Logs print, and no call that failed for what no policy decides", async () => {
    const record = JSON.parse(readFileSync("docs/explain.sample.json", "utf8"));
    const others = [
      { errorCode: "NoSuchEntityException", errorMessage: "The user with name x cannot be found." },
      { errorCode: "ThrottlingException", errorMessage: "Rate exceeded" },
      { errorMessage: "Failed authentication" },
    ].map((failure) => ({ ...record, errorCode: undefined, ...failure }));
    const printed = (records: readonly object[]) =>
      JSON.stringify({ events: records.map((each) => ({ timestamp: 1, message: JSON.stringify(each) })) });
    const userIdentity = { ...record.userIdentity, arn: bob.arn };
    const { status, stdout, stderr } = await explain(
      ["-", "--limit", "1"],
      printed([...others, { ...record, userIdentity }]),
    );
    expect(stdout).toContain(`iam:CreateUser on ${record.errorMessage.match(/resource: (\S+)/)?.[1]}`);
    expect(stderr).toBe("warden: 3 more calls in the file failed for what no policy decides\n");
    expect(status).toBe(1);
    const none = await explain(["-"], printed(others));
    expect(none.stderr).toContain(
      "holds 3 failed calls, none of which a policy refused: NoSuchEntityException, ThrottlingException, Failed authentication",
    );
    expect(none.status).toBe(2);
  });

  test("asks a local run where --local says so", async () => {
    const args = ["explain", "--local", server.url, ...asBob, "s3:PutObject", "--format", "json"];
    const { status, stdout } = await runWarden(args, { credentials });
    expect(JSON.parse(stdout).explanations).toMatchObject([{ verdict: "changePolicies" }]);
    expect(status).toBe(1);
  });

  test("says that it cannot tell where a part may not be read", async () => {
    const role = account.roles.get("organizationaccountaccessrole");
    const whole = role?.inlinePolicies.get("explain") ?? "";
    role?.inlinePolicies.set("explain", whole.replace('"iam:GetUserPolicy",', ""));
    const { status, stdout } = await explain([...asBob, "s3:PutObject", "--resource", "arn:aws:s3:::reports/q3"]);
    role?.inlinePolicies.set("explain", whole);
    expect(stdout).toContain("iam:GetUserPolicy was denied");
    expect(status).toBe(3);
  });

  test.each<[args: string[], told: RegExp]>([
    [[], /Name a file .* or say who and what/],
    [["--principal", bob.arn], /--principal needs --action/],
    [[...asBob, "s3"], /--action "s3": write one action/],
    [["--principal", "bob", "--action", "s3:GetObject"], /--principal is "bob"; write an ARN, such as arn:/],
    [[...asBob, "sts:AssumeRole"], /needs --resource: the ARN of the role/],
    [[...asBob, "s3:GetObject", "--context", "mfa"], /write KEY=VALUE/],
    [["--principal", `${bob.arn}by`, "--action", "s3:GetObject"], /There is no user bobby/],
    [["/nowhere.json"], /Cannot read a CloudTrail record from \/nowhere.json/],
  ])("says of %j what would be right", async (args, told) => {
    const { status, stderr } = await explain(args);
    expect(stderr).toMatch(told);
    expect(status).toBe(2);
  });

  test("says of what is no record why", async () => {
    const { status, stderr } = await explain(["-"], '{"Events": [{"CloudTrailEvent": "{"}]}\n{"eventName": 7}\n');
    expect(stderr).toMatch(/holds no CloudTrail record: line 1: .*; line 2: record: eventName/);
    expect(status).toBe(2);
  });

  test("says that a log without a refused call has none", async () => {
    const record = { eventName: "GetUser", eventSource: "iam.amazonaws.com" };
    const { status, stderr } = await explain(["-"], JSON.stringify(record));
    expect(stderr).toContain("holds 1 records, none of a refused call");
    expect(status).toBe(2);
  });
});
