import type { Finding } from "../../shared/findings/finding.ts";
import { resolve } from "../../shared/settings/resolve.ts";
import { doDeed } from "./deeds.ts";
import { type Command, operate } from "./operate.ts";
import { type Change, dayMs, hourMs, minuteMs, type OperatorDeed, startOfTime } from "./plan.ts";
import { drawn } from "./random.ts";
import type { Simulation } from "./simulation.ts";
import { trueAccounts } from "./truth.ts";

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

/** What an operator asks for about one of the things there are to see; undefined if there is nothing. */
const commandOf = async (
  { tables, engine, settings }: Simulation,
  accountId: string,
  deed: OperatorDeed,
): Promise<Command | undefined> => {
  const oneOf = <T>(items: readonly T[]): T | undefined => items[deed.of % Math.max(1, items.length)];
  const open = await tables.findings.listOpen(accountId);
  const repairable = open.filter(({ control, account }) => resolve(settings, control, account)?.mode === "remediate");
  switch (deed.do) {
    case "acknowledge": {
      const finding = oneOf(open);
      return finding && { command: "ack", id: finding.id };
    }
    case "approve": {
      const active = await tables.findings.listActive(accountId);
      const finding = oneOf(active.filter(({ repair }) => repair !== undefined)) ?? oneOf(repairable);
      if (finding === undefined) return undefined;
      return { command: "approve", id: finding.id, stage: finding.finishDueAt === undefined ? "repair" : "final" };
    }
    case "undo": {
      const finding = oneOf((await tables.findings.listAll(accountId)).filter(({ repair }) => repair?.remediationId));
      return finding && { command: "undo", id: finding.id, force: deed.force };
    }
    case "exempt": {
      const finding = oneOf(repairable) ?? oneOf(open);
      const until = new Date(engine.now() + deed.hours * hourMs).toISOString();
      return finding && { command: "exempt", id: finding.id, reason: "It is needed until the migration.", until };
    }
    case "unexempt": {
      const exemption = oneOf(await tables.exemptions.list());
      return exemption && { command: "unexempt", id: exemption.id };
    }
    case "resume":
      return { command: "resume", scope: deed.of % 2 === 0 ? accountId : "organization" };
  }
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
