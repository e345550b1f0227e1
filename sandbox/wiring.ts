import type { SQSBatchResponse } from "aws-lambda";
import { messageOf, WardenError } from "../shared/errors.ts";
import { matches } from "../shared/events/matcher.ts";
import { eventPatterns } from "../shared/events/patterns.ts";
import type { Message } from "../shared/intake/receive.ts";
import type { AccountRef } from "../shared/subject.ts";
import type { SweepPlan } from "../shared/sweep/list.ts";
import type { SweepAnswer, SweepRequest } from "../shared/sweep/run.ts";
import type { VirtualClock } from "./clock.ts";
import type { EventBridgeEvent, Sandbox } from "./sandbox.ts";

/** The program's functions, as the wiring calls them. */
export interface WiredFunctions {
  readonly intake: (batch: { Records: readonly Message[] }) => Promise<SQSBatchResponse>;
  readonly listAccounts: (request: { readonly runId?: string }) => Promise<SweepPlan>;
  readonly sweepAccount: (request: SweepRequest) => Promise<SweepAnswer>;
  readonly digest: (request: SweepPlan) => Promise<void>;
}

/** The queue between rule and intake; times in seconds. */
export interface QueueSettings {
  readonly batchSize: number;
  readonly deliveryDelaySeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
}

/** As the hub's stack has it. */
const defaultQueue: QueueSettings = {
  batchSize: 10,
  deliveryDelaySeconds: 20,
  visibilityTimeoutSeconds: 540,
  maxReceiveCount: 5,
};

interface Queued {
  readonly messageId: string;
  readonly body: string;
  receiveCount: number;
  /** When it may be received (again), in milliseconds of virtual time. */
  visibleAt: number;
}

export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
}

export interface SweepRun {
  readonly runId: string;
  readonly answers: readonly SweepAnswer[];
  /** Accounts whose sweep threw to the end of its retries. */
  readonly failures: readonly { readonly account: AccountRef; readonly error: string }[];
}

export interface SweepObserver {
  readonly started?: (runId: string, accounts: readonly AccountRef[]) => void;
  readonly finished?: (account: AccountRef, answer: SweepAnswer | undefined) => void | Promise<void>;
}

/**
 * What rules, queue and scheduler do around the functions, in virtual time: events that a derived pattern matches are
 * queued, delivered in batches after a delay, retried after the visibility timeout, and laid aside after the last
 * try; a sweep goes through the accounts one by one.
 */
export interface Wiring {
  /** Puts any body on the queue, as a sender that is not EventBridge would. */
  send(body: string): void;
  /** Messages that are on the queue, visible or not. */
  readonly waiting: number;
  readonly deadLetters: readonly DeadLetter[];
  /** Invocations of the intake that threw instead of answering: never, if the program is right. */
  readonly functionErrors: readonly string[];
  /** Delivers what is visible by now. */
  deliverDue(): Promise<void>;
  /** Moves the clock on from one delivery to the next until the queue is empty. */
  settle(): Promise<void>;
  /** One run of the schedule: list the accounts, sweep each along its cursors, tell the digest. */
  sweep(observer?: SweepObserver): Promise<SweepRun>;
  close(): void;
}

const sweepTries = 3;
const sweepRetrySeconds = 30;

export const createWiring = (
  sandbox: Pick<Sandbox, "clock" | "subscribe">,
  functions: WiredFunctions,
  settings: Partial<QueueSettings> = {},
  /** Told each event that a rule passes on, before it is queued. */
  onRouted: (event: EventBridgeEvent) => void = () => {},
): Wiring => {
  const clock: VirtualClock = sandbox.clock;
  const { batchSize, deliveryDelaySeconds, visibilityTimeoutSeconds, maxReceiveCount } = {
    ...defaultQueue,
    ...settings,
  };
  const rules = eventPatterns();
  const deadLetters: DeadLetter[] = [];
  const functionErrors: string[] = [];
  let queue: Queued[] = [];
  let sent = 0;
  let delivering: Promise<void> = Promise.resolve();

  const now = (): number => clock.now().getTime();

  const send = (body: string): void => {
    sent += 1;
    const messageId = `message-${String(sent).padStart(6, "0")}`;
    queue.push({ messageId, body, receiveCount: 0, visibleAt: now() + deliveryDelaySeconds * 1000 });
  };

  const route = (event: EventBridgeEvent): void => {
    // A rule a pattern would deliver an event once for each that matches. The intake bears that; a timeline is clearer without.
    if (!rules.some(({ pattern }) => matches(pattern, event))) return;
    onRouted(event);
    send(JSON.stringify(event));
  };
  const unsubscribe = sandbox.subscribe(route);

  const receive = (): Queued[] => {
    const exhausted = queue.filter(
      ({ visibleAt, receiveCount }) => visibleAt <= now() && receiveCount >= maxReceiveCount,
    );
    deadLetters.push(...exhausted.map(({ messageId, body, receiveCount }) => ({ messageId, body, receiveCount })));
    queue = queue.filter((message) => !exhausted.includes(message));
    return queue.filter(({ visibleAt }) => visibleAt <= now()).slice(0, batchSize);
  };

  /** The ids of the messages that go back to the queue: those reported, or all if the function itself failed. */
  const invokeIntake = async (Records: readonly Message[]): Promise<ReadonlySet<string>> => {
    try {
      const { batchItemFailures } = await functions.intake({ Records });
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    } catch (error) {
      functionErrors.push(messageOf(error));
      return new Set(Records.map(({ messageId }) => messageId));
    }
  };

  const deliver = async (): Promise<void> => {
    for (let batch = receive(); batch.length > 0; batch = receive()) {
      for (const message of batch) {
        message.receiveCount += 1;
        message.visibleAt = now() + visibilityTimeoutSeconds * 1000;
      }
      const Records = batch.map(({ messageId, body, receiveCount }) => ({
        messageId,
        body,
        attributes: { ApproximateReceiveCount: String(receiveCount) },
      }));
      const failed = await invokeIntake(Records);
      queue = queue.filter((message) => !batch.includes(message) || failed.has(message.messageId));
    }
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

  return {
    send,
    get waiting() {
      return queue.length;
    },
    deadLetters,
    functionErrors,
    deliverDue,
    settle: async () => {
      await deliverDue();
      while (queue.length > 0) {
        clock.advance(Math.max(0, Math.min(...queue.map(({ visibleAt }) => visibleAt)) - now()));
        await deliverDue();
      }
    },
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
      return { runId, answers, failures };
    },
    close: unsubscribe,
  };
};
