import { parseArgs } from "node:util";

export const usage = `Usage: npm run simulate -- [options]

Runs the real functions on the sandbox in virtual time, through days of changes and faults that a seed draws, and checks
what must hold afterwards. A seed that fails is shown by its shortest trace.

  --seeds N    how many seeds (default: 300)
  --seed S     the first seed (default: 1); alone, it runs just this one and shows all that happened if it fails
  --days D     days of changes in each (default: 2)
  --processes N  how many seeds at once (default: 2)
  --trace      print everything that happened, of a single seed, even if nothing fails
  -h, --help   this text

Exit codes: 0 every invariant held · 1 one did not · 2 wrong options
`;

export interface Options {
  readonly help: boolean;
  readonly first: number;
  readonly seeds: number;
  readonly days: number;
  readonly processes: number;
  readonly trace: boolean;
}

const mostSeeds = 10_000_000;
const mostDays = 60;
const mostProcesses = 64;

/** The options, or what is wrong with them. */
export const parseOptions = (args: readonly string[]): Options | string => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        seeds: { type: "string" },
        seed: { type: "string" },
        days: { type: "string", default: "2" },
        processes: { type: "string", default: "2" },
        trace: { type: "boolean", default: false },
      },
    });
    const { seed = "1", seeds = values.seed === undefined ? "300" : "1", days, processes, help, trace } = values;
    const numbers = {
      seeds: whole(seeds, 1, mostSeeds),
      seed: whole(seed, 0, 2 ** 31),
      days: whole(days, 1, mostDays),
      processes: whole(processes, 1, mostProcesses),
    };
    if (numbers.seeds === undefined) return `--seeds takes a whole number from 1 to ${mostSeeds}, not ${seeds}`;
    if (numbers.seed === undefined) return `--seed takes a whole number from 0 to ${2 ** 31}, not ${seed}`;
    if (numbers.days === undefined) return `--days takes a whole number from 1 to ${mostDays}, not ${days}`;
    if (numbers.processes === undefined)
      return `--processes takes a whole number from 1 to ${mostProcesses}, not ${processes}`;
    if (trace && numbers.seeds !== 1) return "--trace goes with a single --seed";
    return { help, trace, first: numbers.seed, seeds: numbers.seeds, days: numbers.days, processes: numbers.processes };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const whole = (text: string, min: number, max: number): number | undefined => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};
