import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";

/**
 * Programs that others wrote for the same job, which tests compare the sandbox with: the AWS CLI, boto3, moto as a
 * Python module, and moto's server. cfn-lint knows what CloudFormation takes.
 */
export type Peer = "aws" | "boto3" | "cfn-lint" | "moto" | "moto_server";

const probes: Record<Peer, readonly [command: string, ...args: string[]]> = {
  aws: ["aws", "--version"],
  "cfn-lint": ["cfn-lint", "--version"],
  boto3: ["python3", "-c", "import boto3"],
  moto: ["python3", "-c", "import moto.events.models"],
  moto_server: ["moto_server", "-h"],
};

const found = new Map<Peer, boolean>();
/** Whether a peer runs on this machine; each is tried once a process. */
export const hasPeer = (peer: Peer): boolean => {
  let answer = found.get(peer);
  if (answer === undefined) {
    const [command, ...args] = probes[peer];
    const result = spawnSync(command, args, { stdio: "ignore" });
    answer = result.error === undefined && result.status === 0;
    found.set(peer, answer);
  }
  return answer;
};

/**
 * A suite that needs peers. Where one is missing, the suite is skipped and says why; with `IAM_WARDEN_REQUIRE_PEERS=1`
 * (as in CI) a missing peer is a failure.
 */
export const describeWithPeers = (peers: readonly Peer[], name: string, body: () => void): void => {
  const missing = peers.filter((peer) => !hasPeer(peer));
  if (missing.length === 0) {
    // Each call of a command-line peer starts a Python; on a busy machine that takes seconds.
    describe(name, { timeout: 90_000 }, body);
  } else if (process.env.IAM_WARDEN_REQUIRE_PEERS === "1") {
    describe(name, () => {
      it("has the peers that it is compared with", () => {
        expect(missing).toEqual([]);
      });
    });
  } else {
    const reason = `${missing.join(", ")} not installed`;
    console.warn(`skipped: ${name}: ${reason}`);
    describe.skip(`${name} (${reason})`, body);
  }
};

/** The environment for a peer's process: nothing of the machine's own AWS configuration gets in. */
export const peerEnvironment = (credentials?: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(inherited),
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "testing",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "testing",
    ...(credentials?.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
  };
};

export interface RunResult {
  /** `null` if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end without blocking this process, which may be serving what the program calls.
 * `input` is written to its standard input.
 */
export const run = async (
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<RunResult> => {
  const child = spawn(command, args, { env: options.env ?? peerEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  // A program may end without reading its input: its status and output tell, the broken pipe does not.
  child.stdin.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") child.emit("error", error);
  });
  child.stdin.end(options.input ?? "");
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
};

/**
 * Runs a Python script with `input` as JSON on its standard input; what it prints is read as JSON.
 * @throws Error with its standard error if it fails
 */
export const runPython = async (script: string, input: unknown, env?: NodeJS.ProcessEnv): Promise<unknown> => {
  const result = await run("python3", ["-c", script], {
    input: JSON.stringify(input),
    ...(env === undefined ? {} : { env }),
  });
  if (result.status !== 0) throw new Error(`python3 ended with ${result.status}: ${result.stderr}`);
  return JSON.parse(result.stdout);
};

export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
};

/**
 * Starts moto's server on a port that the system picks.
 * @throws Error with what it printed if it ends before it listens
 */
export const startMotoServer = async (): Promise<MotoServer> => {
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", "0"], {
    env: peerEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const failed = once(child, "error").then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  const listening = (async () => {
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      printed.push(line);
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    throw new Error(`moto_server ended before it listened: ${printed.join("\n")}`);
  })();
  const url = await Promise.race([listening, failed]);
  // Its request log must be drained, or it blocks once the pipe is full.
  child.stderr.resume();
  return { url, close: () => stopped(child) };
};
