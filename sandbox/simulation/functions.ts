import { DeliveryError } from "../../shared/errors.ts";
import { createSnsNotifier } from "../../shared/notify/sns.ts";
import type { RepairMessage } from "../../shared/remediation/queue.ts";
import { holding, repairingOnly } from "../../shared/settings/held.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import { type CreateAccess, through } from "./access.ts";
import { type Ended, type Engine, type Invocation, startInvocation } from "./engine.ts";
import type { Faults } from "./faults.ts";
import { builders, type FunctionName, type Handlers, type InstanceParts } from "./handlers.ts";
import { minuteMs } from "./plan.ts";
import type { Seams } from "./seams.ts";
import { type Call, type Tables, tablesThrough } from "./tables.ts";
import { auditRole, functionRole, remediateRole, type SimulatedOrganization } from "./world.ts";

interface Instance<F extends FunctionName> {
  readonly handler: Handlers[F];
  readonly settings: Settings;
  /** The one under way, or the last. */
  invocation: Invocation;
  /** When its time is up. */
  endsAt: number;
  usedAt: number;
}

export interface Functions {
  invoke<F extends FunctionName>(
    name: F,
    key: string,
    input: Parameters<Handlers[F]>[0],
  ): Promise<Ended<Awaited<ReturnType<Handlers[F]>>>>;
}

const instanceLifeMs = 40 * minuteMs;

const unsent = (): Error => new DeliveryError("The queue did not take a message: TimeoutError: Connection timed out");
const sqsErrors = { throttled: unsent, unanswered: unsent };

/** The memory of the functions, and what it is built from, is one instance's alone; so a kill loses it. */
export const createFunctions = (options: {
  readonly engine: Engine;
  readonly faults: Faults;
  readonly organization: SimulatedOrganization;
  readonly createAccess: CreateAccess;
  readonly tables: Tables;
  /** Puts a message on the queue of those that write. */
  readonly enqueue: (key: string, message: RepairMessage) => void;
  /** What a function that starts now reads from AppConfig; undefined if it does not answer. */
  readonly settings: () => Settings | undefined;
  /** The file of the functions' bundles. */
  readonly deployed: Settings;
  readonly isSnsDown: () => boolean;
  readonly seams: Seams;
  readonly say: (line: string) => void;
  /** Told of what an invocation failed with. */
  readonly onFailure: (key: string, error: unknown) => void;
}): Functions => {
  const { engine, faults, organization, createAccess, tables, seams, say } = options;
  const { sandbox, hub, topicArn } = organization;
  const idle = new Map<FunctionName, Instance<FunctionName>[]>();
  const started = new Map<FunctionName, number>();
  const credentials = sandbox.credentialsFor(hub.id, { role: functionRole, sessionName: "functions" });
  // As a function has it that starts and gets no answer from AppConfig.
  const unreadable = holding(
    repairingOnly(options.deployed, () => false),
    "The settings could not be read from AppConfig yet.",
  );

  const start = <F extends FunctionName>(name: F, invocation: Invocation): Instance<F> => {
    const number = (started.get(name) ?? 0) + 1;
    started.set(name, number);
    const skewKey = `clock of ${name} ${number}`;
    const skewed = faults.at(skewKey, ["clock skewed"]) !== undefined;
    const skewMs = skewed ? Math.round((faults.detail(skewKey) - 0.5) * 4 * minuteMs) : 0;
    const clock = (): Date => new Date(engine.now() + skewMs);
    const call: Call = (callName, effect, errors) => engine.call(instance.invocation, callName, effect, errors);
    const access = (roleName: string) =>
      through(
        createAccess({ credentials, ownAccountId: hub.id, roleName, sessionName: roleName, clock }),
        (callName, effect) => call(callName, callName === "sns:Publish" ? () => publishing(effect) : effect),
      );
    const telemetry: Telemetry = {
      info: () => {},
      warn: () => {},
      error: (message) => say(`  ${name} logs: ${message}`),
      count: () => {},
      measure: () => {},
    };
    const aws = access(auditRole);
    const settings = options.settings() ?? unreadable;
    const enqueue: InstanceParts["enqueue"] = (message) => {
      const send = async () => options.enqueue(`${instance.invocation.key} ${instance.invocation.calls}`, message);
      return call("sqs:SendMessage", send, sqsErrors);
    };
    const parts: InstanceParts = {
      hubAccountId: hub.id,
      aws: seams.aws(aws, name),
      remediate: access(remediateRole),
      tables: seams.tables(tablesThrough(tables, call), { enqueue }),
      notifier: seams.notifier(createSnsNotifier({ client: aws.sns(), topicArn })),
      settings: seams.settings(settings),
      telemetry,
      clock: seams.clock(clock),
      sleep: (ms) => engine.sleep(instance.invocation, ms),
      remainingMs: () => instance.endsAt - engine.now(),
      enqueue,
    };
    const instance: Instance<F> = {
      handler: builders[name](parts),
      settings,
      invocation,
      endsAt: engine.now() + timeOf(name, invocation),
      usedAt: engine.now(),
    };
    return instance;
  };

  const publishing = async (effect: () => Promise<unknown>): Promise<unknown> => {
    if (options.isSnsDown()) throw Object.assign(new Error("Service Unavailable"), { name: "ServiceUnavailable" });
    return effect();
  };

  /** A sweep that is short of time comes back with a cursor. */
  const timeOf = (name: FunctionName, { key }: Invocation): number =>
    name === "sweepAccount" && faults.at(`time of ${key}`, ["time short"]) !== undefined ? 20_500 : 15 * minuteMs;

  const take = <F extends FunctionName>(name: F, invocation: Invocation): Instance<F> => {
    const instances = (idle.get(name) ?? []) as unknown as Instance<F>[];
    const current = options.settings();
    for (let one = instances.pop(); one !== undefined; one = instances.pop()) {
      const isOld = engine.now() - one.usedAt > instanceLifeMs;
      if (isOld || one.settings !== (current ?? unreadable)) continue;
      one.invocation = invocation;
      one.endsAt = engine.now() + timeOf(name, invocation);
      return one;
    }
    return start(name, invocation);
  };

  return {
    invoke: async <F extends FunctionName>(name: F, key: string, input: Parameters<Handlers[F]>[0]) => {
      const invocation = startInvocation(key);
      say(`${key} begins`);
      const used: { instance?: Instance<F> } = {};
      const ended = await engine.invoke(invocation, async (): Promise<Awaited<ReturnType<Handlers[F]>>> => {
        used.instance = take(name, invocation);
        const run = used.instance.handler as (given: typeof input) => Promise<Awaited<ReturnType<Handlers[F]>>>;
        return run(input);
      });
      say(`${key} ${ended.outcome}`);
      if (ended.outcome === "failed") options.onFailure(key, ended.error);
      const { instance } = used;
      if (ended.outcome !== "killed" && instance !== undefined) {
        instance.usedAt = engine.now();
        const others = idle.get(name) ?? [];
        others.push(instance as unknown as Instance<FunctionName>);
        idle.set(name, others);
      }
      return ended;
    },
  };
};
