import type { VirtualClock } from "../clock.ts";
import type { SandboxState } from "../state.ts";
import type { Lambda } from "./invoke.ts";

/** Asynchronous invocations: whoever asks does not wait, and Lambda itself repeats what fails. */
export interface LaterInvocations {
  add(functionArn: string, event: unknown): void;
  /** When the next one is due, in milliseconds of virtual time. */
  readonly nextAt: number | undefined;
  /** Runs what is due by now. */
  deliver(): Promise<void>;
}

interface Pending {
  readonly functionArn: string;
  readonly event: unknown;
  readonly attempts: number;
  readonly dueAt: number;
}

/** Lambda waits a minute before the first repetition, and two before the second. */
const retryMs = [60_000, 120_000];

export const createLater = (
  { state, clock }: { readonly state: SandboxState; readonly clock: VirtualClock },
  lambda: Lambda,
  /** Told of what failed to the last repetition. */
  onFailure: (message: string) => void,
): LaterInvocations => {
  let pending: Pending[] = [];
  const now = (): number => clock.now().getTime();
  return {
    add: (functionArn, event) => void pending.push({ functionArn, event, attempts: 0, dueAt: now() }),
    get nextAt() {
      return pending.length === 0 ? undefined : Math.min(...pending.map(({ dueAt }) => dueAt));
    },
    deliver: async () => {
      const due = pending.filter(({ dueAt }) => dueAt <= now());
      pending = pending.filter((one) => !due.includes(one));
      for (const { functionArn, event, attempts } of due) {
        const answer = await lambda.invoke(functionArn, event);
        if ("payload" in answer) continue;
        const most = state.functions.get(functionArn)?.maximumRetryAttempts ?? 0;
        const wait = attempts < most ? retryMs[attempts] : undefined;
        if (wait === undefined) onFailure(`${answer.errorType}: ${answer.errorMessage}`);
        else pending.push({ functionArn, event, attempts: attempts + 1, dueAt: now() + wait });
      }
    },
  };
};
