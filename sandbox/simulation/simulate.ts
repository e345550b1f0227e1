import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { createRandom } from "../random.ts";
import type { EventBridgeEvent } from "../sandbox.ts";
import { directAccess, sdkAccess } from "./access.ts";
import { createBus } from "./bus.ts";
import { cutsAt } from "./cuts.ts";
import { arrangeDays } from "./days.ts";
import { createEngine, type Engine } from "./engine.ts";
import { createFaults, type Injected } from "./faults.ts";
import { createFunctions, type Functions } from "./functions.ts";
import { checkInvariants, type Violated } from "./invariants.ts";
import { isExplained, observedTables, watchWrites } from "./observe.ts";
import { dayMs, type Outage, type Plan, startOfTime } from "./plan.ts";
import { createQueue, type Queue } from "./queue.ts";
import { createTrace, nothingObserved } from "./record.ts";
import { createSchedule } from "./schedule.ts";
import { type Seams, soundSeams } from "./seams.ts";
import { settle } from "./settle.ts";
import type { Simulation } from "./simulation.ts";
import { createTables } from "./tables.ts";
import { buildOrganization } from "./world.ts";

export interface Outcome {
  /** Empty if every invariant held. */
  readonly violated: readonly Violated[];
  /** Everything that happened, a line each. */
  readonly trace: readonly string[];
  readonly injected: readonly Injected[];
  readonly calls: number;
  readonly events: number;
  readonly deliveries: number;
  /** Remediations that were seen to stand, and that were undone. */
  readonly repairs: number;
  readonly undos: number;
}

export interface SimulateOptions {
  readonly seams?: Partial<Seams>;
  /** The AWS SDK's own clients, which take their time, instead of those that call the sandbox directly. */
  readonly withSdk?: boolean;
  /** Told of every CloudTrail record. */
  readonly onEvent?: (event: EventBridgeEvent) => void;
}

/** Runs a plan to its end, lets the world settle, and judges what an observer saw. */
export const simulate = async (plan: Plan, options: SimulateOptions = {}): Promise<Outcome> => {
  const organization = buildOrganization(plan);
  const { sandbox } = organization;
  const { lines, say } = createTrace(() => sandbox.clock.now());
  const faults = createFaults(plan.seed, plan.rates, plan.only && new Set(plan.only));
  const engine = createEngine({ clock: sandbox.clock, random: createRandom(plan.seed + 1), faults, say });
  const observed = nothingObserved();
  const settings = parseSettings(plan.settings, "warden.config.yaml");
  const tables = createTables();
  const seams = { ...soundSeams, ...options.seams };
  const underEngine = { engine, faults, say };
  const queues: { intake?: Queue; repairs?: Queue } = {};
  const functions: Functions = createFunctions({
    ...underEngine,
    organization,
    createAccess: options.withSdk ? sdkAccess(sandbox) : directAccess(sandbox),
    tables: observedTables(tables, { engine, organization, observed, say }),
    enqueue: (key, message) => queues.repairs?.send(`${message.kind} by ${key}`, JSON.stringify(message)),
    settings: () => (isDuring(plan, engine, "settings unreadable") ? undefined : settings),
    deployed: settings,
    isSnsDown: () => isDuring(plan, engine, "sns down"),
    seams,
    onFailure: (key, error) => {
      if (!isExplained(error)) observed.crashes.push(`${key}: ${error instanceof Error ? error.stack : String(error)}`);
    },
  });
  const intake = createQueue({
    ...underEngine,
    ...{ name: "intake", visibilityMs: 540_000, maxReceiveCount: 20, batchSize: 10 },
    receive: (key, batch) => functions.invoke("intake", key, batch),
  });
  const repairs = createQueue({
    ...underEngine,
    ...{ name: "remediate", visibilityMs: 1_200_000, maxReceiveCount: 5, batchSize: 5 },
    receive: (key, batch) => functions.invoke("remediate", key, batch),
  });
  Object.assign(queues, { intake, repairs });
  const isCutOff = (accountId: string): boolean => cutsAt(plan, organization, engine.now()).includes(accountId);
  const onDone = (event: EventBridgeEvent): void => void observed.done.push(event);
  const bus = createBus({ ...underEngine, sandbox, queue: intake, onDone, isCutOff });
  let events = 0;
  sandbox.subscribe((event) => {
    events += 1;
    options.onEvent?.(event);
  });
  watchWrites(organization, { engine, observed, settings });
  const schedule = createSchedule(engine, functions);
  const simulation: Simulation = {
    ...underEngine,
    ...{ plan, organization, functions, schedule, tables, settings, observed, repairs },
    waiting: () => bus.underWay + intake.waiting + repairs.waiting,
  };

  sandbox.lagReads(() =>
    faults.at(`lag of ${engine.acting}`, ["lagging"]) === undefined ? 0 : lagOf(faults.detail(engine.acting)),
  );
  arrangeDays(simulation);
  await engine.run(startOfTime.getTime() + plan.days * dayMs);
  say("The faults are over.");
  faults.end();
  sandbox.lagReads(undefined);
  const violated = checkInvariants(await settle(simulation));
  const statesOf = (state: string): number =>
    new Set(observed.remediations.flatMap(({ remediation: { id, state: now } }) => (now === state ? [id] : []))).size;
  return {
    violated,
    trace: lines,
    injected: [...faults.injected, ...plan.outages.map(({ key, what }) => ({ key, kind: what }))],
    calls: engine.calls,
    events,
    deliveries: sandbox.deliveries.length,
    repairs: statesOf("verified"),
    undos: statesOf("undone"),
  };
};

/** IAM shows a change within seconds; the program counts on a minute. */
const lagOf = (detail: number): number => Math.floor(1_000 + detail * 40_000);

const isDuring = ({ outages, days }: Plan, engine: Engine, what: Outage["what"]): boolean => {
  const at = engine.now() - startOfTime.getTime();
  return at < days * dayMs && outages.some((one) => one.what === what && at >= one.from && at < one.to);
};
