import type { Finding } from "../../shared/findings/finding.ts";
import { resolve } from "../../shared/settings/resolve.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { doDeed } from "./deeds.ts";
import type { Engine } from "./engine.ts";
import type { Faults } from "./faults.ts";
import type { Functions } from "./functions.ts";
import type { OperatorCommand } from "./operate.ts";
import { type Change, dayMs, hourMs, minuteMs, type OperatorDeed, type Plan, startOfTime } from "./plan.ts";
import type { Queue } from "./queue.ts";
import { drawn } from "./random.ts";
import type { Observed } from "./record.ts";
import type { Schedule } from "./schedule.ts";
import type { Tables } from "./tables.ts";
import { trueAccounts } from "./truth.ts";
import type { SimulatedOrganization } from "./world.ts";

/** Everything there is in one run. */
export interface Simulation {
  readonly plan: Plan;
  readonly organization: SimulatedOrganization;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly functions: Functions;
  readonly schedule: Schedule;
  readonly repairs: Queue;
  /** The tables themselves, without faults. */
  readonly tables: Tables;
  readonly settings: Settings;
  readonly observed: Observed;
  readonly say: (line: string) => void;
  /** Events and messages that are still under way. */
  readonly waiting: () => number;
}

/** Makes appointments for everything that happens by itself: changes, sweeps, escalations, and askings for repairs. */
export const arrangeDays = (simulation: Simulation): void => {
  const { plan, engine, schedule, organization, observed } = simulation;
  const start = startOfTime.getTime();
  for (const { id, ouPath = "" } of trueAccounts(organization.sandbox.state))
    observed.moves.push({ at: start, accountId: id, ouPath });
  for (const change of plan.changes) engine.at(start + change.at, () => make(simulation, change));
  for (let day = 0; day < plan.days; day++)
    engine.at(start + day * dayMs + 6 * hourMs, () => void schedule.sweep(`sweep ${day}`));
  for (let hour = 0; hour < plan.days * 24; hour++) {
    engine.at(start + (hour + 0.5) * hourMs, () => void schedule.escalate(`escalate ${hour}`));
    engine.at(start + hour * hourMs + 35 * minuteMs, () => ask(simulation, hour));
  }
};

const make = async (simulation: Simulation, { id, account: index, deed }: Change): Promise<void> => {
  const { organization, engine, observed, say } = simulation;
  const account = organization.accounts[index];
  if (account === undefined) throw new RangeError(`the plan has no account ${index}`);
  say(`change ${id} in ${account.name}: ${JSON.stringify(deed)}`);
  if ("of" in deed) {
    const command = await commandOf(simulation, account.id, deed);
    if (command !== undefined) void operate(simulation, `operator ${id}`, command);
    return;
  }
  if ("user" in deed || deed.do === "rootMfa") {
    const principal = "user" in deed ? `user ${deed.user}` : "root";
    observed.touches.push({ at: engine.now(), accountId: account.id, principal });
  }
  await engine.as(`change ${id}`, () => doDeed(organization.sandbox, account, deed));
  if (deed.do === "moveAccount") observed.moves.push({ at: engine.now(), accountId: account.id, ouPath: deed.ouPath });
};

/** What an operator does about one of the things there are to see; undefined if there is nothing. */
const commandOf = async (
  { tables, observed, engine, settings }: Simulation,
  accountId: string,
  deed: OperatorDeed,
): Promise<OperatorCommand | undefined> => {
  const oneOf = <T>(items: readonly T[]): T | undefined => items[deed.of % Math.max(1, items.length)];
  switch (deed.do) {
    case "acknowledge": {
      const finding = oneOf(await tables.findings.listOpen(accountId));
      return finding && { command: "ack", accountId, findingId: finding.id };
    }
    case "approve": {
      const held = (await tables.findings.listOpen(accountId)).filter(({ repair }) => repair?.digest !== undefined);
      const { id: findingId, repair } = oneOf(held) ?? {};
      if (findingId === undefined || repair?.digest === undefined) return undefined;
      return { command: "approve", accountId, findingId, digest: repair.digest, stage: repair.stage };
    }
    case "undo": {
      const made = new Set(observed.remediations.map(({ remediation: { id } }) => id));
      const remediationId = oneOf([...made]);
      const found = observed.remediations.find(({ remediation }) => remediation.id === remediationId)?.remediation;
      if (remediationId === undefined || found === undefined) return undefined;
      return { command: "undo", accountId: found.account.id, remediationId, force: deed.force };
    }
    case "exempt": {
      const open = await tables.findings.listOpen(accountId);
      const repairable = open.filter(
        ({ control, account }) => resolve(settings, control, account)?.mode === "remediate",
      );
      const finding = oneOf(repairable.length > 0 ? repairable : open);
      if (finding === undefined) return undefined;
      const { control, subject } = finding;
      const until = new Date(engine.now() + deed.hours * hourMs).toISOString();
      const pattern = subject.kind === "accessKey" ? (subject.accessKeyId ?? subject.name) : subject.name;
      const excused = { controls: [control], scope: { account: accountId }, subject: { kind: subject.kind, pattern } };
      return { command: "exempt", request: { ...excused, reason: "It is needed until the migration is over.", until } };
    }
    case "unexempt": {
      const exemption = oneOf(await tables.exemptions.list());
      return exemption && { command: "unexempt", id: exemption.id };
    }
  }
};

/** A person gives a command, and again if it did not work. */
export const operate = async (
  { functions, engine, observed }: Simulation,
  key: string,
  command: OperatorCommand,
): Promise<boolean> => {
  const at = engine.now();
  if (command.command === "approve")
    observed.approvals.push({ at, findingId: command.findingId, digest: command.digest, stage: command.stage });
  if (command.command === "undo") observed.undos.push({ at, remediationId: command.remediationId });
  for (let attempt = 1; attempt <= 3; attempt++) {
    const ended = await functions.invoke("operator", `${key} try ${attempt}`, command);
    if (ended.outcome === "done") return true;
    await new Promise<void>((done) => engine.at(engine.now() + minuteMs, done));
  }
  return false;
};

/** So many hours apart every finding is asked for whose repair is switched on. */
const askEvery = 6;

/** Asks for repairs, due or not, of these and of some others at any time: the writer decides for itself. */
const ask = async (simulation: Simulation, hour: number): Promise<void> => {
  const { tables, organization, settings, repairs, plan } = simulation;
  for (const account of trueAccounts(organization.sandbox.state)) {
    for (const finding of await tables.findings.listOpen(account.id)) {
      const chance = drawn(plan.seed, `asking for ${finding.id} at ${hour}`);
      const isOn = resolve(settings, finding.control, account)?.mode === "remediate";
      if (chance > 0.01 && !(isOn && hour % askEvery === plan.seed % askEvery)) continue;
      const message = { kind: "repair", accountId: account.id, findingId: finding.id, stage: stageOf(finding, chance) };
      repairs.send(`repair of ${finding.id.slice(0, 8)} at ${hour}`, JSON.stringify(message));
    }
  }
};

const stageOf = ({ finishDueAt }: Finding, chance: number): string =>
  finishDueAt !== undefined || chance < 0.005 ? "final" : "repair";
