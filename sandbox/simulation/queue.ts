import type { SQSBatchResponse } from "aws-lambda";
import type { Ended, Engine } from "./engine.ts";
import type { Faults } from "./faults.ts";

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

export interface Queue {
  /** On the queue, visible or not. */
  readonly waiting: number;
  /** @param done is told when its receiver took the message as done; not if it is laid aside after the last try */
  send(id: string, body: string, done?: () => void): void;
}

interface Queued {
  readonly id: string;
  readonly body: string;
  readonly done: () => void;
  received: number;
  visibleAt: number;
}

/** Between a message's arrival and its first batch, in milliseconds. */
const pollMs = 200;

/**
 * An SQS queue before a function. Messages that fail come back after the visibility timeout (in milliseconds) and are laid
 * aside after the last try; as many batches are under way at once as there are messages to be had.
 */
export const createQueue = (options: {
  readonly name: string;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly say: (line: string) => void;
  readonly visibilityMs: number;
  readonly maxReceiveCount: number;
  readonly batchSize: number;
  readonly receive: (
    key: string,
    batch: { readonly Records: readonly QueuedMessage[] },
  ) => Promise<Ended<SQSBatchResponse>>;
}): Queue => {
  const { name, engine, faults, say, visibilityMs, maxReceiveCount, batchSize } = options;
  let queue: Queued[] = [];

  const drop = (message: Queued): boolean => {
    const before = queue.length;
    queue = queue.filter((other) => other !== message);
    return queue.length < before;
  };

  const poll = (): void => {
    const visible = queue.filter(({ visibleAt }) => visibleAt <= engine.now());
    for (const message of visible.filter(({ received }) => received >= maxReceiveCount)) {
      say(`laid aside: ${message.id}`);
      drop(message);
    }
    const ready = visible.filter(({ received }) => received < maxReceiveCount);
    const [first] = ready;
    if (first === undefined) return;
    const key = `${name} ${first.id} try ${first.received + 1}`;
    // Several pollers share the queue: whoever comes first takes some, the next one the rest, at the same moment.
    const batch = ready.slice(0, 1 + Math.floor(faults.detail(key) * batchSize));
    if (batch.length < ready.length) engine.at(engine.now(), poll);
    for (const message of batch) {
      message.received += 1;
      message.visibleAt = engine.now() + visibilityMs;
    }
    void handOver(key, batch);
  };

  const handOver = async (key: string, batch: readonly Queued[]): Promise<void> => {
    const ended = await options.receive(key, {
      Records: batch.map(({ id, body, received }) => ({
        messageId: id,
        body,
        attributes: { ApproximateReceiveCount: String(received) },
      })),
    });
    const failed =
      ended.outcome === "done"
        ? new Set(ended.value.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
        : new Set(batch.map(({ id }) => id));
    for (const message of batch) {
      if (failed.has(message.id)) engine.at(message.visibleAt + pollMs, poll);
      else if (drop(message)) message.done();
    }
  };

  return {
    get waiting() {
      return queue.length;
    },
    send: (id, body, done = () => {}) => {
      queue.push({ id, body, done, received: 0, visibleAt: engine.now() });
      engine.at(engine.now() + pollMs, poll);
    },
  };
};
