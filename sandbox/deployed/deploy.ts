import type { HandleOperatorRequest, HttpAnswer } from "../../shared/operator/http.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import { synthesize, type Templates } from "../cloudformation/synthesize.ts";
import type { EventBridgeEvent } from "../cloudtrail.ts";
import { createLambda, type Invocation, type Lambda } from "../lambda/invoke.ts";
import { createLater } from "../lambda/later.ts";
import { createPoller } from "../lambda/poll.ts";
import type { Sandbox } from "../sandbox.ts";
import { createScheduler } from "../scheduler/run.ts";
import { redriveOf, sendTo } from "../sqs/queue.ts";
import type { Queue } from "../sqs/state.ts";
import { execute } from "../states/execute.ts";
import type { Execution } from "../states/state.ts";
import { countCalls } from "./calls.ts";
import { deployTemplates, deployToJoined, type Place } from "./stacks.ts";
import { storesOf } from "./stores.ts";
import { followSweep, type SweepObserver, type SweepRun } from "./sweep.ts";

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
  /** One run of the daily schedule. @throws Error if the state machine fails */
  sweep(observer?: SweepObserver): Promise<SweepRun>;
  /**
   * Starts what schedules were due by now: hourly runs wait to be invoked, a sweep runs to its end.
   * @returns the sweep, if it was one's time
   */
  runSchedules(observer?: SweepObserver): Promise<SweepRun | undefined>;
  close(): void;
}

export type Deployment = ReturnType<typeof deploy>;

/**
 * Deploys the synthesized templates into a sandbox and lets what they deploy work: the functions' own entries with their
 * roles and variables, the queues, rules, schedules and the state machine between them; everything in virtual time.
 */
export const deploy = (sandbox: Sandbox, options: DeployOptions) => {
  const { state, ids, clock } = sandbox;
  const templates = options.templates ?? synthesize(options.settings);
  const hub = deployTemplates(sandbox, templates, options);
  const functionErrors: string[] = [];
  const observers = new Set<(invocation: Invocation) => Promise<void>>();
  const lambda = createLambda(sandbox, {
    ...{ telemetry: options.telemetry, maxAttempts: options.maxAttempts },
    remainingMs: (entry) => (entry === "sweep-account" ? options.remainingMs?.() : undefined),
    onInvoked: async (invocation) => {
      await options.onInvoked?.(invocation);
      for (const observe of observers) await observe(invocation);
    },
  });
  const failed = (message: string): void => void functionErrors.push(message);
  const poller = createPoller(sandbox, lambda, failed);
  const later = createLater(sandbox, lambda, failed);
  const executions: Execution[] = [];
  const startExecution = async (arn: string, input: unknown): Promise<void> => {
    const execution = await execute(sandbox, lambda, arn, input);
    executions.push(execution);
    const { status, error, cause } = execution;
    if (status !== "SUCCEEDED") failed(`${arn} ${status}: ${error}: ${cause}`);
  };
  const scheduler = createScheduler(sandbox, { later, startExecution });

  /** The queues before a function, in the order of the template. */
  const queuesOf = (entry: string): readonly Queue[] =>
    [...state.eventSourceMappings.values()]
      .filter(({ functionArn }) => state.functions.get(functionArn)?.entry === entry)
      .flatMap(({ queueArn }) => state.queues.get(queueArn) ?? []);
  const sendToQueueOf = (entry: string, body: string): void => {
    const [queue] = queuesOf(entry);
    if (queue === undefined) throw new Error(`no queue is deployed before ${entry}`);
    sendTo(queue, { ids, now: clock.now() }, { body });
  };
  const counting = countCalls(sandbox);
  const stopFollowing = followEvents(sandbox, templates, queuesOf("intake"), options.onRouted);

  let delivering: Promise<void> = Promise.resolve();
  const deliverDue = (): Promise<void> => {
    // One delivery at a time, however often a caller's timer fires.
    delivering = delivering.then(async () => {
      await poller.deliver();
      await later.deliver();
    });
    return delivering;
  };
  const nextAt = (): number =>
    Math.min(poller.nextAt ?? Number.POSITIVE_INFINITY, later.nextAt ?? Number.POSITIVE_INFINITY);

  const following = async (observer: SweepObserver = {}, work: () => Promise<void>): Promise<SweepRun> => {
    const { see, run } = followSweep(observer);
    observers.add(see);
    try {
      await work();
      return run();
    } finally {
      observers.delete(see);
    }
  };

  const wiring: Wiring = {
    send: (body) => sendToQueueOf("intake", body),
    sendRepair: (body) => sendToQueueOf("remediate", body),
    get waiting() {
      return [...state.eventSourceMappings.values()]
        .map(({ queueArn }) => state.queues.get(queueArn)?.messages.length ?? 0)
        .reduce((sum, count) => sum + count, 0);
    },
    get deadLetters() {
      return deadLettersOf(state);
    },
    functionErrors,
    deliverDue,
    settle: async () => {
      await deliverDue();
      for (let next = nextAt(); Number.isFinite(next); next = nextAt()) {
        clock.advance(Math.max(0, next - clock.now().getTime()));
        await deliverDue();
      }
    },
    sweep: async (observer) => {
      const schedule = [...state.schedules.values()].find(({ target }) => state.stateMachines.has(target.arn));
      if (schedule === undefined) throw new Error("no schedule starts a state machine");
      const before = executions.length;
      const run = await following(observer, () => scheduler.start(schedule));
      const execution = executions[before];
      if (execution?.status !== "SUCCEEDED")
        throw new Error(`the sweep failed: ${execution?.error ?? "it was not started"}: ${execution?.cause ?? ""}`);
      return run;
    },
    runSchedules: async (observer) => {
      const before = executions.length;
      const run = await following(observer, () => scheduler.deliver());
      return executions.length > before ? run : undefined;
    },
    close: () => {
      stopFollowing();
      counting.close();
    },
  };

  return {
    stack: hub,
    templates,
    ...storesOf(sandbox, hub, queuesOf("remediate")[0]?.url),
    /** What iam-warden called in each account. */
    calls: counting.calls,
    operator: operatorOf(sandbox, lambda),
    /** Invokes a function of `functions/` and waits. @throws Error as the function threw it */
    invoke: (entry: string, event: unknown = {}): Promise<unknown> => invokeEntry(sandbox, lambda, entry, event),
    wiring,
  };
};

