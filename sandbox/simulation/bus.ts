import { matches } from "../../shared/events/matcher.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import type { EventBridgeEvent, Sandbox } from "../sandbox.ts";
import type { Engine } from "./engine.ts";
import { eventFaults, type Faults } from "./faults.ts";
import { hourMs, minuteMs } from "./plan.ts";
import type { Queue } from "./queue.ts";

export interface Bus {
  /** Events that a rule passed on and that are not on the queue yet. */
  readonly underWay: number;
}

const patterns = eventPatterns();

/** Most records are iam-warden's own reads, which no pattern matches: `test/simulation/bus.test.ts` holds this to them. */
export const isOrdinaryRead = ({
  detail: { readOnly, userIdentity, eventName, errorCode },
}: EventBridgeEvent): boolean =>
  readOnly === true &&
  errorCode === undefined &&
  Reflect.get(Object(userIdentity), "type") !== "Root" &&
  eventName !== "AssumeRoot";

/**
 * The rules between CloudTrail and the queue. An event may be lost, come twice or more, late, or before an earlier one.
 * @param onDone told of each message that the intake took as done
 */
export const createBus = (options: {
  readonly sandbox: Sandbox;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly say: (line: string) => void;
  readonly queue: Queue;
  readonly onDone: (event: EventBridgeEvent) => void;
  /** Whether nothing of an account comes through now. */
  readonly isCutOff: (accountId: string) => boolean;
}): Bus => {
  const { sandbox, engine, faults, say, queue, onDone, isCutOff } = options;
  const emitted = new Map<string, number>();
  let underWay = 0;

  const route = (event: EventBridgeEvent): void => {
    if (isCutOff(event.account)) return;
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
        queue.send(`${key} copy ${copy}`, JSON.stringify(event), () => onDone(event));
      });
    }
  };

  sandbox.subscribe(route);
  return {
    get underWay() {
      return underWay;
    },
  };
};
