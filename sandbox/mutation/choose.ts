import { createRandom } from "../random.ts";
import type { Mutation } from "./mutations.ts";
import type { Options } from "./options.ts";
import { reasonFor } from "./reasons.ts";

/** What is to be tried; a sample without repetition, the same for the same seed and templates. */
export const choose = (
  all: readonly Mutation[],
  { only, whole, explained, sample, seed }: Omit<Options, "help" | "list" | "processes">,
): readonly Mutation[] => {
  const wanted = all.filter(
    ({ id, isPart }) => id.includes(only) && !(whole && isPart === true) && (explained || reasonFor(id) === undefined),
  );
  if (sample === undefined || sample >= wanted.length) return wanted;
  const random = createRandom(seed);
  return wanted
    .map((mutation) => ({ mutation, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, sample)
    .map(({ mutation }) => mutation);
};
