import { messageOf, WardenError } from "../../shared/errors.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { parseSettings } from "../../shared/settings/parse.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { createRandom } from "../random.ts";
import type { EventBridgeEvent } from "../sandbox.ts";
import { directAccess, sdkAccess } from "./access.ts";
import { type Bus, createBus } from "./bus.ts";
import { doDeed } from "./deeds.ts";
import { createEngine, type Engine, KilledError } from "./engine.ts";
import { createFaults, type Injected } from "./faults.ts";
import { createFunctions, type Functions } from "./functions.ts";
import { checkInvariants, type Violated } from "./invariants.ts";
import { type Change, dayMs, hourMs, type Plan, startOfTime } from "./plan.ts";
import { createTrace, nothingObserved, type Observed } from "./record.ts";
import { type Seams, soundSeams } from "./sabotage.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import { trueViolations } from "./truth.ts";
import { auditRole, buildOrganization, functionRole, remediateRole, type SimulatedOrganization } from "./world.ts";

export interface Outcome {
  /** Empty if every invariant held. */
  readonly violated: readonly Violated[];
  /** Everything that happened, a line each. */
  readonly trace: readonly string[];
  readonly injected: readonly Injected[];
  readonly calls: number;
  readonly events: number;
  readonly deliveries: number;
}

export interface SimulateOptions {
  readonly seams?: Partial<Seams>;
  /** The AWS SDK's own clients, which take their time, instead of those that call the sandbox directly. */
  readonly withSdk?: boolean;
  readonly onEvent?: (event: EventBridgeEvent) => void;
}

/** Runs a plan to its end, lets the world settle, and judges what an observer saw. */
export const simulate = async (plan: Plan, options: SimulateOptions = {}): Promise<Outcome> => {
  const organization = buildOrganization(plan);
  const { sandbox } = organization;
  const trace = createTrace(() => sandbox.clock.now());
  const faults = createFaults(plan.seed, plan.rates, plan.only && new Set(plan.only));
  const engine = createEngine({ clock: sandbox.clock, random: createRandom(plan.seed + 1), faults, say: trace.say });
  const observed = nothingObserved();
  const settings = parseSettings(plan.settings, "warden.config.yaml");
  const during = (what: Plan["outages"][number]["what"]): boolean =>
    plan.outages.some(
      ({ what: one, from, to }) => one === what && within(engine, from, Math.min(to, plan.days * dayMs)),
    );
  const table = createMemoryStore();
  const functions = createFunctions({
    engine,
    faults,
    organization,
    createAccess: options.withSdk ? sdkAccess(sandbox) : directAccess(sandbox),
    store: observedStore(table, engine, observed, trace.say),
    settings: () => (during("settings unreadable") ? undefined : settings),
    isSnsDown: () => during("sns down"),
    seams: { ...soundSeams, ...options.seams },
    say: trace.say,
    onFailure: (key, error) => {
      if (!isExplained(error)) observed.crashes.push(`${key}: ${error instanceof Error ? error.stack : String(error)}`);
    },
  });
  let events = 0;
  sandbox.subscribe((event) => {
    events += 1;
    options.onEvent?.(event);
  });
  const bus = createBus({
    sandbox,
    engine,
    faults,
    say: trace.say,
    intake: (key, batch) => functions.invoke("intake", key, batch),
    onDone: (event) => observed.done.push(event),
  });
  watchWrites(organization, observed);
  const simulation: Simulation = {
    plan,
    organization,
    engine,
    functions,
    bus,
    table,
    schedule: createSchedule(engine, functions),
    say: trace.say,
    settings,
    observed,
  };
  arrange(simulation);
  await engine.run(startOfTime.getTime() + plan.days * dayMs);
  trace.say("The faults are over.");
  faults.end();
  const violated = await settle(simulation);
  return {
    violated,
    trace: trace.lines,
    injected: [...faults.injected, ...plan.outages.map(({ key, what }) => ({ key, kind: what }))],
    calls: engine.calls,
    events,
    deliveries: sandbox.deliveries.length,
  };
};

export interface Simulation {
  readonly plan: Plan;
  readonly organization: SimulatedOrganization;
  readonly engine: Engine;
  readonly functions: Functions;
  readonly schedule: Schedule;
  readonly bus: Bus;
  /** The findings table itself, without faults. */
  readonly table: FindingStore;
  readonly settings: Settings;
  readonly observed: Observed;
  readonly say: (line: string) => void;
}

const within = (engine: Engine, from: number, to: number): boolean => {
  const at = engine.now() - startOfTime.getTime();
  return at >= from && at < to;
};

/** Everything that is to happen at its time. */
const arrange = (simulation: Simulation): void => {
  const { plan, engine, schedule } = simulation;
  const start = startOfTime.getTime();
  for (const change of plan.changes) engine.at(start + change.at, () => make(simulation, change));
  for (let day = 0; day < plan.days; day++)
    engine.at(start + day * dayMs + 6 * hourMs, () => void schedule.sweep(`sweep ${day}`));
  for (let hour = 0; hour < plan.days * 24; hour++)
    engine.at(start + (hour + 0.5) * hourMs, () => void schedule.escalate(`escalate ${hour}`));
};

