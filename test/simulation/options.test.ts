import { describe, expect, it } from "vitest";
import { parseOptions } from "../../sandbox/simulation/options.ts";

describe("npm run simulate", () => {
  it.each([
    [[], { first: 1, seeds: 300, days: 2, trace: false, help: false, processes: 2 }],
    [["--seeds", "100000"], { first: 1, seeds: 100_000, days: 2, trace: false, help: false, processes: 2 }],
    [["--seed", "7"], { first: 7, seeds: 1, days: 2, trace: false, help: false, processes: 2 }],
    [
      ["--seed", "7", "--seeds", "2", "--days", "9"],
      { first: 7, seeds: 2, days: 9, trace: false, help: false, processes: 2 },
    ],
    [["--seed", "0", "--trace"], { first: 0, seeds: 1, days: 2, trace: true, help: false, processes: 2 }],
  ])("takes %j", (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  it.each([
    [["--seeds", "0"], "--seeds takes a whole number from 1"],
    [["--seeds", "many"], "not many"],
    [["--seed", "1.5"], "--seed takes a whole number from 0"],
    [["--days", "61"], "--days takes a whole number from 1 to 60"],
    [["--processes", "0"], "--processes takes a whole number from 1 to 64"],
    [["--trace"], "--trace goes with a single --seed"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, message) => {
    expect(parseOptions(args)).toContain(message);
  });
});
