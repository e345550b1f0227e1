import { synthesize } from "../cloudformation/synthesize.ts";
import { askAll } from "../pool.ts";
import { runScenario } from "../scenario/run.ts";
import { scenarioSettings } from "../scenario/settings.ts";
import { choose } from "./choose.ts";
import { mutationsOf } from "./mutations.ts";
import { parseOptions, usage } from "./options.ts";
import { reasonFor, reasons } from "./reasons.ts";
import type { Outcome } from "./worker.ts";

/** A scenario takes seconds: one that has not ended by then never will. */
const longestMs = 180_000;

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
  const all = mutationsOf(synthesize(scenarioSettings));
  const ids = choose(all, options).map(({ id }) => id);
  if (ids.length === 0) {
    process.stderr.write(`Nothing of what can be taken away has ${options.only} in its name.\n`);
    return 2;
  }
  if (options.list) {
    process.stdout.write(`${ids.join("\n")}\n`);
    return 0;
  }
  // Where the scenario fails by itself, everything would seem to be missed.
  await runScenario(synthesize(scenarioSettings));
  const startedAt = performance.now();
  const outcomes: Outcome[] = [];
  await askAll<Outcome>(ids, {
    worker: new URL("worker.ts", import.meta.url),
    processes: Math.min(options.processes, ids.length),
    longestMs,
    onAnswer: (id, answer) => {
      const caught = `it does not end within ${longestMs / 1000} seconds`;
      const outcome = answer ?? { id, caught, took: longestMs };
      outcomes.push(outcome);
      process.stderr.write(
        `${outcomes.length}/${ids.length} ${id} (${outcome.took} ms)\n    ${outcome.caught?.split("\n")[0] ?? "NOBODY NOTICED"}\n`,
      );
      return undefined;
    },
  });
  return report(outcomes, ids.length === all.length, (performance.now() - startedAt) / 1000);
};

const report = (outcomes: readonly Outcome[], isWhole: boolean, seconds: number): number => {
  const survivors = outcomes.filter(({ caught }) => caught === undefined).map(({ id }) => id);
  const unexplained = survivors.filter((id) => reasonFor(id) === undefined);
  // A reason for what is missed is one too many.
  const stale = outcomes.filter(({ id, caught }) => caught !== undefined && reasonFor(id) !== undefined);
  const idle = isWhole ? reasons.filter(({ of }) => !survivors.some((id) => of.test(id))) : [];
  const out = (text: string) => process.stdout.write(`${text}\n`);
  out(
    `${outcomes.length} taken away in ${Math.round(seconds)} s: ${outcomes.length - survivors.length} missed, ` +
      `${survivors.length - unexplained.length} not, for a reason, ${unexplained.length} not, and nobody knows why.`,
  );
  for (const id of unexplained) out(`Nobody misses  ${id}`);
  for (const { id } of stale) out(`It is missed, though there is a reason why it would not be  ${id}`);
  for (const { of } of idle) out(`There is a reason for nothing that survives  ${of.source}`);
  return unexplained.length + stale.length + idle.length === 0 ? 0 : 1;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
