import { fileURLToPath } from "node:url";
import type { AwsCredentialIdentity } from "@smithy/types";
import { peerEnvironment, type RunResult, run } from "./peers.ts";

/** What starts the command, as a file of JavaScript. */
export const launcher = fileURLToPath(new URL("../../cli/launch.js", import.meta.url));

/** Runs the real command in a process of its own, with nothing of this machine's AWS configuration. */
export const runWarden = (
  args: readonly string[],
  {
    credentials,
    endpoint,
    env = {},
    input,
  }: {
    readonly credentials?: AwsCredentialIdentity;
    readonly endpoint?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly input?: string;
  } = {},
): Promise<RunResult> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, ...base } = peerEnvironment(credentials);
  return run(process.execPath, [launcher, ...args], {
    env: {
      ...base,
      ...(credentials && { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }),
      ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
      ...env,
    },
    ...(input !== undefined && { input }),
  });
};
