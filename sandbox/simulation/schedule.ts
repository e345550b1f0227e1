import type { AccountRef } from "../../shared/subject.ts";
import type { SweepRequest } from "../../shared/sweep/requests.ts";
import type { Ended, Engine } from "./engine.ts";
import type { Functions } from "./functions.ts";
import { minuteMs } from "./plan.ts";

export interface Schedule {
  /** One run of the state machine; whether every account was swept and the digest told. */
  sweep(key: string): Promise<boolean>;
  escalate(key: string): Promise<boolean>;
}

const accountsAtOnce = 2;
const tries = 5;
const firstRetryMs = 30_000;

/** What the scheduler and the state machine do: each step is tried again, later each time, and some accounts go side by side. */
export const createSchedule = (engine: Engine, functions: Functions): Schedule => {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => engine.at(engine.now() + ms, resolve));

  /** `undefined` if it failed to the last try. */
  const step = async <T>(key: string, run: (key: string) => Promise<Ended<T>>): Promise<{ value: T } | undefined> => {
    for (let attempt = 1; ; attempt++) {
      const ended = await run(`${key} try ${attempt}`);
      if (ended.outcome === "done") return { value: ended.value };
      if (attempt === tries) return undefined;
      await wait(firstRetryMs * 2 ** (attempt - 1));
    }
  };

  const sweepAccount = async (key: string, runId: string, account: AccountRef): Promise<boolean> => {
    let request: SweepRequest = { runId, account };
    for (let turn = 1; ; turn++) {
      const ended = await step(`${key} ${account.name} turn ${turn}`, (name) =>
        functions.invoke("sweepAccount", name, request),
      );
      if (ended === undefined) return false;
      if (ended.value.done) return ended.value.status === "swept";
      request = ended.value;
    }
  };

  return {
    sweep: async (key) => {
      const runId = key.replaceAll(" ", "-");
      const plan = await step(`${key} list`, (name) => functions.invoke("listAccounts", name, { runId }));
      if (plan === undefined) return false;
      const rest = plan.value.accounts.values();
      let swept = true;
      await Promise.all(
        Array.from({ length: accountsAtOnce }, async () => {
          for (const account of rest) swept = (await sweepAccount(key, runId, account)) && swept;
        }),
      );
      const told = await step(`${key} digest`, (name) => functions.invoke("digest", name, plan.value));
      return swept && told !== undefined;
    },
    escalate: async (key) => {
      for (let attempt = 1; attempt <= 3; attempt++) {
        const ended = await functions.invoke("escalate", `${key} try ${attempt}`, {});
        if (ended.outcome === "done") return true;
        await wait(attempt * minuteMs);
      }
      return false;
    },
  };
};