const arnOf = ({ state }: Sandbox, entry: string): string => {
  const found = [...state.functions.values()].find((one) => one.entry === entry);
  if (found === undefined) throw new Error(`no function is deployed that runs ${entry}`);
  return found.arn;
};

const invokeEntry = async (sandbox: Sandbox, lambda: Lambda, entry: string, event: unknown): Promise<unknown> => {
  const answer = await lambda.invoke(arnOf(sandbox, entry), event);
  if ("payload" in answer) return answer.payload;
  throw answer.cause ?? new Error(`${answer.errorType}: ${answer.errorMessage}`);
};

/** The operator through its function's URL, which tells the function who signed; unsigned requests never reach it. */
const operatorOf =
  (sandbox: Sandbox, lambda: Lambda): HandleOperatorRequest =>
  async (body, caller) => {
    if (caller === undefined)
      return { statusCode: 403, headers: { "content-type": "application/json" }, body: '{"Message":"Forbidden"}' };
    const authorizer = { iam: { userArn: caller.arn } };
    const event = {
      version: "2.0",
      requestContext: { http: { method: "POST" }, authorizer },
      body,
      isBase64Encoded: false,
    };
    return (await invokeEntry(sandbox, lambda, "operator", event)) as HttpAnswer;
  };

/** What lies in the queues that others lay aside in. */
const deadLettersOf = ({ queues }: Sandbox["state"]): readonly DeadLetter[] => {
  const targets = new Set([...queues.values()].flatMap((queue) => redriveOf(queue)?.deadLetterTargetArn ?? []));
  return [...targets].flatMap((arn) =>
    (queues.get(arn)?.messages ?? []).map(({ id, body, receiveCount }) => ({ messageId: id, body, receiveCount })),
  );
};

/** Deploys to accounts as they join, and tells which events reached a queue of the intake. */
const followEvents = (
  sandbox: Sandbox,
  templates: Templates,
  intakeQueues: readonly Queue[],
  onRouted: DeployOptions["onRouted"] = () => {},
): (() => void) => {
  const routed = new Set<string>();
  const stop = [
    sandbox.subscribe(({ source }) => {
      if (source === "aws.organizations") deployToJoined(sandbox, templates);
    }),
    sandbox.onQueued((event, queueArn) => {
      if (routed.has(event.id) || !intakeQueues.some(({ arn }) => arn === queueArn)) return;
      routed.add(event.id);
      onRouted(event);
    }),
  ];
  return () => {
    for (const one of stop) one();
  };
};
