import { synthesize, type Templates } from "../cloudformation/synthesize.ts";
import { createLambda, type Invocation } from "../lambda/invoke.ts";
import { createLater } from "../lambda/later.ts";
import { createPoller } from "../lambda/poll.ts";
import type { Sandbox } from "../sandbox.ts";
import { createScheduler } from "../scheduler/run.ts";
import { redriveOf, sendTo } from "../sqs/queue.ts";
import type { Queue } from "../sqs/state.ts";
import { execute } from "../states/execute.ts";
import type { Execution } from "../states/state.ts";
import { countCalls } from "./calls.ts";
import { invokeEntry, throughUrl } from "./invoke.ts";
import type { DeadLetter, DeployOptions, Wiring } from "./options.ts";
import { deployTemplates, deployToJoined } from "./stacks.ts";
import { storesOf } from "./stores.ts";
import { followSweep, type SweepObserver, type SweepRun } from "./sweep.ts";

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
    ...{ telemetry: options.telemetry, maxAttempts: options.maxAttempts, around: options.around },
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
    const { see, run } = followSweep(state, observer);
    observers.add(see);
    try {
      await work();
      return run();
    } finally {
      observers.delete(see);
    }
  };

  const settle = async (): Promise<void> => {
    await deliverDue();
    for (let next = nextAt(); Number.isFinite(next); next = nextAt()) {
      clock.advance(Math.max(0, next - clock.now().getTime()));
      await deliverDue();
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
    settle,
    sweep: async (observer) => {
      const schedule = [...state.schedules.values()].find(({ target }) => state.stateMachines.has(target.arn));
      if (schedule === undefined) throw new Error("no schedule starts a state machine");
      const before = executions.length;
      const run = await following(observer, () => scheduler.start(schedule));
      const execution = executions[before];
      if (execution?.status !== "SUCCEEDED")
        throw new Error(`the sweep failed: ${execution?.error ?? "it was not started"}: ${execution?.cause ?? ""}`);
      // The marks that it left arrive within a minute, not when somebody next moves the clock on.
      await settle();
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
    /** What people's commands ask. */
    operator: throughUrl(sandbox, lambda, "operator"),
    /** What `warden doctor` asks. */
    doctor: throughUrl(sandbox, lambda, "doctor"),
    /** Invokes a function of `functions/` and waits. @throws Error as the function threw it */
    invoke: (entry: string, event: unknown = {}): Promise<unknown> => invokeEntry(sandbox, lambda, entry, event),
    wiring,
  };
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
