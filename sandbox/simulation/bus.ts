import type { SQSBatchResponse } from "aws-lambda";
import { matches } from "../../shared/events/matcher.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import type { Message } from "../../shared/intake/receive.ts";
import type { EventBridgeEvent, Sandbox } from "../sandbox.ts";
import type { Ended, Engine } from "./engine.ts";
import { eventFaults, type Faults } from "./faults.ts";
import { hourMs, minuteMs } from "./plan.ts";

/** As the hub's stack has it; in milliseconds. */
const visibilityMs = 540_000;
const maxReceiveCount = 5;
const batchSize = 10;

interface Queued {
  readonly id: string;
  readonly event: EventBridgeEvent;
  received: number;
  visibleAt: number;
}

export interface Bus {
  /** Messages that are on their way or on the queue. */
  readonly waiting: number;
}

const patterns = eventPatterns();

/** Most records are iam-warden's own reads, which no pattern matches: `test/simulation/bus.test.ts` holds this to them. */
export const isOrdinaryRead = ({ detail: { readOnly, userIdentity, eventName } }: EventBridgeEvent): boolean =>
  readOnly === true && Reflect.get(Object(userIdentity), "type") !== "Root" && eventName !== "AssumeRoot";

/**
 * Rules and queue between CloudTrail and the intake. An event may be lost, come twice or more, late, or before an earlier
 */
export const createBus = (options: {
  readonly sandbox: Sandbox;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly say: (line: string) => void;
  readonly intake: (key: string, batch: { readonly Records: readonly Message[] }) => Promise<Ended<SQSBatchResponse>>;
  /** Told of each message that the intake took as done. */
  readonly onDone: (event: EventBridgeEvent) => void;
}): Bus => {
  const { sandbox, engine, faults, say, intake, onDone } = options;
  const emitted = new Map<string, number>();
  let queue: Queued[] = [];
  let underWay = 0;

  const route = (event: EventBridgeEvent): void => {
    if (isOrdinaryRead(event) || !patterns.some(({ pattern }) => matches(pattern, event))) return;
    const ordinal = (emitted.get(engine.acting) ?? 0) + 1;
    emitted.set(engine.acting, ordinal);
    const key = `event ${ordinal} of ${engine.acting}`;
    const fault = faults.at(key, eventFaults);
    const detail = faults.detail(key);
    const soonMs = 1_000 + detail * minuteMs;
    const what = `${String(event.detail.eventName)} in ${event.account}`;
    say(`${key} (${what})${fault === undefined ? "" : `: ${fault}`}`);
    if (fault === "lost") return;
    const copies = fault === "duplicated" ? 2 + Math.floor(detail * 2) : 1;
    for (let copy = 1; copy <= copies; copy++) {
      const late = fault === "delayed" ? detail * 5 * hourMs : fault === "reordered" ? detail * 10 * minuteMs : 0;
      // Copies come at the same moment or well apart.
      const apart = copy > 1 && detail > 0.5 ? copy * detail * 20 * minuteMs : 0;
      underWay += 1;
      engine.at(engine.now() + soonMs + late + apart, () => {
        underWay -= 1;
        enqueue({ id: `${key} copy ${copy}`, event, received: 0, visibleAt: engine.now() });
      });
    }
  };

  const enqueue = (message: Queued): void => {
    queue.push(message);
    engine.at(message.visibleAt + 200, poll);
  };

  const poll = (): void => {
    const visible = queue.filter(({ visibleAt }) => visibleAt <= engine.now());
    for (const message of visible.filter(({ received }) => received >= maxReceiveCount)) {
      say(`laid aside: ${message.id}`);
      queue = queue.filter((other) => other !== message);
    }
    const ready = visible.filter(({ received }) => received < maxReceiveCount);
    if (ready.length === 0) return;
    const key = `intake ${ready[0]?.id} try ${(ready[0]?.received ?? 0) + 1}`;
    // Several pollers share the queue: whoever comes first takes some, the next one the rest, at the same moment.
    const batch = ready.slice(0, 1 + Math.floor(faults.detail(key) * batchSize));
    if (batch.length < ready.length) engine.at(engine.now(), poll);
    for (const message of batch) {
      message.received += 1;
      message.visibleAt = engine.now() + visibilityMs;
    }
    void receive(key, batch);
  };

  const receive = async (key: string, batch: readonly Queued[]): Promise<void> => {
    const ended = await intake(key, {
      Records: batch.map(({ id, event, received }) => ({
        messageId: id,
        body: JSON.stringify(event),
        attributes: { ApproximateReceiveCount: String(received) },
      })),
    });
    const failed =
      ended.outcome === "done"
        ? new Set(ended.value.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
        : new Set(batch.map(({ id }) => id));
    for (const message of batch) {
      if (failed.has(message.id)) engine.at(message.visibleAt + 200, poll);
      else if (queue.includes(message)) {
        queue = queue.filter((other) => other !== message);
        onDone(message.event);
      }
    }
  };

  sandbox.subscribe(route);
  return {
    get waiting() {
      return queue.length + underWay;
    },
  };
};
