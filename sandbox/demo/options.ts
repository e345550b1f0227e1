import { parseArgs } from "node:util";

export interface DemoOptions {
  readonly once: boolean;
  readonly full: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Absent: the one that `warden --local` asks, or a free one if that is taken. */
  readonly port?: number;
  readonly seed: number;
  readonly speed: number;
}

export const usage = `Usage: npm start -- [options]

Runs iam-warden on an AWS organization that lives in this process: the daily sweep, then some minutes of simulated
life, then your own AWS CLI against it until Ctrl-C. Nothing leaves this machine. The organization verifies no signatures;
what callers may do it decides by their policies, as AWS does.

  --once      do not wait: sweep, live through the simulated minutes, hold the findings against what was seeded, end
  --full      show every message whole, not only the first lines
  --json      one JSON object a line on standard output; the types are in sandbox/demo/lines.ts
              (npm --silent start -- --json leaves out what npm itself prints)
  --port N    where the endpoint for your own AWS CLI and for \`warden --local\` listens, on 127.0.0.1
              (default: 4566, which \`warden --local\` asks, or a free port if that is taken)
  --seed N    gives the organization other ids and names (default: 1)
  --speed N   virtual seconds that pass in a second (default: 20)
  -h, --help  this text

Exit codes: 0 ended well, or by Ctrl-C (npm itself may then say 130) · 1 the findings are not those that were expected · 2 wrong options
`;

/** What was wrong with the command line, in a sentence for whoever typed it. */
export class DemoUsageError extends Error {
  override readonly name = "DemoUsageError";
}

/** @throws DemoUsageError */
export const parseDemoOptions = (args: readonly string[]): DemoOptions => {
  const { values } = parse(args);
  return {
    once: values.once,
    full: values.full,
    json: values.json,
    help: values.help,
    ...(values.port !== undefined && { port: whole("--port", values.port, 0, 65_535) }),
    seed: whole("--seed", values.seed, 0, 2 ** 31 - 1),
    speed: whole("--speed", values.speed, 1, 3600),
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        port: { type: "string" },
        seed: { type: "string", default: "1" },
        speed: { type: "string", default: "20" },
      },
    });
  } catch (error) {
    throw new DemoUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

const whole = (option: string, text: string, least: number, most: number): number => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new DemoUsageError(`${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
};
