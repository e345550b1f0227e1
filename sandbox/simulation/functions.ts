import type { SQSBatchResponse } from "aws-lambda";
import { bundledSettings } from "../../functions/dependencies.ts";
import { createHandler as createDigest } from "../../functions/digest.ts";
import { createHandler as createEscalate } from "../../functions/escalate.ts";
import { createHandler as createIntake } from "../../functions/intake.ts";
import { createHandler as createListAccounts } from "../../functions/list-accounts.ts";
import { createHandler as createSweepAccount } from "../../functions/sweep-account.ts";
import { listAccounts } from "../../shared/accounts/list-accounts.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { acknowledge } from "../../shared/findings/reconcile.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { createAccountDirectory } from "../../shared/intake/account-directory.ts";
import type { Message } from "../../shared/intake/receive.ts";
import type { Notifier } from "../../shared/notify/notice.ts";
import { createSnsNotifier } from "../../shared/notify/sns.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { SweepPlan } from "../../shared/sweep/list.ts";
import type { SweepAnswer, SweepRequest } from "../../shared/sweep/run.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import { type CreateAccess, through } from "./access.ts";
import { type Ended, type Engine, type Invocation, startInvocation } from "./engine.ts";
import type { Faults } from "./faults.ts";
import { minuteMs } from "./plan.ts";
import type { Seams } from "./sabotage.ts";
import { type Call, findingStoreThrough } from "./stores.ts";
import { auditRole, type SimulatedOrganization } from "./world.ts";

/** What one instance of a function is built with. Every call to the world outside is one of its present invocation. */
interface InstanceParts {
  readonly aws: AwsAccess;
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly settings: Settings;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly remainingMs: () => number;
}

/** The handlers of an instance, each built at its first use. */
interface Handlers {
  readonly intake: (batch: { readonly Records: readonly Message[] }) => Promise<SQSBatchResponse>;
  readonly listAccounts: (request: unknown) => Promise<SweepPlan>;
  readonly sweepAccount: (request: SweepRequest) => Promise<SweepAnswer>;
  readonly digest: (plan: SweepPlan) => Promise<void>;
  readonly escalate: (event: unknown) => Promise<void>;
  readonly operator: (command: { readonly accountId: string; readonly findingId: string }) => Promise<unknown>;
}
export type FunctionName = keyof Handlers;

const builders: { readonly [F in FunctionName]: (parts: InstanceParts, hubAccountId: string) => Handlers[F] } = {
  intake: (parts, hubAccountId) => {
    const { aws, clock, telemetry, sleep } = parts;
    const patience = () => sleep(10_000);
    const accounts = createAccountDirectory({ list: () => listAccounts(aws), clock, telemetry, patience });
    const intake = createIntake({ ...parts, hubAccountId, accounts });
    return (batch) => intake(batch, { getRemainingTimeInMillis: () => 90_000 });
  },
  listAccounts: (parts) => createListAccounts(parts),
  sweepAccount: (parts) => {
    const sweep = createSweepAccount(parts);
    return (request) => sweep(throughJson(request), { getRemainingTimeInMillis: parts.remainingMs });
  },
  digest: (parts) => {
    const digest = createDigest(parts);
    return (plan) => digest(throughJson(plan));
  },
  escalate: (parts) => createEscalate(parts),
  operator:
    ({ store, clock }) =>
    ({ accountId, findingId }) =>
      acknowledge(store, accountId, findingId, "arn:aws:iam::111122223333:user/olga", clock()),
};

/** What passes between functions passes as JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

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
/** The memory of the functions, and what it is built from, is one instance's alone; so a kill loses it. */
export const createFunctions = (options: {
  readonly engine: Engine;
  readonly faults: Faults;
  readonly organization: SimulatedOrganization;
  readonly createAccess: CreateAccess;
  readonly store: FindingStore;
  /** What a function that starts now reads; undefined if the settings cannot be read. */
  readonly settings: () => Settings | undefined;
  readonly isSnsDown: () => boolean;
  readonly seams: Seams;
  readonly say: (line: string) => void;
  /** Told of what an invocation failed with. */
  readonly onFailure: (key: string, error: unknown) => void;
}): Functions => {
  const { engine, faults, organization, createAccess, store, seams, say } = options;
  const { sandbox, hub, topicArn } = organization;
  const idle = new Map<FunctionName, Instance<FunctionName>[]>();
  const started = new Map<FunctionName, number>();
  const credentials = sandbox.credentialsFor(hub.id, { role: "iam-warden-functions", sessionName: "functions" });
  let unreadable: Settings | undefined;

  const start = <F extends FunctionName>(name: F, invocation: Invocation): Instance<F> => {
    const number = (started.get(name) ?? 0) + 1;
    started.set(name, number);
    const skewKey = `clock of ${name} ${number}`;
    const skewed = faults.at(skewKey, ["clock skewed"]) !== undefined;
    const skewMs = skewed ? Math.round((faults.detail(skewKey) - 0.5) * 4 * minuteMs) : 0;
    const clock = (): Date => new Date(engine.now() + skewMs);
    const call: Call = (callName, effect, errors) => engine.call(instance.invocation, callName, effect, errors);
    const raw = createAccess({
      credentials,
      ownAccountId: hub.id,
      roleName: auditRole,
      sessionName: "iam-warden-audit",
      clock,
    });
    const telemetry: Telemetry = {
      info: () => {},
      warn: () => {},
      error: (message) => say(`  ${name} logs: ${message}`),
      count: () => {},
    };
    const aws = seams.aws(
      through(raw, (callName, effect) =>
        call(callName, callName === "sns:Publish" ? () => publishing(effect) : effect),
      ),
    );
    const settings = options.settings() ?? unreadableSettings(telemetry);
    const notifier = createSnsNotifier({ client: aws.sns(), topicArn });
    const parts: InstanceParts = {
      aws,
      store: seams.store(findingStoreThrough(store, call)),
      notifier: seams.notifier(notifier),
      settings: seams.settings(settings),
      telemetry,
      clock: seams.clock(clock),
      sleep: (ms) => engine.sleep(instance.invocation, ms),
      remainingMs: () => instance.endsAt - engine.now(),
    };
    const instance: Instance<F> = {
      handler: builders[name](parts, hub.id),
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

  /** As the bundle's code has it that meets a file which cannot be read. */
  const unreadableSettings = (telemetry: Telemetry): Settings => {
    unreadable ??= bundledSettings({ SETTINGS_FILE: "/nowhere/warden.config.yaml" }, telemetry);
    return unreadable;
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
      const instance = take(name, invocation);
      const run = instance.handler as (given: typeof input) => Promise<Awaited<ReturnType<Handlers[F]>>>;
      const ended = await engine.invoke(invocation, () => run(input));
      say(`${key} ${ended.outcome}`);
      if (ended.outcome === "failed") options.onFailure(key, ended.error);
      if (ended.outcome !== "killed") {
        instance.usedAt = engine.now();
        const others = idle.get(name) ?? [];
        others.push(instance as unknown as Instance<FunctionName>);
        idle.set(name, others);
      }
      return ended;
    },
  };
};
