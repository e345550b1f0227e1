import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenerateCredentialReportCommand, IAMClient } from "@aws-sdk/client-iam";
import type { AwsCredentialIdentity } from "@smithy/types";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditReport } from "../../cli/audit/report.ts";
import {
  addGroup,
  addRole,
  addUser,
  administratorAccess,
  strictPasswordPolicy,
  trusting,
} from "../../sandbox/iam/state.ts";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { type AccountState, addAccount } from "../../sandbox/state.ts";
import { findingId } from "../../shared/findings/finding.ts";
import { run } from "../support/peers.ts";
import { runWarden } from "../support/warden-process.ts";

/** What the README says that an audit needs, where it is run and in other accounts. */
const needed = /```json\n(\{[^`]*"ReadTheAccount"[^`]*\})\n```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
const auditing = () => ({ inlinePolicies: new Map([["audit", needed]]) });
/** The same for who names another role. */
const throughAnother = needed.replace("OrganizationAccountAccessRole", "SecurityAudit");

const dayMs = 86_400_000;
// The command has the machine's clock: the organization is made 200 days ago and then brought to the present.
const sandbox = createSandbox({ start: new Date(Date.now() - 200 * dayMs) });
const { state, ids, clock } = sandbox;
const created = clock.now();
const managementId = state.organization.managementAccountId;
const management = state.accounts.get(managementId) as AccountState;

const member = (name: string, role: string | undefined): AccountState => {
  const account = addAccount(state, { id: ids.account(), name, joinedAt: created });
  account.passwordPolicy = { ...strictPasswordPolicy };
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${managementId}:root` });
  if (role !== undefined) addRole(account, ids, { name: role, createdAt: created, trustPolicy, ...auditing() });
  return account;
};
const loginProfile = { createdAt: created, changedAt: created, resetRequired: false };
const hardwareMfa = [{ serial: "GAHT12345678", enabledAt: created }];
const key = (id: string, at: Date, status: "Active" | "Inactive" = "Active") => ({
  id,
  secret: "s",
  status,
  createdAt: at,
  lastUsed: { at, service: "s3", region: "us-east-1" },
});

const payments = member("payments", "OrganizationAccountAccessRole");
const hostile = member("evil \u202etxt\u001b[31m\n2 findings", "OrganizationAccountAccessRole");
const locked = member("locked", undefined);

management.root.mfaDevices.push(...hardwareMfa);
state.organization.trustedServices.set("iam.amazonaws.com", created);
for (const feature of ["RootCredentialsManagement", "RootSessions"] as const)
  state.organization.rootFeatures.add(feature);
addGroup(management, ids, {
  name: "auditors",
  createdAt: created,
  inlinePolicies: new Map([
    ["audit", needed],
    ["through-another", throughAnother],
  ]),
});
addUser(management, ids, { name: "auditor", createdAt: created, groups: new Set(["auditors"]) });
addUser(payments, ids, { name: "alice", createdAt: created, loginProfile, passwordLastUsedAt: clock.now() });
addUser(payments, ids, { name: "bob", createdAt: created, loginProfile, mfaDevices: hardwareMfa });
addUser(payments, ids, {
  name: "carol",
  createdAt: created,
  accessKeys: [
    key("AKIAAAAAAAAAAAAAAA01", created),
    key("AKIAAAAAAAAAAAAAAA02", new Date(created.getTime() + dayMs), "Inactive"),
  ],
});
addRole(payments, ids, { name: "deployer", createdAt: created });
addRole(payments, ids, { name: "bounded", createdAt: created, boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess" });
addUser(hostile, ids, { name: "=1+1", createdAt: created, loginProfile });
clock.advance(200 * dayMs);
for (const [account, name] of [
  [payments, "alice"],
  [payments, "bob"],
  [hostile, "=1+1"],
] as const) {
  const user = account.users.get(name);
  if (user) user.passwordLastUsedAt = clock.now();
}
for (const role of payments.roles.values()) role.lastUsed = { at: clock.now(), region: "eu-west-1" };

/** Everything that is wrong in the organization. */
const truth = [
  [payments.id, "console-user-without-mfa", "user", "alice", undefined],
  [payments.id, "role-without-boundary", "role", "deployer", undefined],
  [payments.id, "stale-access-key", "accessKey", "carol", "AKIAAAAAAAAAAAAAAA01"],
  [payments.id, "unused-access-key", "accessKey", "carol", "AKIAAAAAAAAAAAAAAA01"],
  [hostile.id, "console-user-without-mfa", "user", "=1+1", undefined],
] as const;

let server: { url: string; close(): Promise<void> };
let credentials: AwsCredentialIdentity;
let directory: string;
beforeAll(async () => {
  server = await sandbox.listen();
  credentials = sandbox.credentialsFor(managementId, { user: "auditor" });
  directory = await mkdtemp(join(tmpdir(), "iam-warden-audit-"));
  // So that no run waits for the seconds that a report takes.
  for (const { id } of [management, payments, hostile, locked]) {
    const iam = new IAMClient(sandbox.clientConfig(sandbox.credentialsFor(id, "root")));
    let made: string | undefined;
    while (made !== "COMPLETE") made = (await iam.send(new GenerateCredentialReportCommand({}))).State;
  }
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const audit = (...args: string[]) => runWarden(["audit", ...args], { credentials, endpoint: server.url });
const auditJson = async (...args: string[]): Promise<AuditReport & { readonly status: number | null }> => {
  const { status, stdout, stderr } = await audit("--format", "json", ...args);
  if (stdout === "") throw new Error(stderr);
  return { ...JSON.parse(stdout), status };
};

describe("audit", () => {
  test("of an organization finds exactly what is wrong in it, and reports the account that cannot be read", async () => {
    const { status, ...report } = await auditJson("--org");
    expect(Object.keys(report)).toEqual(["version", "startedAt", "finishedAt", "accounts", "findings", "unknown"]);
    expect(report.version).toBe(1);
    expect(new Date(report.startedAt).toISOString()).toBe(report.startedAt);
    expect(report.finishedAt >= report.startedAt).toBe(true);

    expect(report.unknown).toEqual([]);
    const seen = report.findings.map(({ account, control, subject }) => [
      account,
      control,
      subject.kind,
      subject.name,
      subject.accessKeyId,
    ]);
    expect(seen).toEqual(truth.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : 1)));
    for (const { id, account, control, subject } of report.findings)
      expect(id).toBe(findingId(account, control, subject));
    expect(report.findings.find(({ control }) => control === "stale-access-key")).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      control: "stale-access-key",
      severity: "medium",
      account: payments.id,
      subject: {
        kind: "accessKey",
        name: "carol",
        arn: `arn:aws:iam::${payments.id}:user/carol`,
        accessKeyId: "AKIAAAAAAAAAAAAAAA01",
      },
      reason: expect.stringContaining("200 days"),
      evidence: expect.objectContaining({ createdAt: expect.any(String) }),
    });

    expect(report.accounts.map(({ id, name, status: read }) => [id, name, read])).toEqual(
      [management, payments, hostile, locked]
        .map(({ id, name }) => [id, name, id === locked.id ? "failed" : "swept"])
        .sort(),
    );
    expect(report.accounts.find(({ id }) => id === locked.id)).toMatchObject({
      error: expect.stringContaining("sts:AssumeRole was denied"),
      apiCalls: { "sts:AssumeRole": expect.any(Number) },
    });
    expect(status).toBe(3);
  });

  test("assumes the role in every account but its own", async () => {
    const { accounts } = await auditJson("--org");
    const assumed = accounts.filter(({ apiCalls }) => "sts:AssumeRole" in apiCalls).map(({ id }) => id);
    expect(assumed).toEqual([payments.id, hostile.id, locked.id].sort());
  });

  test("costs a handful of calls an account, each counted as the server saw it", async () => {
    const seen = new Map<string, number>();
    const stop = sandbox.intercept(({ caller, service, operation }) => {
      const account = service === "sts" ? "sts" : caller.account.id;
      seen.set(`${account} ${service}:${operation}`, (seen.get(`${account} ${service}:${operation}`) ?? 0) + 1);
    });
    const { accounts } = await auditJson("--account", payments.id);
    stop();
    const calls = accounts[0]?.apiCalls ?? {};
    const { "sts:AssumeRole": assumed, ...iam } = calls;
    expect(assumed).toBe(1);
    for (const [operation, count] of Object.entries(iam)) expect(seen.get(`${payments.id} ${operation}`)).toBe(count);
    const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
    // Twelve to IAM and STS, three that look at the trails, one at the analyzers of the home Region.
    expect(total).toBeLessThanOrEqual(12 + 3 + 1);
  });

  test("by default judges the caller's own account, with the caller's own credentials", async () => {
    const { accounts, findings, status } = await auditJson();
    expect(accounts).toMatchObject([{ id: managementId, name: null, status: "swept" }]);
    expect(accounts[0]?.apiCalls).toMatchObject({
      "sts:GetCallerIdentity": 1,
      "iam:GetAccountAuthorizationDetails": 1,
    });
    expect(accounts[0]?.apiCalls).not.toHaveProperty(["sts:AssumeRole"]);
    expect(findings).toEqual([]);
    expect(status).toBe(0);
  });

  test("judges named accounts, each once, through the role that is named", async () => {
    addRole(locked, ids, {
      name: "SecurityAudit",
      createdAt: created,
      trustPolicy: trusting({ AWS: `arn:aws:iam::${managementId}:root` }),
      ...auditing(),
    });
    const { accounts, status } = await auditJson(
      "--account",
      locked.id,
      "--account",
      locked.id,
      "--role-name",
      "SecurityAudit",
    );
    locked.roles.delete("securityaudit");
    expect(accounts.map(({ id, status: read }) => [id, read])).toEqual([[locked.id, "swept"]]);
    expect(status).toBe(0);
  });

  test("with --control judges only that, and asks only for what that needs", async () => {
    const { findings, accounts } = await auditJson("--account", payments.id, "--control", "role-without-boundary");
    expect(findings.map(({ control }) => control)).toEqual(["role-without-boundary"]);
    expect(Object.keys(accounts[0]?.apiCalls ?? {})).not.toContain("iam:ListAccessKeys");
  });

  test("goes by the settings, and judges a control that they turn off when it is named", async () => {
    const file = join(directory, "settings.yaml");
    await writeFile(
      file,
      "version: 1\ncontrols:\n  stale-access-key:\n    mode: off\n  unused-access-key:\n    options:\n      maxUnusedDays: 300\n",
    );
    const all = await auditJson("--account", payments.id, "--settings", file);
    expect(all.findings.map(({ control }) => control)).toEqual(["console-user-without-mfa", "role-without-boundary"]);
    const named = await auditJson("--account", payments.id, "--settings", file, "--control", "stale-access-key");
    expect(named.findings.map(({ control }) => control)).toEqual(["stale-access-key"]);
  });

  test("gives the same findings, byte for byte, each time", async () => {
    const [first, second] = [await auditJson("--org"), await auditJson("--org")];
    expect(JSON.stringify(second.findings)).toBe(JSON.stringify(first.findings));
    expect(JSON.stringify(second.accounts)).toBe(JSON.stringify(first.accounts));
  });
});

describe("the exit code", () => {
  test.each([
    ["0: findings, but no threshold", ["--account", payments.id], 0],
    ["1: a finding as severe as the threshold", ["--account", payments.id, "--fail-on", "high"], 1],
    ["0: only less severe ones", ["--account", payments.id, "--fail-on", "critical"], 0],
    ["3: an account could not be read", ["--account", locked.id], 3],
    ["1: findings take precedence over an account that could not be read", ["--org", "--fail-on", "low"], 1],
    ["3: an account could not be read, and no finding reaches the threshold", ["--org", "--fail-on", "critical"], 3],
  ])("%s", async (_name, args, expected) => {
    expect((await audit(...args)).status).toBe(expected);
  });

  test("3, not 0, where a control at the threshold could not be judged", async () => {
    const stop = sandbox.intercept(({ operation }) => {
      if (operation === "GetAccountSummary" || operation === "GetCredentialReport")
        throw new AwsError("AccessDenied", "not allowed", 403);
    });
    const gated = await auditJson("--fail-on", "critical");
    const open = await auditJson();
    stop();
    expect(gated.findings).toEqual([]);
    expect(gated.unknown.map(({ control }) => control)).toContain("root-without-mfa");
    expect([gated.status, open.status]).toEqual([3, 0]);
  });
});

describe("the table", () => {
  test("says once for how many subjects a denied read leaves a control open, and names a single one", async () => {
    const stop = sandbox.intercept(({ operation }) => {
      if (operation === "GetCredentialReport") throw new AwsError("AccessDenied", "not allowed", 403);
    });
    const rowsOf = async (account: AccountState) =>
      (await audit("--account", account.id)).stdout.replaceAll(/\s+/g, " ");
    const [many, one] = [await rowsOf(payments), await rowsOf(hostile)];
    stop();
    expect(many).toContain("two-active-access-keys 3 iam:GetCredentialReport was denied");
    expect(one).toContain("two-active-access-keys 1 Cannot tell how many active access keys user =1+1");
  });

  test("tells apart what would be a finding but for a policy that it may not read", async () => {
    const stop = sandbox.intercept(({ operation, service }) => {
      if (service === "organizations" && operation !== "DescribeOrganization")
        throw new AwsError("AccessDeniedException", "not allowed", 400);
    });
    const createdAt = sandbox.clock.now();
    const attachedPolicies = new Set([administratorAccess]);
    addRole(payments, sandbox.ids, { name: "almighty", createdAt, attachedPolicies });
    const { stdout } = await audit("--account", payments.id);
    payments.roles.delete("almighty");
    stop();
    const [, almost = ""] = stdout.split("Found, unless what could not be read takes it away:\n");
    expect(almost).toMatch(/^CONTROL +FINDING\nadmin-policy +Role almighty is an administrator/);
    expect(almost.split("Not judged:")[0]?.replaceAll(/\s+/g, " ")).toContain(
      "Not certain: what limits it could not be read: organizations:",
    );
  });

  test("fits 100 columns where there is no terminal, without colours, and shows hostile names without letting them act", async () => {
    const { stdout, stderr } = await audit("--org");
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(`${stdout}${stderr}`).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    expect(stdout).toContain(`${hostile.id} evil \\u{202e}txt\\u{1b}[31m\\u{a}2 findings`);
    for (const [, control, , name] of truth) {
      expect(stdout).toContain(control);
      expect(stdout).toContain(name);
    }
    expect(stdout).toMatch(
      /^5 findings \(2 high, 3 medium\); 0 not judged\n3 accounts read, 1 could not be read; \d+ AWS calls\n$/m,
    );
    expect(stdout).toMatch(new RegExp(`^${locked.id}  locked: AccessDeniedError: sts:AssumeRole was denied`, "m"));
    expect(stderr).toContain(`account ${locked.id} could not be read`);
  });

  test("counts one thing as one", async () => {
    const { stdout } = await audit("--account", hostile.id);
    expect(stdout).toMatch(
      /^1 finding \(1 high\); 0 not judged\n1 account read, 0 could not be read; \d+ AWS calls\n$/m,
    );
  });

  test("is coloured where the environment asks for it, unless NO_COLOR is set", async () => {
    const coloured = (env: NodeJS.ProcessEnv) =>
      runWarden(["audit", "--account", payments.id], { credentials, endpoint: server.url, env });
    expect((await coloured({ FORCE_COLOR: "1" })).stdout).toContain("\u001b[31mhigh\u001b[39m");
    expect((await coloured({ NO_COLOR: "1" })).stdout).not.toContain("\u001b");
  });
});

describe("the CSV", () => {
  test("has a row for each finding and each account that could not be read, and no formula", async () => {
    const { stdout } = await audit("--org", "--format", "csv");
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    expect(rows).toHaveLength(truth.length + 1);
    expect(rows.filter(({ outcome }) => outcome === "failed")).toMatchObject([
      { account: locked.id, accountName: "locked" },
    ]);
    expect(rows.find(({ account, outcome }) => account === hostile.id && outcome === "violation")).toMatchObject({
      subjectName: "'=1+1",
      severity: "high",
      control: "console-user-without-mfa",
    });
    expect(rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
  });
});

describe("where the result goes", () => {
  test("--out writes the whole file, prints nothing, and leaves nothing else", async () => {
    const place = await mkdtemp(join(directory, "out-"));
    const { status, stdout } = await audit(
      "--account",
      payments.id,
      "--format",
      "json",
      "--out",
      join(place, "report.json"),
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(await readdir(place)).toEqual(["report.json"]);
    expect(JSON.parse(await readFile(join(place, "report.json"), "utf8")).findings).toHaveLength(4);
  });

  test("--out follows a link, and writes to what is no file without replacing it", async () => {
    const place = await mkdtemp(join(directory, "out-"));
    await writeFile(join(place, "kept.csv"), "old");
    await symlink(join(place, "kept.csv"), join(place, "link.csv"));
    await audit("--account", payments.id, "--format", "csv", "--out", join(place, "link.csv"));
    expect((await lstat(join(place, "link.csv"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(place, "kept.csv"), "utf8")).toMatch(/^outcome,id,/);

    const pipe = join(place, "pipe");
    await run("mkfifo", [pipe]);
    const [{ stdout }] = await Promise.all([
      run("cat", [pipe]),
      audit("--account", payments.id, "--format", "csv", "--out", pipe),
    ]);
    expect(stdout).toMatch(/^outcome,id,/);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  test("a reader that stops early ends it quietly", async () => {
    const shell = await run("bash", [
      "-c",
      '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}" >&2',
      process.execPath,
      "cli/launch.js",
      "controls",
    ]);
    expect(shell.stdout).toMatch(/^CONTROL/);
    expect(shell.stderr.trim()).toBe("0");
    const child = spawn(process.execPath, ["cli/launch.js", "controls", "--format", "json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, "close");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

test("an account that is in no organization is told so", async () => {
  const alone = createSandbox();
  const account = alone.state.accounts.get(alone.state.organization.managementAccountId) as AccountState;
  account.standalone = true;
  const { url, close } = await alone.listen();
  const { status, stderr } = await runWarden(["audit", "--org"], {
    credentials: alone.credentialsFor(account.id, "root"),
    endpoint: url,
  });
  await close();
  expect(stderr).toContain("This account is not in an organization");
  expect(status).toBe(2);
});

test("a member that may not list the organization is told who may", async () => {
  const { status, stderr } = await runWarden(["audit", "--org"], {
    credentials: sandbox.credentialsFor(payments.id, { user: "alice" }),
    endpoint: server.url,
  });
  expect(stderr).toContain("--org needs the management account or a delegated administrator");
  expect(status).toBe(2);
});
