import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { run } from "../support/peers.ts";
import { launcher } from "../support/warden-process.ts";

/** A Node on this machine that is too old for the command. */
const olderNode = async (): Promise<string | undefined> => {
  const { stdout } = await run("bash", ["-c", "which -a node"]);
  for (const path of new Set(stdout.trim().split("\n"))) {
    const version = await run(path, ["--version"]);
    if (Number(/^v(\d+)/.exec(version.stdout)?.[1] ?? 24) < 24) return path;
  }
  return undefined;
};

const older = await olderNode();
if (older === undefined) console.warn("skipped: started by an older Node: there is none on this machine");

describe.runIf(older !== undefined)("started by an older Node, in whatever folder", () => {
  const node = older ?? "";

  it("the command runs by the one that npm ci installed, with its exit code", async () => {
    const elsewhere = (...args: string[]) =>
      run("bash", ["-c", 'cd / && "$0" "$@"', node, launcher, ...args], { input: "nothing" });
    expect(await elsewhere("controls")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^CONTROL/) });
    const refused = await elsewhere("lint", "-");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("stdin:1:1: ") });
  });

  it("ends when it is told to", async () => {
    const child = spawn(node, [launcher, "lint", "-"], { stdio: ["pipe", "ignore", "ignore"] });
    await once(child, "spawn");
    child.kill("SIGTERM");
    const [code, signal] = await once(child, "close");
    expect(code === null ? signal : code).not.toBe(0);
  });
});
