import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PeerVerdict, type PolicyCase, readCases } from "../../scripts/score/case.ts";
import { judgeCase } from "../../scripts/score/checks.ts";
import { scorePage } from "../../scripts/score/page.ts";
import { reasons } from "../../scripts/score/reasons.ts";
import { scoreCases } from "../../scripts/score/tally.ts";

const allow = (action: string | readonly string[], more: object = {}) => ({
  Statement: [{ Effect: "Allow", Action: action, Resource: "*", ...more }],
});

const caseOf = (check: string, input: PolicyCase["input"], expected: PeerVerdict = "FAIL", id = "x-1"): PolicyCase => ({
  ...{ id, family: "some", check, input, expected },
  evaluatedAt: new Date("2026-11-20T08:00:00.000Z"),
});
const escalation = "lib:privilege_escalation";
const row = (over: Readonly<Record<string, string>>) => ({
  credential_report_row: {
    user: "bob",
    user_creation_time: "2020-01-01T00:00:00+00:00",
    password_enabled: "false",
    password_last_used: "N/A",
    password_last_changed: "N/A",
    mfa_active: "false",
    access_key_1_active: "false",
    access_key_1_last_rotated: "N/A",
    access_key_1_last_used_date: "N/A",
    access_key_2_active: "false",
    access_key_2_last_rotated: "N/A",
    access_key_2_last_used_date: "N/A",
    ...over,
  },
});
const oldKey = { access_key_1_active: "true", access_key_1_last_rotated: "2026-01-01T00:00:00+00:00" };
const admin = "arn:aws:iam::aws:policy/AdministratorAccess";
const roleOf = (attached: readonly string[], principal: object, more: object = {}) => ({
  role: {
    name: "app",
    arn: "arn:aws:iam::123456789012:role/app",
    attached_policies: attached.map((arn) => ({ PolicyArn: arn })),
    assume_role_policy: { Statement: { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more } },
  },
});

describe("judgeCase", () => {
  test.each<[string, string, PolicyCase["input"], string]>([
    ["whoever has it escalates", escalation, { policy_document: allow("iam:CreateAccessKey") }, "finding"],
    ["an administrator escalates as well", escalation, { policy_document: allow("*") }, "finding"],
    [
      "root credentials that are managed centrally",
      "iam_root_credentials_management_enabled",
      { organization_features: ["RootSessions", "RootCredentialsManagement"] },
      "no finding",
    ],
    [
      "root credentials that are not",
      "iam_root_credentials_management_enabled",
      { organization_features: [] },
      "finding",
    ],
    ["reading is no escalation", escalation, { policy_document: allow("s3:Get*") }, "no finding"],
    [
      "what stands on a user is judged of a user",
      escalation,
      { policy_document: allow("iam:AddUserToGroup"), attached_to: "arn:aws:iam::123456789012:user/bob" },
      "finding",
    ],
    [
      "what nobody has is left alone",
      "iam_policy_no_full_access_to_kms",
      { policy_document: allow("kms:*"), attached: false, scan_unused_services: false },
      "no finding",
    ],
    ["a whole service", "iam_policy_no_full_access_to_kms", { policy_document: allow("kms:*") }, "finding"],
    ["another service", "iam_policy_no_full_access_to_kms", { policy_document: allow("ec2:*") }, "no finding"],
    ["an element that nobody knows", escalation, { policy_document: allow("iam:*", { Odd: "1" }) }, "unknown"],
    [
      "AWS's policy by its name",
      "iam_role_administratoraccess_policy",
      roleOf([admin], { AWS: "123456789012" }),
      "finding",
    ],
    ["no policy", "iam_role_administratoraccess_policy", roleOf([], { AWS: "123456789012" }), "no finding"],
    [
      "a policy that the case does not have",
      "iam_role_administratoraccess_policy",
      roleOf(["arn:aws:iam::123456789012:policy/AdministratorAccess"], { AWS: "123456789012" }),
      "unknown",
    ],
    [
      "an outside account",
      "iam_role_cross_account_readonlyaccess_policy",
      roleOf([], { AWS: "arn:aws:iam::999999999999:root" }),
      "finding",
    ],
    [
      "an outside account with an external id",
      "iam_role_cross_account_readonlyaccess_policy",
      roleOf(
        [],
        { AWS: "arn:aws:iam::999999999999:root" },
        { Condition: { StringEquals: { "sts:ExternalId": "s3cret" } } },
      ),
      "no finding",
    ],
    ["an old key", "iam_rotate_access_key_90_days", row(oldKey), "finding"],
    ["no key", "iam_rotate_access_key_90_days", row({}), "no finding"],
    ["a password without MFA", "iam_user_mfa_enabled_console_access", row({ password_enabled: "true" }), "finding"],
    ["root with a key", "iam_no_root_access_key", row({ ...oldKey, user: "<root_account>" }), "finding"],
    [
      "a condition on another account",
      "lib:condition_restricts_to_account",
      {
        condition: { StringEquals: { "aws:SourceAccount": "999999999999" } },
        source_account: "123456789012",
        is_cross_account_allowed: false,
      },
      "finding",
    ],
    ["everyone", "lib:public_principal", { statement: { Principal: { AWS: ["*"] } } }, "finding"],
    ["one account", "lib:public_principal", { statement: { Principal: { AWS: "123456789012" } } }, "no finding"],
  ])("%s", (_, check, input, says) => {
    expect(judgeCase(caseOf(check, input))).toEqual({ says, by: expect.stringMatching(/./) });
  });

  test("says nothing of a check that nobody has put to us", () => {
    expect(judgeCase(caseOf("constructor", {}))).toEqual({
      notJudged: "Nobody has said yet how the check constructor is put to us.",
    });
  });
});

