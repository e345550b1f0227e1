import { drawPlan } from "./draw.ts";
import { parseOptions, usage } from "./options.ts";
import type { Plan } from "./plan.ts";
import { addTo, failure, noTotals, summary } from "./report.ts";
import { shrink } from "./shrink.ts";
import { type Outcome, simulate } from "./simulate.ts";

const progressEvery = 25;

// Thousands of faults are errors that nobody reads the stack of.
Error.stackTraceLimit = 4;

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
  const { first, seeds, days, trace } = options;
  const totals = noTotals();
  const failed: number[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const plan = drawPlan(seed, days);
    const outcome = await simulate(plan);
    addTo(totals, outcome);
    if (trace) process.stdout.write(`${outcome.trace.join("\n")}\n`);
    if (outcome.violated.length > 0) {
      failed.push(seed);
      process.stdout.write(await explain(plan, outcome));
      if (failed.length === mostFailures) break;
    }
    if (totals.seeds % progressEvery === 0 || totals.seeds === seeds)
      process.stderr.write(`${totals.seeds} of ${seeds} seeds, ${failed.length} failed\n`);
  }
  process.stdout.write(summary(totals, days));
  if (failed.length > 0) process.stdout.write(`Failed: seed ${failed.join(", ")}\n`);
  return failed.length > 0 ? 1 : 0;
};

/** More would have the same few causes. */
const mostFailures = 5;

const explain = async (plan: Plan, outcome: Outcome): Promise<string> => {
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
