import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const { bin, scripts } = createRequire(import.meta.url)("../package.json") as {
  bin: { warden: string };
  scripts: { start: string };
};

/** What an older Node says of itself; it could not load the TypeScript either. */
const older = `data:text/javascript,${encodeURIComponent(`
  Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
  Object.defineProperty(process, "version", { value: "v20.20.2" });
`)}`;

const run = (file: string, env: NodeJS.ProcessEnv = process.env) =>
  spawnSync(process.execPath, ["--import", older, file, "--help"], { encoding: "utf8", env, timeout: 30_000 });
const needsNode = /^warden needs Node 24 or newer; this is v20\.20\.2\. .*`npm ci`.*\n$/;

test("npx warden runs by its own Node where it is started by an older one", () => {
  const { status, stdout, stderr } = run(bin.warden);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("Usage: warden");
});

test("npx warden says what an older Node lacks where it has none of its own, or that is as old", () => {
  const folder = mkdtempSync(join(tmpdir(), "iam-warden-launch-"));
  try {
    const alone = join(folder, "launch.js");
    copyFileSync(bin.warden, alone);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    for (const { status, stdout, stderr } of [
      run(alone),
      run(bin.warden, { ...process.env, IAM_WARDEN_RELAUNCHED: "1" }),
    ]) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(needsNode);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [
    "npm start",
    scripts.start.replace(/^node /, ""),
    /^npm start needs Node 24 or newer; this is v20\.20\.2\. .*`npm ci`.*\n$/,
  ],
])("%s says what an older Node lacks, and what to do", (_command, file, says) => {
  const { status, stdout, stderr } = run(file);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(says);
});
