import { drawn, oneOf } from "./random.ts";

/** What befalls one call to the world outside. */
export const callFaults = [
  "throttled",
  "refused with 5xx",
  "timed out after its effect",
  "made twice",
  "killed before",
  "killed after",
  "stalled before",
  "stalled after",
] as const;
/** What befalls one event on its way to the queue. */
export const eventFaults = ["lost", "duplicated", "delayed", "reordered"] as const;
/** What lasts for a while, or for a function's whole life. */
export const lastingFaults = ["sns down", "settings unreadable", "clock skewed", "time short", "lagging"] as const;

export type CallFault = (typeof callFaults)[number];
export type EventFault = (typeof eventFaults)[number];
export type FaultKind = CallFault | EventFault | (typeof lastingFaults)[number];

/** How likely each fault is, of one call or event: what kind of days these are. */
export type Rates = Readonly<Record<FaultKind, number>>;

/** A fault that was injected; `key` names the place, the same in every run of a seed. */
export interface Injected {
  readonly key: string;
  readonly kind: FaultKind;
}

export interface Faults {
  readonly injected: readonly Injected[];
  /** Which of these faults, if any, is injected at a place. Each kind by its own rate; the first that is drawn counts. */
  at<K extends FaultKind>(key: string, kinds: readonly K[]): K | undefined;
  /** A number in [0, 1) for a detail of what happens at a place. */
  detail(key: string): number;
  /** No more faults from now on. */
  end(): void;
}

/** @param only the keys of faults that may be injected; absent: any */
export const createFaults = (seed: number, rates: Rates, only?: ReadonlySet<string>): Faults => {
  const injected: Injected[] = [];
  let over = false;
  return {
    injected,
    at: (key, kinds) => {
      if (over || (only !== undefined && !only.has(key))) return undefined;
      let left = drawn(seed, key);
      for (const kind of kinds) {
        left -= rates[kind];
        if (left >= 0) continue;
        injected.push({ key, kind });
        return kind;
      }
      return undefined;
    },
    detail: (key) => drawn(seed, `${key} detail`),
    end: () => {
      over = true;
    },
  };
};

/** An error as the AWS SDK throws it. */
export const sdkError = (name: string, message: string, status: number): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status, attempts: 1 },
  });

export const throttling = (): Error => sdkError("Throttling", "Rate exceeded", 400);

export const serverError = (detail: number): Error =>
  oneOf(
    [
      sdkError("ServiceUnavailable", "Service is unable to handle request.", 503),
      sdkError("InternalFailure", "An internal error occurred", 500),
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    ],
    detail,
  );

export const timeout = (detail: number): Error =>
  oneOf(
    [
      Object.assign(new Error("Connection timed out"), { name: "TimeoutError", code: "ETIMEDOUT" }),
      Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
    ],
    detail,
  );