const make = async (simulation: Simulation, { id, account: index, deed }: Change): Promise<void> => {
  const { organization, engine, say } = simulation;
  const account = organization.accounts[index];
  if (account === undefined) throw new RangeError(`the plan has no account ${index}`);
  say(`change ${id} in ${account.name}: ${JSON.stringify(deed)}`);
  if (deed.do === "acknowledge") void acknowledge(simulation, id, account.id, deed.finding);
  else await engine.as(`change ${id}`, () => doDeed(organization.sandbox, account, deed));
};

/** A person takes on one of the open findings of an account, and tries again if it does not work. */
const acknowledge = async (
  { table, functions, engine }: Simulation,
  id: number,
  accountId: string,
  which: number,
): Promise<void> => {
  const open = await table.listOpen(accountId);
  const finding = open[which % Math.max(1, open.length)];
  if (finding === undefined) return;
  for (let attempt = 1; attempt <= 3; attempt++) {
    const key = `operator ${id} try ${attempt}`;
    const ended = await functions.invoke("operator", key, { accountId, findingId: finding.id });
    if (ended.outcome === "done") return;
    await new Promise<void>((resolve) => engine.at(engine.now() + 60_000, resolve));
  }
};

/**
 * Lets what is under way come to its end, sweeps once more with a credential report of its own, tells what is left to
 * tell, and judges. What time alone makes a violation while the last sweep runs is not held against anybody.
 */
const settle = async (simulation: Simulation): Promise<readonly Violated[]> => {
  const { organization, engine, schedule, observed, bus, settings, say } = simulation;
  const { state } = organization.sandbox;
  const date = (): Date => new Date(engine.now());
  await engine.run(engine.now() + 7 * hourMs);
  if (bus.waiting > 0) observed.unsettled.push(`${bus.waiting} messages are still on the queue`);
  const before = trueViolations(state, settings, date());
  say("The last sweep.");
  const swept = schedule.sweep("last sweep");
  await engine.run(engine.now() + hourMs / 2);
  if (!(await Promise.race([swept, false]))) observed.unsettled.push("the last sweep did not come through");
  const after = trueViolations(state, settings, date());
  const open = (await allFindings(simulation)).filter(({ status }) => status === "open");
  for (let hour = 0; hour < 8; hour++) {
    const told = schedule.escalate(`last escalate ${hour}`);
    await engine.run(engine.now() + hourMs);
    if (!(await Promise.race([told, false]))) observed.unsettled.push("the last escalation did not come through");
  }
  await engine.run(engine.now() + hourMs);
  return checkInvariants({
    before,
    after,
    open,
    findings: await allFindings(simulation),
    settings,
    deliveries: organization.sandbox.deliveries,
    observed,
  });
};

const allFindings = async ({ organization, table }: Simulation): Promise<readonly Finding[]> =>
  (await Promise.all([...organization.sandbox.state.accounts.keys()].map((id) => table.listAll(id)))).flat();

/** Notes what is written to the findings table. */
const observedStore = (
  table: FindingStore,
  engine: Engine,
  observed: Observed,
  say: (line: string) => void,
): FindingStore => {
  const noted = new Map<string, Finding["history"]>();
  const put = async (finding: Finding): Promise<void> => {
    try {
      await table.put(finding);
    } catch (error) {
      say(`    conflict: ${messageOf(error)}`);
      throw error;
    }
    const { control, account, id, subject, status, version, history, outbox } = finding;
    const latest = history.at(-1);
    const pending = outbox.map(({ kind, delivery }) => `${kind} ${delivery}`).join(", ") || "nothing";
    say(
      `    ${id.slice(0, 8)} v${version} ${control} ${account.id} ${subject.kind} ${subject.name}: ${latest?.what}, ${status}; to tell: ${pending}`,
    );
    const before = new Set(noted.get(id)?.map((entry) => JSON.stringify(entry)));
    noted.set(id, history);
    for (const entry of history) {
      if (!isNews(entry.what) || before.has(JSON.stringify(entry))) continue;
      const at = new Date(engine.now()).toISOString();
      observed.openings.push({ at, accountId: account.id, findingId: id, control, what: entry.what });
    }
  };
  return { ...table, put };
};

const isNews = (what: string): boolean => ["opened", "reopened", "recurred", "escalated"].includes(what);

const isRead = (operation: string): boolean => /^(?:Get|List|Simulate|Generate)/.test(operation);

const watchWrites = ({ sandbox }: SimulatedOrganization, observed: Observed): void => {
  const own = new Set([auditRole, functionRole, remediateRole]);
  sandbox.intercept(({ service, operation, account, caller: { principal }, clock }, input) => {
    if (service !== "iam" || isRead(operation) || principal.type !== "role" || !own.has(principal.roleName)) return;
    const at = clock.now().toISOString();
    observed.writes.push({ at, accountId: account.id, role: principal.roleName, operation, input });
  });
};

/** An injected fault, the end of the invocation, or an error of the program's own, which says what it is. */
const isExplained = (error: unknown): boolean => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof WardenError || cause instanceof KilledError || "$metadata" in cause || "code" in cause)
      return true;
  return false;
};
