import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };
import { afterAll, describe, expect, test } from "vitest";
import type { LintReport } from "../../shared/lint/report.ts";
import { fixture } from "../lint/linting.ts";
import { accepts } from "../support/json-schema.ts";
import { runWarden } from "../support/warden-process.ts";

const folder = mkdtempSync(join(tmpdir(), "iam-warden-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const policy = (statement: object, version = "2012-10-17") =>
  JSON.stringify({ Version: version, Statement: [statement] }, null, 2);
const good = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" });
const low = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" }, "2008-10-17");
const high = policy({ Effect: "Allow", Action: "GetObject", Resource: "*" });
const lintOf = (args: readonly string[], input?: string) =>
  runWarden(["lint", ...args], input === undefined ? {} : { input });

describe("warden lint", () => {
  test("tells people what is wrong, where, and how bad it is, and by default fails on what is high", async () => {
    const file = write(
      "bad.template.yaml",
      fixture("bad.template.yaml").replace(/ {2}Nowhere:[\s\S]*?(?= {2}Function:)/, ""),
    );
    const { status, stdout, stderr } = await lintOf([file]);
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout.startsWith(`${file}\n`)).toBe(true);
    expect(stdout).toMatch(/^14:3 +medium +role-without-boundary +App: Role bad-App has no/m);
    expect(stdout).toMatch(/^53:13 +high +malformed-policy +Typo: Statement\[0\]/m);
    expect(stdout).toMatch(/Not judged:\nPLACE {2}WHY\n[\s\S]*\n37:3 {3}Bounded: «TeamBoundary» is not known before/);
    expect(stdout).toMatch(/^\d+ findings \(.*4 high, .* in 1 file; \d+ not judged; 0 problems with the input$/m);
  });

  test.each([
    ["low, by default", low, [], 0],
    ["low, if that fails", low, ["--fail-on", "low"], 1],
    ["high, by default", high, [], 1],
    ["high, if critical fails", high, ["--fail-on", "critical"], 0],
  ])("exits with what --fail-on says: %s", async (_, text, options, expected) => {
    const { status, stdout } = await lintOf([...options, "-"], text);
    expect(status).toBe(expected);
    expect(stdout).toContain("in 1 file;");
  });

  test("with --strict is not done where something could not be judged", async () => {
    const template = JSON.stringify({
      Parameters: { B: { Type: "String" } },
      Resources: {
        R: {
          Type: "AWS::IAM::Role",
          Properties: {
            PermissionsBoundary: { Ref: "B" },
            AssumeRolePolicyDocument: {
              Version: "2012-10-17",
              Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
            },
          },
        },
      },
    });
    const statusOf = async (...options: string[]) => (await lintOf([...options, "-"], template)).status;
    expect(await statusOf("--fail-on", "medium")).toBe(0);
    expect(await statusOf("--strict", "--fail-on", "medium")).toBe(3);
    const given = ["--parameter", "B=arn:aws:iam::111122223333:policy/b"];
    expect(await statusOf("--strict", "--fail-on", "medium", ...given)).toBe(0);
    const misspelt = await lintOf(["--parameter", "BB=arn:aws:iam::111122223333:policy/b", "-"], template);
    expect(misspelt.stderr).toContain("warden: --parameter: no template has a parameter BB; did you mean B?");
    expect(misspelt.status).toBe(2);
  });

  test("tells an organization that it is told the id of from others, and leaves open what it is not", async () => {
    const trusting = (key: string, value: unknown) => ({
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: {
            ...{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
            Condition: { StringEquals: { [key]: value } },
          },
        },
      },
    });
    const Resources = {
      Own: trusting("aws:PrincipalOrgID", "o-example1234"),
      Other: trusting("aws:PrincipalOrgID", "o-other123456"),
      Open: trusting("aws:PrincipalOrgID", { Ref: "P" }),
      OpenAccount: trusting("aws:PrincipalAccount", { Ref: "P" }),
    };
    const template = JSON.stringify({ Parameters: { P: { Type: "String" } }, Resources });
    const told = async (...options: string[]) => {
      const { stdout } = await lintOf(["-", "--format", "json", ...options], template);
      const { findings, unknown }: LintReport = JSON.parse(stdout);
      const rule = "external-trust-without-external-id";
      return {
        found: findings.filter((one) => one.rule === rule).map(({ address }) => address),
        open: unknown.filter(({ control }) => control === rule).map(({ address }) => address),
      };
    };
    const accounts = ["--organization-accounts", "444455556666"];
    expect(await told()).toEqual({ found: [], open: ["Own", "Other", "Open", "OpenAccount"] });
    expect(await told(...accounts)).toEqual({ found: [], open: ["Own", "Other", "Open", "OpenAccount"] });
    expect(await told("--organization-id", "o-example1234", ...accounts)).toEqual({
      found: ["Other"],
      open: ["Open", "OpenAccount"],
    });
    const { status, stderr } = await lintOf(["--organization-id", "o-example1234", "-"], template);
    expect([status, stderr]).toEqual([2, expect.stringContaining("needs --organization-accounts")]);
  });

  test("tells what it cannot read, line and all, and judges the other files", async () => {
    const [broken, other, fine] = [
      write("broken.json", '{\n  "Statement": [\n'),
      write("package.json", '{"name": "x"}'),
      write("high.json", high),
    ];
    const missing = join(folder, "nobody.json");
    const { status, stdout, stderr } = await lintOf([broken, other, folder, missing, fine]);
    expect(status).toBe(2);
    expect(stderr.split("\n").slice(0, -1)).toEqual([
      `warden: ${folder}: is a directory; name the files in it, such as ${folder}/*.template.json`,
      expect.stringContaining(`warden: ${missing}: cannot be read: `),
      `warden: ${broken}:3:1: the end of the text stands where a JSON value belongs`,
      expect.stringMatching(
        /package\.json:1:1: this is no policy document \(a Statement\), no CloudFormation template/,
      ),
    ]);
    expect(stdout).toContain("malformed-policy");
    expect(stdout).toContain("1 finding (1 high) in 3 files; 0 not judged; 4 problems with the input");
  });

  test.each([
    ["main.tf", 'resource "aws_iam_role" "x" {}\n'],
    ["modules.tf", 'module "x" {\n  source = "./x"\n  for_each = { for k, v in local.all : k => v }\n}\n'],
    ["plan.out", "PK\u0003\u0004\0\0plan"],
    ["-", 'variable "name" {\n  type = string\n}\n'],
  ])("tells how Terraform's own files are judged: %s", async (name, text) => {
    const { status, stderr } = await (name === "-" ? lintOf(["-"], text) : lintOf([write(name, text)]));
    expect(status).toBe(2);
    expect(stderr).toContain("is read as `terraform show -json` prints it");
    expect(stderr).toContain("terraform plan -out plan.out && terraform show -json plan.out | npx warden lint -");
  });

  test("names a policy that stands for itself by what it is", async () => {
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "*", Resource: "*" },
    });
    const { stdout } = await lintOf(["-"], policy);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "Role with-this-policy is an administrator: managed policy this-policy (Statement[0]) allows it everything.",
    );
  });

  test("goes by the settings, by account too", async () => {
    const settings = write(
      "settings.yaml",
      'version: 1\ncontrols: { role-without-boundary: { scopes: [{ account: "444455556666", mode: off }] } }\n',
    );
    const file = write("bad.tfplan.json", fixture("bad.tfplan.json"));
    const rules = async (...options: string[]) => {
      const { stdout } = await lintOf([file, "--settings", settings, "--format", "json", ...options]);
      return JSON.parse(stdout).findings.map(({ rule }: { rule: string }) => rule);
    };
    expect(await rules()).toContain("role-without-boundary");
    expect(await rules("--account", "444455556666")).not.toContain("role-without-boundary");
  });

  test.each([
    [["--account", "1"], "An account id is twelve digits"],
    [["--parameter", "x"], "Write it as Name=value"],
  ])("refuses %j", async (options, message) => {
    const { status, stderr } = await lintOf(["-", ...options], good);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("prints JSON with every place and the page that helps", async () => {
    const { stdout } = await lintOf(["--format", "json", "-"], high);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      files: ["stdin"],
      findings: [
        {
          rule: "malformed-policy",
          severity: "high",
          location: { file: "stdin", line: 4, column: 5, endLine: 8, endColumn: 6 },
          related: [],
          address: "",
          alsoOf: [],
          reason: 'Statement[0]: "GetObject" is no action; write service:Name, such as s3:GetObject.',
          evidence: {},
          guidance: "docs/lint.md#malformed-policy",
        },
      ],
      unknown: [],
      unread: [],
      problems: [],
    });
  });
});

