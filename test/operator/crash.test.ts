import { describe, expect, it } from "vitest";
import { deliverUndelivered } from "../../shared/notify/deliver.ts";
import type { OperatorDependencies } from "../../shared/operator/dependencies.ts";
import type { CommandName } from "../../shared/operator/operator.ts";
import { hourOf } from "../../shared/remediation/breaker.ts";
import { bob, policyOf } from "../remediation/worlds.ts";
import { createFaults, type Fault, type Faults, faultKinds } from "../support/faults.ts";
import { ann, operatorWorld, planOf } from "./world.ts";

// Between any two calls of a command to what it stores, sends and tells, the call may fail or the invocation die. Whoever asked
// then asks again; and what has come of it within the hour has to be what it is without the fault.

const why = "Agreed in ticket 4711";
const reason = "The vendor cannot change before its next release";

/** An object whose every method, all of which give promises, goes through `faults`. */
const through = <T extends object>(faults: Faults, name: string, target: T): T =>
  new Proxy(target, {
    get: (own, property) => {
      const value: unknown = Reflect.get(own, property);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) =>
        faults.call(`${name}.${String(property)}`, async () => Reflect.apply(value, own, args) as Promise<unknown>);
    },
  });

type World = Awaited<ReturnType<typeof worldOf>>;

const worldOf = async () => {
  const activity = { count: 1, episodes: ["e"], lastAt: "2026-11-20T07:00:00.000Z", eventIds: ["1"] };
  return operatorWorld(bob(), { finding: { activity } });
};

const faulty = (world: World, faults: Faults): Partial<OperatorDependencies> => ({
  store: through(faults, "store", world.store),
  remediations: through(faults, "remediations", world.remediations),
  exemptions: through(faults, "exemptions", world.exemptions),
  breakers: through(faults, "breakers", world.breakers),
  repairs: through(faults, "repairs", world.repairs),
  notifier: through(faults, "notifier", world.notifier),
});

/** What a command is asked with, in a world that is made ready for it. */
const cases: Readonly<Record<string, { command: CommandName; args: (world: World) => Promise<object> }>> = {
  ack: { command: "ack", args: async ({ finding }) => ({ id: finding.id }) },
  approve: {
    command: "approve",
    args: async (world) => ({ id: world.finding.id, digest: (await planOf(world)).digest, why }),
  },
  undo: {
    command: "undo",
    args: async (world) => {
      const { id } = world.finding;
      await world.done("approve", { id, digest: (await planOf(world)).digest, why });
      await world.work();
      return { id: `${id}-0001`, why };
    },
  },
  exempt: { command: "exempt", args: async ({ finding }) => ({ id: finding.id, reason, until: "2026-12-31" }) },
  unexempt: {
    command: "unexempt",
    args: async (world) => {
      const { exemption } = await world.done("exempt", { id: world.finding.id, reason, until: "2026-12-31" });
      return { id: exemption.id };
    },
  },
  resume: {
    command: "resume",
    args: async (world) => {
      const window = { scope: { account: world.account.id }, hour: hourOf(world.clock()) } as const;
      const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
      for (const remediationId of ["a-0001", "b-0001"]) await world.breakers.take({ ...take, remediationId });
      return { scope: world.account.id };
    },
  },
};

/** Asks, asks again if it broke, and lets the function that repairs do its work. */
const outcomeOf = async (name: string, fault?: Fault) => {
  const { command, args } = cases[name] ?? { command: "findings", args: async () => ({}) };
  const world = await worldOf();
  const request = { ...(await args(world)) };
  const faults = createFaults(fault);
  const first = await faults
    .invoke(() => world.ask(command, request, ann, faulty(world, faults)))
    .catch(() => ({ ok: false }));
  if (!first.ok) {
    world.sandbox.clock.advance(60_000);
    await world.done(command, request);
  }
  await world.work();
  // What could not be told stays to be told, and is within the hour.
  await deliverUndelivered(world.store, world.notifier, { now: world.clock() });
  const finding = await world.stored();
  const window = { scope: { account: world.account.id }, hour: hourOf(world.clock()) };
  const state = {
    status: finding.status,
    repair: finding.repair?.state,
    exempt: finding.exemption && [finding.exemption.by, finding.exemption.until],
    approval: finding.approval?.by,
    history: [...new Set(finding.history.map(({ what, by }) => `${what} by ${by ?? "nobody"}`))].sort(),
    untold: finding.outbox.length,
    notices: [...new Set(world.notices.map(({ kind }) => kind))].sort(),
    exemptions: (await world.exemptions.list()).map(({ endedBy, until }) => [until, endedBy]),
    tripped: (await world.breakers.tripOf(window)) !== undefined,
    policy: policyOf(world) !== undefined,
  };
  return { state, faults, broke: !first.ok };
};

describe("a command that breaks, and is asked again, comes to what it would have come to", () => {
  it.each(Object.keys(cases))("%s", async (name) => {
    const whole = await outcomeOf(name);
    expect(whole.broke).toBe(false);
    expect(whole.faults.calls.length).toBeGreaterThan(1);
    let broken = 0;
    for (let at = 1; at <= whole.faults.calls.length; at++)
      for (const kind of faultKinds) {
        const { state, broke } = await outcomeOf(name, { kind, at });
        expect(state, `${kind} call ${at}, ${whole.faults.calls[at - 1]}`).toEqual(whole.state);
        if (broke) broken += 1;
      }
    expect(broken).toBeGreaterThan(0);
  });
});
