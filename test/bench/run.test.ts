import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { addRole, administratorAccess } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";

const bench = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, ["bench/run.ts", ...args], {
    cwd: new URL("../..", import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.err += chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...text };
};

describe("npm run bench", () => {
  it("measures another server's account over HTTP, counts the calls itself, and writes only what it is asked to", async () => {
    const sandbox = createSandbox({ start: new Date() });
    const { managementAccountId } = sandbox.state.organization;
    const account = sandbox.state.accounts.get(managementAccountId);
    if (account === undefined) throw new Error("no account");
    addRole(account, sandbox.ids, {
      name: "bench",
      createdAt: sandbox.clock.now(),
      attachedPolicies: new Set([administratorAccess]),
    });
    const {
      accessKeyId,
      secretAccessKey,
      sessionToken = "",
    } = sandbox.credentialsFor(managementAccountId, { role: "bench" });
    const environment = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: "us-east-1",
    };
    let calls = 0;
    sandbox.intercept(({ service }) => {
      if (service !== "sts") calls += 1;
    });
    const server = await sandbox.listen();
    try {
      const { code, out } = await bench(["--endpoint", server.url], environment);
      expect(code).toBe(0);
      expect(out).toContain("## 0 users and 1 roles");
      expect(account.users.size).toBe(0);
      const counted = [...out.matchAll(/^\| [^|]+ \| (\d+) \|/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
      // Four sweeps, as printed, and the one bulk read before the evaluation.
      expect(calls - counted).toBe(7 + 3 + 2); // IAM, trails, analyzers and what they found

      const seeded = await bench(["--endpoint", server.url, "--seed-users", "4", "--seed-roles", "2"], environment);
      expect(seeded.code).toBe(0);
      expect(seeded.out).toContain("## 4 users and 3 roles");
    } finally {
      await server.close();
    }
  });

  it("needs no more calls than are allowed once nothing changes", async () => {
    const { out, err } = await bench(["--size", "small"]);
    expect(out).toContain("| second, nothing changed |");
    // How long it takes, and how much memory, is another machine's on another day.
    expect(err).not.toContain("calls to IAM and STS");
  });

  it.each([
    [["--size", "medium"]],
    [["--endpoint", "nowhere"]],
    [["--seed-users", "5"]],
    [["--endpoint", "http://127.0.0.1:1", "--write"]],
    [["--endpoint", "http://127.0.0.1:1", "--seed-roles", "many"]],
    [["--fast"]],
  ])("refuses %j", async (args) => {
    const { code, out, err } = await bench(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage:");
  });
});