describe("scoreCases", () => {
  const right = caseOf(escalation, { policy_document: allow("iam:*") }, "FAIL", "x-right");
  const wrong = caseOf(escalation, { policy_document: allow("iam:*") }, "PASS", "x-wrong");
  const unclear = caseOf(escalation, { policy_document: allow("iam:*", { Odd: "1" }) }, "FAIL", "x-unclear");
  const silent = caseOf(escalation, { policy_document: allow("s3:Get*") }, "SKIP", "x-silent");
  const other = { ...caseOf("some_check", {}, "FAIL", "x-other"), family: "other" };
  const all = [right, wrong, unclear, silent, other];

  test("counts what both say, by family", () => {
    const { families, total, problems } = scoreCases(all, { "x-wrong": "Because.", "x-unclear": "Since." });
    expect(families).toEqual([
      { family: "other", cases: 1, agree: 0, disagree: 0, notJudged: 1 },
      { family: "some", cases: 4, agree: 2, disagree: 2, notJudged: 0 },
    ]);
    expect(total).toEqual({ cases: 5, agree: 2, disagree: 2, notJudged: 1 });
    expect(problems).toEqual([]);
  });

  test("tells of a disagreement without a reason, and a reason without a disagreement", () => {
    const by = "privilege-escalation-path, admin-policy";
    expect(scoreCases(all, { "x-wrong": "Because.", "x-right": "Why?" }).problems).toEqual([
      `x-unclear (${escalation}): the peer says FAIL, we say unknown (${by}), and no reason says why.`,
      "x-right: there is a reason, and no disagreement.",
    ]);
  });

  test("writes no more of a case than its id, its check and what is said of it", () => {
    const page = scorePage(scoreCases(all, { "x-wrong": "Because.", "x-unclear": "Since." }));
    expect(page).toContain(
      `| x-wrong | \`${escalation}\` | PASS | finding | privilege-escalation-path, admin-policy | Because. |`,
    );
    expect(page).toContain("**2 of the 4 cases that we judge**");
    expect(page).not.toContain("iam:*");
  });
});

describe("readCases", () => {
  const line = JSON.stringify({ id: "x-1", family: "some", check: "c", input: {}, expected: "PASS", more: 1 });

  test("reads JSON Lines, and leaves alone what it does not know", () => {
    expect(readCases(`${line}\n\n`)).toEqual([{ id: "x-1", family: "some", check: "c", input: {}, expected: "PASS" }]);
  });

  test.each([
    ["what is not JSON", "{", /^line 2 is not JSON$/],
    [
      "another verdict",
      JSON.stringify({ ...JSON.parse(line), id: "x-2", expected: "MAYBE" }),
      /^line 2 is no case: .*"PASS"/s,
    ],
    ["a case twice", line, /^line 2: case x-1 stands in line 1 already$/],
  ])("refuses %s, and says where", (_, second, message) => {
    expect(() => readCases(`${line}\n${second}`)).toThrow(message);
  });
});

describe("npm run score", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "warden-score-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("fails, and leaves the page as it is, where reasons and disagreements do not meet", async () => {
    const path = join(folder, "cases.jsonl");
    await writeFile(
      path,
      `${JSON.stringify({ id: "x-1", family: "some", check: "c", input: {}, expected: "PASS" })}\n`,
    );
    const before = await readFile("docs/policy-score.md", "utf8");
    const run = promisify(execFile)(process.execPath, ["scripts/score.ts", path]);
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is a reason, and no disagreement"),
    });
    expect(await readFile("docs/policy-score.md", "utf8")).toBe(before);
  });
});

test("the page gives the reasons that stand in the project, and the README its figure", async () => {
  const page = await readFile("docs/policy-score.md", "utf8");
  const rows = [...page.matchAll(/^\| ([a-z]+-\d+) \|.* \| ([^|]+) \|$/gm)].map(([, id, why]) => [id, why]);
  expect(rows).toEqual(Object.entries(reasons));
  const [, figure = "nothing"] = /\*\*(\d+ of the \d+ cases that we judge)\*\*/.exec(page) ?? [];
  expect(await readFile("README.md", "utf8")).toContain(`[${figure}](docs/policy-score.md)`);
});