/** The schema of SARIF 2.1.0 that Microsoft's tools check logs with. */
const schema = JSON.parse(JSON.stringify(sarifSchema));

describe("SARIF", () => {
  const sarifOf = async (...args: string[]) => JSON.parse((await lintOf(["--format", "sarif", ...args])).stdout);

  test("is valid by its schema, of findings, of what is not judged, and of nothing", async () => {
    const files = [
      write("a b.yaml", fixture("bad.template.yaml")),
      write("plan.json", fixture("bad.tfplan.json")),
      folder,
    ];
    const full = await sarifOf(...files);
    const [{ results, tool, invocations }] = full.runs;
    expect(results.length).toBeGreaterThan(10);
    expect(invocations[0].executionSuccessful).toBe(false);
    expect(invocations[0].toolExecutionNotifications.length).toBeGreaterThan(2);
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toContain("role-without-boundary");
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(accepts(schema, full)).toBe(true);
    const empty = await sarifOf(write("good.json", good));
    expect(empty.runs[0].results).toEqual([]);
    expect(accepts(schema, empty)).toBe(true);
    results[0].level = "bad";
    expect(accepts(schema, full)).toBe(false);
  });

  test("has paths below the folder that it runs in, as code scanning wants them, and a fingerprint that lines do not change", async () => {
    const here = mkdtempSync("sarif-");
    try {
      const file = join(here, "a b.json");
      const resultOf = async (text: string) => {
        writeFileSync(file, text);
        const [{ results }] = (await sarifOf(relative(process.cwd(), file))).runs;
        return results[0];
      };
      const [one, other] = [await resultOf(high), await resultOf(`\n\n${high}`)];
      expect(one.locations[0].physicalLocation).toEqual({
        artifactLocation: { uri: `${here}/a%20b.json` },
        region: { startLine: 4, startColumn: 5, endLine: 8, endColumn: 6 },
      });
      expect(other.locations[0].physicalLocation.region.startLine).toBe(6);
      expect(other.partialFingerprints).toEqual(one.partialFingerprints);
    } finally {
      rmSync(here, { recursive: true });
    }
  });

  test("goes to a file whole", async () => {
    const out = join(folder, "lint.sarif");
    const { stdout } = await lintOf(["--format", "sarif", "--out", out, write("high.json", high)]);
    expect(stdout).toBe("");
    expect(JSON.parse(readFileSync(out, "utf8")).version).toBe("2.1.0");
  });
});
