import * as z from "zod";
import type { AccountRef } from "../../shared/subject.ts";
import type { KeptPlan } from "../../shared/sweep/kept-plan.ts";
import type { SweepAnswer } from "../../shared/sweep/requests.ts";
import type { Invocation } from "../lambda/invoke.ts";
import type { SandboxState } from "../state.ts";
import { planOf } from "./plans.ts";

export interface SweepRun {
  readonly runId: string;
  readonly answers: readonly SweepAnswer[];
  /** Accounts whose sweep failed to the end of its retries. */
  readonly failures: readonly { readonly account: AccountRef; readonly error: string }[];
}

export interface SweepObserver {
  readonly started?: (runId: string, accounts: readonly AccountRef[]) => void;
  readonly finished?: (account: AccountRef, answer: SweepAnswer | undefined) => void | Promise<void>;
}

const requested = z.object({ account: z.looseObject({ id: z.string() }) });

/** What the invocations of one run of the state machine say of the sweep, as they come. */
export const followSweep = (state: Pick<SandboxState, "buckets">, observer: SweepObserver) => {
  const answers: SweepAnswer[] = [];
  const failures: { account: AccountRef; error: string }[] = [];
  let runId = "";
  let failing: { account: AccountRef; error: string } | undefined;
  const giveUp = async (): Promise<void> => {
    if (failing === undefined) return;
    failures.push(failing);
    await observer.finished?.(failing.account, undefined);
    failing = undefined;
  };
  const sweptAccount = async (account: AccountRef, { answer }: Invocation): Promise<void> => {
    if (failing?.account.id !== account.id) await giveUp();
    failing = undefined;
    if (!("payload" in answer)) {
      failing = { account, error: `${answer.errorType}: ${answer.errorMessage}` };
      return;
    }
    const swept = answer.payload as SweepAnswer;
    if (!swept.done) return;
    answers.push(swept);
    await observer.finished?.(account, swept);
  };
  return {
    see: async (invocation: Invocation): Promise<void> => {
      const { entry, event, answer } = invocation;
      if (entry === "list-accounts" && "payload" in answer) {
        const plan = planOf(state, answer.payload as KeptPlan);
        runId = plan.runId;
        observer.started?.(runId, plan.accounts);
      }
      if (entry === "sweep-account") await sweptAccount(requested.parse(event).account as AccountRef, invocation);
      if (entry === "digest") await giveUp();
    },
    run: (): SweepRun => ({ runId, answers, failures }),
  };
};
