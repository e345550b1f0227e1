import type { Telemetry } from "../../shared/telemetry.ts";
import type { Templates } from "../cloudformation/synthesize.ts";
import type { EventBridgeEvent } from "../cloudtrail.ts";
import type { Around, Invocation } from "../lambda/invoke.ts";
import type { Place } from "./stacks.ts";
import type { SweepObserver, SweepRun } from "./sweep.ts";

export interface DeployOptions extends Place {
  readonly telemetry: Telemetry;
  /** The text of `warden.config.yaml`; absent: none, so that every control runs with its defaults. */
  readonly settings?: string | undefined;
  /** What is deployed; absent: what is synthesized of the settings. */
  readonly templates?: Templates | undefined;
  /** Attempts of one AWS call, the first included; by default the functions' own. */
  readonly maxAttempts?: number | undefined;
  /** How long an invocation of the sweep may still run, in milliseconds, instead of what is left of its timeout. */
  readonly remainingMs?: (() => number) | undefined;
  /** Told of each invocation when it is over. */
  readonly onInvoked?: ((invocation: Invocation) => void | Promise<void>) | undefined;
  /** Runs each invocation; see `LambdaOptions`. */
  readonly around?: Around | undefined;
  /** Told of each event once, when the first rule put it on a queue of the intake. */
  readonly onRouted?: ((event: EventBridgeEvent) => void) | undefined;
}

export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
}

/** What is between the functions, and moves only when somebody asks. */
export interface Wiring {
  /** Puts any body on the (first) queue of the intake, as a sender that is not EventBridge would. */
  send(body: string): void;
  /** Puts any body on the queue of the function that repairs. */
  sendRepair(body: string): void;
  /** Messages that are on the queues before functions, visible or not. */
  readonly waiting: number;
  readonly deadLetters: readonly DeadLetter[];
  /** Invocations of queues and schedules that failed instead of answering: never, if the program is right. */
  readonly functionErrors: readonly string[];
  /** Delivers what is visible by now. */
  deliverDue(): Promise<void>;
  /** Moves the clock on from one delivery to the next until the queues are empty. Schedules do not run. */
  settle(): Promise<void>;
  /** One run of the daily schedule; then the queues run empty. @throws Error if the state machine fails */
  sweep(observer?: SweepObserver): Promise<SweepRun>;
  /**
   * Starts what schedules were due by now: hourly runs wait to be invoked, a sweep runs to its end.
   * @returns the sweep, if it was one's time
   */
  runSchedules(observer?: SweepObserver): Promise<SweepRun | undefined>;
  close(): void;
}
