import type { SQSBatchResponse } from "aws-lambda";
import type { VirtualClock } from "../../../sandbox/clock.ts";
import type { DeadLetter } from "../../../sandbox/deployed/options.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Message } from "../../../shared/intake/receive.ts";

/** A queue before a function; times in seconds. */
export interface QueueSettings {
  readonly batchSize: number;
  readonly deliveryDelaySeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
}

interface Queued {
  readonly messageId: string;
  readonly body: string;
  receiveCount: number;
  /** When it may be received (again), in milliseconds of virtual time. */
  visibleAt: number;
}

/** What SQS does before a function, in virtual time. */
export interface Queue {
  send(body: string): void;
  /** Messages that are on the queue, visible or not. */
  readonly waiting: number;
  readonly deadLetters: readonly DeadLetter[];
  /** Invocations that threw instead of answering: never, if the program is right. */
  readonly functionErrors: readonly string[];
  /** When the next message may be received, in milliseconds of virtual time. */
  readonly nextAt: number | undefined;
  /** Delivers what is visible by now, in batches. */
  deliver(): Promise<void>;
}

export const createQueue = (
  clock: VirtualClock,
  { batchSize, deliveryDelaySeconds, visibilityTimeoutSeconds, maxReceiveCount }: QueueSettings,
  invoke: (batch: { Records: readonly Message[] }) => Promise<SQSBatchResponse>,
  name = "message",
): Queue => {
  const deadLetters: DeadLetter[] = [];
  const functionErrors: string[] = [];
  let queue: Queued[] = [];
  let sent = 0;
  const now = (): number => clock.now().getTime();

  const receive = (): Queued[] => {
    const exhausted = queue.filter(
      ({ visibleAt, receiveCount }) => visibleAt <= now() && receiveCount >= maxReceiveCount,
    );
    deadLetters.push(...exhausted.map(({ messageId, body, receiveCount }) => ({ messageId, body, receiveCount })));
    queue = queue.filter((message) => !exhausted.includes(message));
    return queue.filter(({ visibleAt }) => visibleAt <= now()).slice(0, batchSize);
  };

  /** The ids of the messages that go back to the queue: those reported, or all if the function itself failed. */
  const failedOf = async (Records: readonly Message[]): Promise<ReadonlySet<string>> => {
    try {
      const { batchItemFailures } = await invoke({ Records });
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    } catch (error) {
      functionErrors.push(messageOf(error));
      return new Set(Records.map(({ messageId }) => messageId));
    }
  };

  return {
    send: (body) => {
      sent += 1;
      const messageId = `${name}-${String(sent).padStart(6, "0")}`;
      queue.push({ messageId, body, receiveCount: 0, visibleAt: now() + deliveryDelaySeconds * 1000 });
    },
    get waiting() {
      return queue.length;
    },
    deadLetters,
    functionErrors,
    get nextAt() {
      return queue.length === 0 ? undefined : Math.min(...queue.map(({ visibleAt }) => visibleAt));
    },
    deliver: async () => {
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
        const failed = await failedOf(Records);
        const received = batch;
        queue = queue.filter((message) => !received.includes(message) || failed.has(message.messageId));
      }
    },
  };
};
