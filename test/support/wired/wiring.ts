import type { SQSBatchResponse } from "aws-lambda";
import type { VirtualClock } from "../../../sandbox/clock.ts";
import type { Wiring as DeployedWiring } from "../../../sandbox/deployed/options.ts";
import type { EventBridgeEvent, Sandbox } from "../../../sandbox/sandbox.ts";
import { messageOf, WardenError } from "../../../shared/errors.ts";
import { matches } from "../../../shared/events/matcher.ts";
import { eventPatterns } from "../../../shared/events/patterns.ts";
import type { Message } from "../../../shared/intake/receive.ts";
import type { AccountRef } from "../../../shared/subject.ts";
import type { SweepPlan } from "../../../shared/sweep/plan.ts";
import type { DigestRequest, SweepAnswer, SweepRequest } from "../../../shared/sweep/requests.ts";

import { createQueue, type QueueSettings } from "./queue.ts";

export type { QueueSettings } from "./queue.ts";

/** The program's functions, as the wiring calls them. */
export interface WiredFunctions {
  readonly intake: (batch: { Records: readonly Message[] }) => Promise<SQSBatchResponse>;
  readonly listAccounts: (request: { readonly runId?: string }) => Promise<SweepPlan>;
  readonly sweepAccount: (request: SweepRequest) => Promise<SweepAnswer>;
  readonly digest: (request: DigestRequest) => Promise<void>;
  readonly escalate: () => Promise<void>;
  readonly remediate: (batch: { Records: readonly Message[] }) => Promise<SQSBatchResponse>;
}

/** Between rule and intake, as the hub's stack has it. */
const intakeQueue: QueueSettings = {
  batchSize: 10,
  deliveryDelaySeconds: 20,
  visibilityTimeoutSeconds: 540,
  maxReceiveCount: 20,
};

/** Before the function that repairs, likewise. */
const repairQueue: QueueSettings = {
  batchSize: 1,
  deliveryDelaySeconds: 0,
  visibilityTimeoutSeconds: 1800,
  maxReceiveCount: 5,
};

/**
 * What rules, queue and scheduler do around the functions, in virtual time: events that a derived pattern matches are
 * queued, delivered in batches after a delay, retried after the visibility timeout, and laid aside after the last
 * try; a sweep goes through the accounts one by one.
 */
export type Wiring = Omit<DeployedWiring, "runSchedules">;

const sweepTries = 3;
const sweepRetrySeconds = 30;

export const createWiring = (
  sandbox: Pick<Sandbox, "clock" | "subscribe">,
  functions: WiredFunctions,
  settings: Partial<QueueSettings> = {},
  /** Told each event that a rule passes on, before it is queued. */
  onRouted: (event: EventBridgeEvent) => void = () => {},
  /** Accounts of which no event comes through. */
  cutOff: ReadonlySet<string> = new Set(),
): Wiring => {
  const clock: VirtualClock = sandbox.clock;
  const rules = eventPatterns();
  const events = createQueue(clock, { ...intakeQueue, ...settings }, (batch) => functions.intake(batch));
  const repairs = createQueue(clock, repairQueue, (batch) => functions.remediate(batch), "repair");
  const queues = [events, repairs];
  let delivering: Promise<void> = Promise.resolve();

  const route = (event: EventBridgeEvent): void => {
    // A rule a pattern would deliver an event once for each that matches. The intake bears that; a timeline is clearer without.
    if (cutOff.has(event.account)) return;
    if (!rules.some(({ pattern }) => matches(pattern, event))) return;
    onRouted(event);
    events.send(JSON.stringify(event));
  };
  const unsubscribe = sandbox.subscribe(route);

  const deliver = async (): Promise<void> => {
    for (const queue of queues) await queue.deliver();
  };

  const deliverDue = (): Promise<void> => {
    // One delivery at a time, however often a caller's timer fires.
    delivering = delivering.then(deliver);
    return delivering;
  };

  const sweepOne = async (first: SweepRequest): Promise<SweepAnswer> => {
    let request = first;
    for (let tries = 1; ; ) {
      try {
        const answer = await functions.sweepAccount(request);
        if (answer.done) return answer;
        request = answer;
        tries = 1;
      } catch (error) {
        if (!(error instanceof WardenError && error.retryable) || tries >= sweepTries) throw error;
        tries += 1;
        clock.advance(sweepRetrySeconds * 1000);
      }
    }
  };

  const settle = async (): Promise<void> => {
    await deliverDue();
    for (;;) {
      const next = queues.flatMap(({ nextAt }) => nextAt ?? []);
      if (next.length === 0) return;
      clock.advance(Math.max(0, Math.min(...next) - clock.now().getTime()));
      await deliverDue();
    }
  };

  return {
    send: events.send,
    sendRepair: repairs.send,
    get waiting() {
      return events.waiting + repairs.waiting;
    },
    get deadLetters() {
      return queues.flatMap(({ deadLetters }) => deadLetters);
    },
    get functionErrors() {
      return queues.flatMap((queue) => queue.functionErrors);
    },
    deliverDue,
    settle,
    sweep: async (observer = {}) => {
      const plan = await functions.listAccounts({});
      const { runId, accounts } = plan;
      observer.started?.(runId, accounts);
      const answers: SweepAnswer[] = [];
      const failures: { account: AccountRef; error: string }[] = [];
      for (const account of accounts) {
        const answer = await sweepOne({ runId, account }).catch((error: unknown) => {
          failures.push({ account, error: messageOf(error) });
          return undefined;
        });
        if (answer !== undefined) answers.push(answer);
        await observer.finished?.(account, answer);
      }
      await functions.digest(plan);
      await functions.digest({ ...plan, step: "report" });
      // The marks that it left arrive within a minute, not when somebody next moves the clock on.
      await settle();
      return { runId, answers, failures };
    },
    close: unsubscribe,
  };
};
