import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface PoolOptions<Answer> {
  /** A module that answers each message with one, and ends when its parent is gone: `answering` makes one. */
  readonly worker: URL;
  readonly processes: number;
  /** An answer that takes longer never comes: its process is replaced. */
  readonly longestMs: number;
  /** Told of each answer as it comes, `undefined` of one that never does. With `false` nothing further is asked. */
  readonly onAnswer: (task: string, answer: Answer | undefined) => boolean | undefined;
}

/**
 * Puts tasks to processes of their own, so many at once.
 * @throws Error where a process ends by itself
 */
export const askAll = async <Answer>(
  tasks: Iterable<string>,
  { worker, processes, longestMs, onAnswer }: PoolOptions<Answer>,
): Promise<void> => {
  const rest = tasks[Symbol.iterator]();
  let isOver = false;
  const work = async (): Promise<void> => {
    let child = fork(fileURLToPath(worker));
    try {
      for (let next = rest.next(); !next.done && !isOver; next = rest.next()) {
        const answer = await ask<Answer>(child, next.value, longestMs);
        if (answer === undefined) {
          child.kill("SIGKILL");
          child = fork(fileURLToPath(worker));
        }
        isOver ||= onAnswer(next.value, answer) === false;
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
};

/** Undefined where no answer came in time. */
const ask = <Answer>(child: ChildProcess, task: string, longestMs: number): Promise<Answer | undefined> =>
  new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      then();
    };
    const timer = setTimeout(() => settle(() => resolve(undefined)), longestMs);
    child.once("message", (answer: Answer) => settle(() => resolve(answer)));
    child.once("exit", (code) =>
      settle(() => reject(new Error(`a process ended with ${code} while it tried ${task}`))),
    );
    child.send(task);
  });

/** Makes of this process one that a pool asks. What it throws ends the process, and is told by the pool. */
export const answering = <Answer>(answer: (task: string) => Promise<Answer>): void => {
  // Refusals and faults by the thousand are errors that nobody reads the stack of.
  Error.stackTraceLimit = 4;
  process.on("disconnect", () => process.exit());
  process.on("message", (task: string) => {
    answer(task).then(
      (one) => process.send?.(one),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
};
