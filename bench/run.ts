import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Bundle, measureBundles } from "./bundles.ts";
import { type Measured, quietStaleSweep, quietSweep, type Target } from "./measured.ts";
import { measureOrganizations, organizationsBeyond, renderOrganizations } from "./organization.ts";
import { measurePolicies, policiesBeyond, renderPolicies } from "./policies.ts";

const usage = `Usage: npm run bench -- [options]

Sweeps accounts of two sizes in the sandbox, each in a process of its own, and prints calls, wall time and peak memory;
then judges an account of many policies, in hand, and reads organizations of some sizes, and prints their calls; then bundles the functions, and prints their sizes and import times.

  --size small|large    only 500 users and 500 roles, or only 5,000 users and 10,000 roles (default: both)
  --policies            only how long an account takes to judge whose users and roles all have policies
  --bundles             only the functions' bundles: their sizes, and how long an import takes
  --endpoint URL        sweep the caller's own account on another server instead, with the SDK's standard credentials
                        and Region; calls are counted here, below the SDK's retries
  --seed-users N        before that, make N users (every second with a password, every fifth with an access key) and
  --seed-roles N        N roles there, through the API; without these nothing is written
  --write               also write docs/bench.md
  -h, --help            this text

Exit codes: 0 measured, within the limits · 1 over a limit, or a failed run · 2 wrong options
`;

const sizes = { small: { users: 500, roles: 500 }, large: { users: 5000, roles: 10_000 } } as const;

/** What the project promises; see the README. */
const limits = {
  quietCalls: 12,
  /** Three look at trails, two at analyzers and at what they found. */
  quietCallsBesides: 5,
  peakMegabytes: 512,
  evaluationSeconds: 5,
  bundleKibibytes: 1024,
};

