import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fixture, lintText } from "../lint/linting.ts";
import { organization } from "../support/facts.ts";

/** A folder with the AWS provider, as `terraform init -plugin-dir` takes it: nothing is downloaded in a test. */
const pluginFolder = process.env.IAM_WARDEN_TERRAFORM_PLUGINS;
const folder = mkdtempSync(join(tmpdir(), "warden-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));

const terraform = (...args: readonly string[]): string => {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" };
  const { status, stdout, stderr } = spawnSync("terraform", [...args], { cwd: folder, encoding: "utf8", env });
  expect(status, stderr).toBe(0);
  return stdout;
};

const judged = (text: string) => {
  const { findings, unknown, problems } = lintText(text, "plan.json", { organization });
  return { found: findings.map(({ rule, address }) => `${rule} ${address}`).toSorted(), unknown, problems };
};

describe("a plan that Terraform writes here", () => {
  it("is judged as the one that was kept", ({ skip }) => {
    if (spawnSync("terraform", ["version"]).status !== 0) return skip("terraform is not installed");
    if (pluginFolder === undefined) return skip("IAM_WARDEN_TERRAFORM_PLUGINS names no folder with the AWS provider");
    cpSync(fileURLToPath(new URL("../lint/fixtures/flawed", import.meta.url)), folder, { recursive: true });
    terraform("init", "-input=false", `-plugin-dir=${pluginFolder}`);
    terraform("plan", "-input=false", "-out=plan.out");
    const kept = judged(fixture("flawed/plan.tfshow"));
    expect(kept.found.length).toBeGreaterThan(15);
    expect(judged(terraform("show", "-json", "plan.out"))).toEqual(kept);
  }, 240_000);
});
