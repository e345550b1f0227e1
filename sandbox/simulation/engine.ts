import { setImmediate } from "node:timers/promises";
import type { VirtualClock } from "../clock.ts";
import type { Random } from "../random.ts";
import { callFaults, type Faults, serverError, throttling, timeout } from "./faults.ts";

/** What a killed invocation's calls come to: nothing, for there is nobody any more who could make them. */
export class KilledError extends Error {
  override readonly name = "KilledError";
}

/** One run of a function. */
export interface Invocation {
  /** Names it in every run of the seed. */
  readonly key: string;
  /** Calls to the world outside so far. */
  calls: number;
  dead: boolean;
  end(): void;
}

export type Ended<T> =
  | { readonly outcome: "done"; readonly value: T }
  | { readonly outcome: "failed"; readonly error: unknown }
  | { readonly outcome: "killed" };

/** How a call that failed on its way looks to its caller, where that is not as the AWS SDK shows it. */
export interface CallErrors {
  readonly throttled: () => Error;
  readonly unanswered: (detail: number) => Error;
}

/** A call is one step: who goes on after it is drawn among all that want to make one. */
interface Waiting {
  readonly invocation: Invocation;
  readonly run: () => Promise<void>;
  readonly kill: () => void;
}

interface Appointment {
  readonly at: number;
  readonly run: () => void | Promise<void>;
}

export interface Engine {
  readonly now: () => number;
  /** What makes changes just now: an invocation's call, or an appointment, by name. */
  readonly acting: string;
  /** Calls to the world outside so far. */
  readonly calls: number;
  /** Does something at a time, in milliseconds of virtual time; at once, if that has passed. */
  at(time: number, run: () => void | Promise<void>): void;
  /** Runs a function. It is over when it returns, throws or is killed. */
  invoke<T>(invocation: Invocation, run: () => Promise<T>): Promise<Ended<T>>;
  /** A call to the world outside, of an invocation: it may fail, last, or be the invocation's end. */
  call<T>(invocation: Invocation, name: string, effect: () => Promise<T>, errors?: CallErrors): Promise<T>;
  sleep(invocation: Invocation, ms: number): Promise<void>;
  /** Goes on until nobody has anything left to do; or, with appointments still to come, until a time. */
  run(until: number): Promise<void>;
  /** Names what is done within as the doing of somebody. */
  as<T>(acting: string, run: () => Promise<T>): Promise<T>;
}

export const startInvocation = (key: string): Invocation => ({ key, calls: 0, dead: false, end: () => {} });

const sdkErrors: CallErrors = { throttled: throttling, unanswered: timeout };

/**
 * Discrete events over one virtual clock. All code between two calls to the world outside runs to its next one, then one
 * of the calls that are waiting is drawn and made: so any interleaving of handlers may happen, and each happens again.
 * @param say is told of each call and its fault
 */
export const createEngine = (options: {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly say: (line: string) => void;
}): Engine => {
  const { clock, random, faults, say } = options;
  const now = (): number => clock.now().getTime();
  const appointments: Appointment[] = [];
  const waiting: Waiting[] = [];
  let acting = "nobody";
  let calls = 0;

  const at = (time: number, run: Appointment["run"]): void => {
    const appointment = { at: Math.max(time, now()), run };
    let place = appointments.length;
    while (place > 0 && (appointments[place - 1]?.at ?? 0) > appointment.at) place--;
    appointments.splice(place, 0, appointment);
  };

  const as = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const before = acting;
    acting = name;
    try {
      return await run();
    } finally {
      acting = before;
    }
  };

  const kill = (invocation: Invocation): void => {
    invocation.dead = true;
    for (const one of waiting.filter((other) => other.invocation === invocation)) one.kill();
    invocation.end();
  };

  /** Makes a call with what befalls it there. */
  const make = async <T>(
    invocation: Invocation,
    key: string,
    effect: () => Promise<T>,
    errors: CallErrors,
  ): Promise<T> => {
    const detail = faults.detail(key);
    clock.advance(5 + Math.floor(detail * 60));
    const fault = faults.at(key, callFaults);
    say(fault === undefined ? `  ${key}` : `  ${key}: ${fault}`);
    const affect = (): Promise<T> => as(key, effect);
    switch (fault) {
      case undefined:
        return affect();
      case "throttled":
        throw errors.throttled();
      case "refused with 5xx":
        throw errors === sdkErrors ? serverError(detail) : errors.unanswered(detail);
      case "timed out after its effect":
        await settled(affect());
        throw errors.unanswered(detail);
      case "made twice":
        await settled(affect());
        return affect();
      case "killed before":
        kill(invocation);
        throw new KilledError(key);
      case "killed after":
        await settled(affect());
        kill(invocation);
        throw new KilledError(key);
      case "stalled before":
        await pause(invocation, 1_000 + detail * 40_000);
        return turn(invocation, affect);
      case "stalled after": {
        const answer = await affect();
        await pause(invocation, 1_000 + detail * 40_000);
        return answer;
      }
    }
  };

  /** Waits for a turn, which another's may come before. */
  const turn = <T>(invocation: Invocation, run: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push({
        invocation,
        run: () => run().then(resolve, reject),
        kill: () => reject(new KilledError(invocation.key)),
      });
    });

  const sleep = (invocation: Invocation, ms: number): Promise<void> => {
    if (invocation.dead) return Promise.reject(new KilledError(invocation.key));
    return new Promise((resolve, reject) => {
      at(now() + ms, () => (invocation.dead ? reject(new KilledError(invocation.key)) : resolve()));
    });
  };

  let giveBack = (): void => {};
  /** Lets others go on while a call hangs: the turn that it holds is given back. */
  const pause = (invocation: Invocation, ms: number): Promise<void> => {
    giveBack();
    return sleep(invocation, ms);
  };

  const step = async (one: Waiting): Promise<void> => {
    if (one.invocation.dead) return one.kill();
    const { promise: givenBack, resolve } = Promise.withResolvers<void>();
    giveBack = resolve;
    await Promise.race([one.run(), givenBack]);
  };

  return {
    now,
    get acting() {
      return acting;
    },
    get calls() {
      return calls;
    },
    at,
    as,
    invoke: <T>(invocation: Invocation, run: () => Promise<T>) =>
      new Promise<Ended<T>>((resolve) => {
        invocation.end = () => resolve({ outcome: "killed" });
        run().then(
          (value) => resolve({ outcome: "done", value }),
          (error: unknown) => resolve({ outcome: "failed", error }),
        );
      }),
    call: (invocation, name, effect, errors = sdkErrors) => {
      if (invocation.dead) return Promise.reject(new KilledError(invocation.key));
      calls += 1;
      invocation.calls += 1;
      const key = `${invocation.key} ${invocation.calls} ${name}`;
      return turn(invocation, () => make(invocation, key, effect, errors));
    },
    sleep,
    run: async (until) => {
      for (;;) {
        await setImmediate(); // All that does not wait for the world has come to its next call by then.
        const due = appointments[0];
        if (due !== undefined && due.at <= now()) {
          appointments.shift();
          await due.run();
        } else if (waiting.length > 0) {
          const [one] = waiting.splice(Math.floor(random() * waiting.length), 1);
          if (one !== undefined) await step(one);
        } else {
          if (due === undefined || due.at > until) break;
          clock.advance(due.at - now());
        }
      }
      if (now() < until) clock.advance(until - now());
    },
  };
};

/** When it is over, one way or the other. */
const settled = (promise: Promise<unknown>): Promise<void> =>
  promise.then(
    () => {},
    () => {},
  );
