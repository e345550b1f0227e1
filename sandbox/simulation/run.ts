import { askAll } from "../pool.ts";
import { drawPlan } from "./draw.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import type { Plan } from "./plan.ts";
import { type Counts, countsOf, failure, noCounts, summary, sumOf } from "./report.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import type { SeedAnswer } from "./worker.ts";

const progressEvery = 25;

// Thousands of faults are errors that nobody reads the stack of.
Error.stackTraceLimit = 4;

/** A seed takes a second or two a day. */
const longestMsPerDay = 300_000;

const main = async (args: readonly string[]): Promise<number> => {
  const options = parseOptions(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { days } = options;
  const { totals, failed, endless } = await (options.seeds === 1 ? ofOne(options) : ofAll(options));
  for (const seed of failed) process.stdout.write(await explain(drawPlan(seed, days)));
  process.stdout.write(summary(totals, days));
  if (failed.length > 0) process.stdout.write(`Failed: seed ${failed.join(", ")}\n`);
  if (endless.length > 0) process.stdout.write(`Without an end: ${endless.join(", ")}\n`);
  return failed.length + endless.length > 0 ? 1 : 0;
};

interface Results {
  readonly totals: Counts;
  readonly failed: readonly number[];
  /** `seed days` of those that did not come to an end in time. */
  readonly endless: readonly string[];
}

const ofOne = async ({ first, days, trace }: Options): Promise<Results> => {
  const outcome = await simulate(drawPlan(first, days));
  if (trace) process.stdout.write(`${outcome.trace.join("\n")}\n`);
  return { totals: countsOf(outcome), failed: outcome.violated.length > 0 ? [first] : [], endless: [] };
};

const ofAll = async ({ first, seeds, days, processes }: Options): Promise<Results> => {
  let totals = noCounts;
  const failed: number[] = [];
  const endless: string[] = [];
  await askAll<SeedAnswer>(tasks(first, seeds, days), {
    worker: new URL("worker.ts", import.meta.url),
    processes: Math.min(processes, seeds),
    longestMs: longestMsPerDay * days,
    onAnswer: (task, answer) => {
      if (answer === undefined) endless.push(task);
      else totals = sumOf(totals, answer.counts);
      if (answer?.violates) failed.push(answer.seed);
      if (totals.seeds % progressEvery === 0 || totals.seeds === seeds)
        process.stderr.write(`${totals.seeds} of ${seeds} seeds, ${failed.length} failed\n`);
      return failed.length + endless.length < mostFailures;
    },
  });
  return { totals, failed: failed.sort((a, b) => a - b), endless };
};

const tasks = function* (first: number, seeds: number, days: number): Generator<string> {
  for (let seed = first; seed < first + seeds; seed++) yield `${seed} ${days}`;
};

/** More would have the same few causes. */
const mostFailures = 5;

const explain = async (plan: Plan): Promise<string> => {
  const outcome = await simulate(plan);
  const invariant = outcome.violated[0]?.invariant;
  process.stderr.write(`seed ${plan.seed} fails: ${invariant}; looking for a shorter trace\n`);
  const fails = async (candidate: Plan): Promise<boolean> =>
    (await simulate(candidate)).violated.some((violated) => violated.invariant === invariant);
  const shortest = await shrink(
    plan,
    outcome.injected.map(({ key }) => key),
    fails,
  );
  return failure({ ...shortest, days: plan.days }, await simulate(shortest));
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