const main = async (args: readonly string[]): Promise<number> => {
  const options = parse(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const measureAll: readonly (() => Promise<Measured>)[] =
    options.bundles || options.policies
      ? []
      : options.endpoint
        ? [() => measure({ endpoint: options.endpoint ?? "", seed: options.seed })]
        : (options.size ? [options.size] : (["small", "large"] as const)).map(
            (size) => () => measureSandbox(sizes[size]),
          );

  const pages: string[] = [];
  let exitCode = 0;
  for (const next of measureAll) {
    const measured = await next();
    const page = render(measured);
    process.stdout.write(`${page}\n`);
    pages.push(page);
    for (const problem of options.endpoint ? [] : beyond(measured)) {
      process.stderr.write(`over the limit: ${problem}\n`);
      exitCode = 1;
    }
  }
  const isWhole = !options.bundles && options.endpoint === undefined && options.size === undefined;
  if (options.policies || isWhole) {
    const measured = measurePolicies(sizes.large.users, sizes.large.roles);
    const page = renderPolicies(measured);
    process.stdout.write(`${page}\n`);
    pages.push(page);
    for (const problem of policiesBeyond(measured)) {
      process.stderr.write(`over the limit: ${problem}\n`);
      exitCode = 1;
    }
    if (options.policies) return exitCode;
  }
  if (isWhole) {
    const organizations = await measureOrganizations();
    const page = renderOrganizations(organizations);
    process.stdout.write(`${page}\n`);
    pages.push(page);
    for (const problem of organizationsBeyond(organizations)) {
      process.stderr.write(`over the limit: ${problem}\n`);
      exitCode = 1;
    }
  }
  if (options.bundles || (options.endpoint === undefined && options.size === undefined)) {
    const bundles = await measureBundles();
    const page = renderBundles(bundles);
    process.stdout.write(`${page}\n`);
    pages.push(page);
    for (const { entry, kibibytes } of bundles.filter((one) => one.kibibytes > limits.bundleKibibytes)) {
      process.stderr.write(`over the limit: the bundle of ${entry} has ${kibibytes.toFixed(0)} KiB\n`);
      exitCode = 1;
    }
  }
  if (options.write) {
    const file = new URL("../docs/bench.md", import.meta.url);
    const [sweeps = ""] = readFileSync(file, "utf8").split(bundlesTitle);
    writeFileSync(file, options.bundles ? sweeps + pages.join("\n") : document(pages));
    process.stderr.write("wrote docs/bench.md\n");
  }
  return exitCode;
};

interface Options {
  readonly help: boolean;
  readonly write: boolean;
  readonly bundles: boolean;
  readonly policies: boolean;
  readonly size?: keyof typeof sizes;
  readonly endpoint?: string;
  readonly seed: { readonly users: number; readonly roles: number };
}

/** The options, or what is wrong with them. */
const parse = (args: readonly string[]): Options | string => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        write: { type: "boolean", default: false },
        bundles: { type: "boolean", default: false },
        policies: { type: "boolean", default: false },
        size: { type: "string" },
        endpoint: { type: "string" },
        "seed-users": { type: "string", default: "0" },
        "seed-roles": { type: "string", default: "0" },
      },
    });
    const { size, endpoint, "seed-users": seedUsers, "seed-roles": seedRoles } = values;
    if (size !== undefined && size !== "small" && size !== "large") return `--size is small or large, not ${size}`;
    if (endpoint !== undefined && !URL.canParse(endpoint)) return `--endpoint is no URL: ${endpoint}`;
    if (endpoint !== undefined && (size !== undefined || values.write)) {
      return "--size and --write are about the sandbox and do not go with --endpoint";
    }
    if (values.bundles && (endpoint !== undefined || size !== undefined)) {
      return "--bundles measures nothing but bundles: it does not go with --size or --endpoint";
    }
    if (values.policies && (endpoint !== undefined || size !== undefined || values.bundles || values.write)) {
      return "--policies judges nothing but policies, and prints: it goes with no other option";
    }
    for (const count of [seedUsers, seedRoles]) {
      if (!/^\d{1,5}$/.test(count)) return `--seed-users and --seed-roles take a whole number, not ${count}`;
    }
    if (endpoint === undefined && (seedUsers !== "0" || seedRoles !== "0")) {
      return "--seed-users and --seed-roles go with --endpoint";
    }
    return {
      help: values.help,
      write: values.write,
      bundles: values.bundles,
      policies: values.policies,
      size,
      endpoint,
      seed: { users: Number(seedUsers), roles: Number(seedRoles) },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const start = (script: string, args: readonly string[] = [], execArgv: readonly string[] = []): ChildProcess =>
  fork(new URL(script, import.meta.url), [...args], {
    execArgv: [...process.execArgv, ...execArgv],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });

/** Without a bound, what V8 has not cleared away yet counts as needed. What does not fit in ends the process. */
const heapMegabytes = 384;

/** The one message that a child process sends. */
const messageFrom = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as T));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${child.spawnargs.at(1)} ended with ${code}`)));
  });

const measure = async (target: Target): Promise<Measured> => {
  const child = start("measure.ts", [], [`--max-old-space-size=${heapMegabytes}`]);
  const measured = messageFrom<Measured>(child);
  child.send(target);
  return measured;
};

const measureSandbox = async ({ users, roles }: { users: number; roles: number }): Promise<Measured> => {
  const server = start("serve.ts", [String(users), String(roles)]);
  try {
    return await measure(await messageFrom<Target>(server));
  } finally {
    server.disconnect();
  }
};

const total = (calls: Measured["sweeps"][number]["calls"]): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0);

/** What IAM and STS answer few of a second, and what looks at trails and analyzers besides. */
const quietCalls = (calls: Measured["sweeps"][number]["calls"]) => {
  const ofIam = Object.entries(calls).filter(([operation]) => /^(?:iam|sts):/.test(operation));
  const iam = total(Object.fromEntries(ofIam));
  return { iam, besides: total(calls) - iam };
};

const beyond = ({ sweeps, evaluation, peakMegabytes, users }: Measured): string[] => {
  const problems: string[] = [];
  for (const { name, calls } of sweeps) {
    const isLimited = users <= sizes.small.users && (name === quietSweep || name === quietStaleSweep);
    const { iam, besides } = quietCalls(calls);
    if (!isLimited || (iam <= limits.quietCalls && besides <= limits.quietCallsBesides)) continue;
    problems.push(
      `${iam} calls to IAM and STS and ${besides} others in the sweep "${name}", ${limits.quietCalls} and ${limits.quietCallsBesides} are allowed`,
    );
  }
  if (evaluation.seconds > limits.evaluationSeconds) {
    problems.push(`evaluation took ${evaluation.seconds.toFixed(2)} s, ${limits.evaluationSeconds} s is allowed`);
  }
  if (peakMegabytes > limits.peakMegabytes) {
    problems.push(`peak memory was ${peakMegabytes.toFixed(0)} MB, ${limits.peakMegabytes} MB is allowed`);
  }
  return problems;
};

const render = ({ users, roles, sweeps, evaluation, peakMegabytes }: Measured): string => {
  const rows = sweeps.map(({ name, calls, seconds, violations, unknown }) => {
    const operations = Object.entries(calls).map(([operation, count]) => `${operation.replace(/^iam:/, "")} ${count}`);
    return `| ${name} | ${total(calls)} | ${seconds.toFixed(2)} s | ${violations} | ${unknown} | ${operations.join(", ")} |`;
  });
  return [
    `## ${users.toLocaleString("en-US")} users and ${roles.toLocaleString("en-US")} roles`,
    "",
    "| sweep | AWS calls | wall time | violations | unknown | calls by operation |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `All controls over all subjects: ${evaluation.verdicts.toLocaleString("en-US")} verdicts in ${evaluation.seconds.toFixed(2)} s. ` +
      `Peak memory of the process: ${peakMegabytes.toFixed(0)} MB.`,
    "",
  ].join("\n");
};

const bundlesTitle = "## The functions' bundles";

const renderBundles = (bundles: readonly Bundle[]): string =>
  [
    bundlesTitle,
    "",
    `What Lambda reads at a cold start, minified, with the AWS SDK; at most ${limits.bundleKibibytes} KiB each. The import is that of a`,
    `new process on Node ${process.versions.node}, the median of five.`,
    "",
    "| function | size | import |",
    "|---|---|---|",
    ...bundles.map(
      ({ entry, kibibytes, importMs }) => `| ${entry} | ${kibibytes.toFixed(0)} KiB | ${importMs.toFixed(0)} ms |`,
    ),
    "",
  ].join("\n");

const document = (pages: readonly string[]): string =>
  [
    "# Benchmarks",
    "",
    "One account of the sandbox, swept by the real function code over HTTP on this machine; written by `npm run bench -- --write`.",
    "The calls are exact and the same on every machine. Wall time and memory are those of one run, the memory that of a process of",
    `its own whose heap may not grow beyond ${heapMegabytes} MB (the simulated account lives in another), the time with the pauses while the report is made,`,
    `on ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}; a call to AWS itself takes some 20 to 50 ms more.`,
    "",
    ...pages,
  ].join("\n");

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
