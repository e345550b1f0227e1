import { visibleText } from "../../shared/visible-text.ts";
import { renderTable } from "../table.ts";
import type { Outcome, Standing } from "./perform.ts";

const words: Readonly<Record<Standing["state"], string>> = {
  there: "is so already",
  missing: "will be done",
  unknown: "cannot be told",
  impossible: "cannot be",
};

/** What is there, and what will be done by which call. */
export const formatStandings = (standings: readonly Standing[], width: number): string =>
  renderTable(
    ["State", "What"],
    standings.map(({ state, step }) => [words[state], `${step.what} (${step.permission})`]),
    width,
  );

/** A line for each thing that was done. */
export const formatDone = (outcomes: readonly Outcome[]): string =>
  outcomes.map(({ state, step }) => (state === "done" ? `done: ${step.what}\n` : "")).join("");

/** What was not done and why, for standard error. */
export const notDone = (outcomes: readonly Pick<Outcome, "state" | "step" | "why">[]): readonly string[] =>
  outcomes.flatMap(({ state, step, why = "" }) =>
    state === "done" ? [] : `not done: ${step.what}: ${why}`.split("\n").map((line) => `warden: ${visibleText(line)}`),
  );
