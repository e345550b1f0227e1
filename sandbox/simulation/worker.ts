import { answering } from "../pool.ts";
import { drawPlan } from "./draw.ts";
import { type Counts, countsOf } from "./report.ts";
import { simulate } from "./simulate.ts";

/** What a worker answers about one seed. */
export interface SeedAnswer {
  readonly seed: number;
  readonly violates: boolean;
  readonly counts: Counts;
}

/** @param task `seed days` */
const run = async (task: string): Promise<SeedAnswer> => {
  const [seed = Number.NaN, days = Number.NaN] = task.split(" ").map(Number);
  const outcome = await simulate(drawPlan(seed, days));
  return { seed, violates: outcome.violated.length > 0, counts: countsOf(outcome) };
};

answering(run);
