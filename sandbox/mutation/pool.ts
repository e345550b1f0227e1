import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./worker.ts";

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
/** A scenario takes seconds: one that has not ended by then never will. */
const longestMs = 180_000;

/**
 * Tries mutations in processes of their own, so many at once.
 * @throws Error where a process ends by itself: the scenario itself is broken then
 */
export const tryAll = async (
  ids: readonly string[],
  processes: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  const rest = [...ids];
  const work = async (): Promise<void> => {
    let child = fork(worker);
    try {
      for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
        const outcome = await ask(child, id);
        if (outcome === undefined) {
          child.kill("SIGKILL");
          child = fork(worker);
        }
        const kept = outcome ?? { id, caught: `it does not end within ${longestMs / 1000} seconds`, took: longestMs };
        outcomes.push(kept);
        onOutcome(kept);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, ids.length) }, work));
  return outcomes;
};

/** Undefined where no answer came in time. */
const ask = (child: ChildProcess, id: string): Promise<Outcome | undefined> =>
  new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      then();
    };
    const timer = setTimeout(() => settle(() => resolve(undefined)), longestMs);
    child.once("message", (outcome: Outcome) => settle(() => resolve(outcome)));
    child.once("exit", (code) => settle(() => reject(new Error(`a process ended with ${code} while it tried ${id}`))));
    child.send(id);
  });
