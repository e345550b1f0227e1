import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
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

test.each([
  ["npx warden", bin.warden, /^warden needs Node 24 or newer; this is v20\.20\.2\. .*`npm ci`.*\n$/],
  [
    "npm start",
    scripts.start.replace(/^node /, ""),
    /^npm start needs Node 24 or newer; this is v20\.20\.2\. .*`npm ci`.*\n$/,
  ],
])("%s says what an older Node lacks, and what to do", (_command, file, says) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", older, file, "--help"], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(says);
});
