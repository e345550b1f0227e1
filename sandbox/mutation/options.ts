import { parseArgs } from "node:util";

export const usage = `Usage: npm run mutate -- [options]

Takes away from the synthesized templates, one after the other, each statement of a policy, each action of one, each rule,
subscription, event source mapping and schedule, and runs the whole product on what is left. Whatever nobody would miss is
shown: it is superfluous, or nothing would tell if it were forgotten.

  --sample N   only N of them, drawn evenly (default: all)
  --seed S     what the sample is drawn by (default: 1)
  --only TEXT  only those whose name has this text in it
  --explained  those too of which a reason says that nobody misses them, and whether that is so
  --whole      whole statements and resources, not the single actions of a statement
  --processes N  how many are tried at once (default: 2)
  --list       print their names, and try none
  -h, --help   this text

Exit codes: 0 each was missed, or has a reason · 1 one was not · 2 wrong options
`;

export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  readonly whole: boolean;
  readonly explained: boolean;
  readonly sample: number | undefined;
  readonly seed: number;
  readonly only: string;
  readonly processes: number;
}

/** The options, or what is wrong with them. */
export const parseOptions = (args: readonly string[]): Options | string => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        list: { type: "boolean", default: false },
        whole: { type: "boolean", default: false },
        explained: { type: "boolean", default: false },
        sample: { type: "string" },
        seed: { type: "string", default: "1" },
        only: { type: "string", default: "" },
        processes: { type: "string", default: "2" },
      },
    });
    const { help, list, whole, explained, only } = values;
    const sample = values.sample === undefined ? undefined : numberOf("--sample", values.sample, 1, 10_000);
    const seed = numberOf("--seed", values.seed, 0, 2 ** 31);
    const processes = numberOf("--processes", values.processes, 1, 64);
    return { help, list, whole, explained, only, sample, seed, processes };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const numberOf = (name: string, text: string, min: number, max: number): number => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Error(`${name} takes a whole number from ${min} to ${max}, not ${text}`);
  return value;
};
