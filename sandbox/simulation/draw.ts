import { createIds, createRandom, type Random } from "../random.ts";
import { drawDeed } from "./draw-deed.ts";
import { drawSettings } from "./draw-settings.ts";
import { callFaults, eventFaults, type FaultKind, lastingFaults, type Rates } from "./faults.ts";
import {
  type AccountPlan,
  type Change,
  type Cut,
  dayMs,
  hourMs,
  type KeyPlan,
  type Outage,
  ouPaths,
  type Plan,
  type RolePlan,
  roleNames,
  type UserPlan,
  userNames,
} from "./plan.ts";
import { oneOf } from "./random.ts";

/** Everything that happens in a simulation, drawn from its seed. */
export const drawPlan = (seed: number, days: number): Plan => {
  const random = createRandom(seed);
  const ids = createIds(createRandom(seed + 0x51ed));
  const chance = (probability: number): boolean => random() < probability;
  const accounts = Array.from(
    { length: 2 + Math.floor(random() * 3) },
    (_, at): AccountPlan => ({
      id: ids.account(),
      name: `account-${at}`,
      ouPath: oneOf(ouPaths, random()),
      users: userNames.filter(() => chance(0.7)).map((name) => drawUser(name, random)),
      roles: roleNames.filter(() => chance(0.6)).map((name) => drawRole(name, random)),
      root: {
        password: chance(0.5),
        mfa: oneOf(["none", "virtual", "hardware", "hardware"] as const, random()),
        key: chance(0.1),
      },
    }),
  );
  const settings = drawSettings(accounts, random);
  const changes = Array.from({ length: Math.round(days * (5 + random() * 20)) }, (_, id): Change => {
    // Some come in bursts: a pipeline at work, a person who corrects a mistake at once.
    const at =
      random() < 0.5 ? random() * days * dayMs : (Math.floor(random() * days * 3) + random() / 400) * 8 * hourMs;
    return { id, at: Math.floor(at), account: Math.floor(random() * accounts.length), deed: drawDeed(random) };
  });
  return {
    seed,
    days,
    accounts,
    settings,
    changes: changes.sort((a, b) => a.at - b.at || a.id - b.id),
    outages: drawOutages(days, random),
    rates: drawRates(random),
    cuts: drawCuts(accounts.length, days, random),
  };
};

/** Ages lie about the limits of 45 and 90 days, so that time alone makes some of them violations. */
const drawAge = (random: Random): number =>
  oneOf([random() * 10, 42 + random() * 8, 87 + random() * 8, 100 + random() * 300], random());

const drawKey = (random: Random): KeyPlan => {
  const createdDays = drawAge(random);
  const usedDays = Math.min(createdDays, drawAge(random));
  return { active: random() < 0.8, createdDays, ...(random() < 0.6 && { usedDays }) };
};

const drawUser = (name: string, random: Random): UserPlan => {
  const setDays = drawAge(random);
  const usedDays = drawAge(random);
  return {
    name,
    path: random() < 0.2 ? "/break-glass/" : "/",
    ...(random() < 0.5 && { password: { setDays, ...(random() < 0.7 && { usedDays }) } }),
    mfa: random() < 0.4,
    keys: Array.from({ length: Math.floor(random() * 3) }, () => drawKey(random)),
  };
};

const drawRole = (name: string, random: Random): RolePlan => ({
  name,
  path: random() < 0.2 ? "/vendor/" : "/",
  boundary: oneOf(["none", "none", "approved", "other"] as const, random()),
});

const drawOutages = (days: number, random: Random): Outage[] => {
  const outages: Outage[] = [];
  for (const what of ["sns down", "settings unreadable"] as const) {
    const count = Math.floor(random() * 3);
    for (let at = 0; at < count; at++) {
      const from = Math.floor(random() * days * dayMs);
      const to = from + Math.floor((0.2 + random() * (what === "sns down" ? 1.5 : 8)) * hourMs);
      outages.push({ key: `${what} ${at}`, what, from, to });
    }
  }
  return outages;
};

const drawCuts = (accounts: number, days: number, random: Random): Cut[] =>
  Array.from({ length: accounts }, (_, account) => account).flatMap((account) => {
    const from = Math.floor(random() * days * dayMs);
    const to = from + Math.floor((1 + random() * 30) * hourMs);
    const [isCut, isForGood] = [random() < 0.25, random() < 0.5];
    return isCut ? [{ key: `cut of ${account}`, account, from, ...(!isForGood && { to }) }] : [];
  });

/** Of a call, an event, or a function's instance; on the worst of days. */
const worst: Readonly<Record<FaultKind, number>> = {
  throttled: 0.03,
  "refused with 5xx": 0.03,
  "timed out after its effect": 0.03,
  "made twice": 0.02,
  "killed before": 0.01,
  "killed after": 0.015,
  "stalled before": 0.04,
  "stalled after": 0.03,
  lost: 0.1,
  duplicated: 0.3,
  delayed: 0.15,
  reordered: 0.3,
  "sns down": 1,
  "settings unreadable": 1,
  "clock skewed": 0.6,
  "time short": 0.3,
  lagging: 0.1,
};

/** Some days are calm, some have one kind of trouble, some have all. */
const drawRates = (random: Random): Rates => {
  const all = [...callFaults, ...eventFaults, ...lastingFaults];
  const severity = oneOf([0, 0.3, 1], random());
  return Object.fromEntries(all.map((kind) => [kind, worst[kind] * oneOf([0, severity, 1], random())])) as Rates;
};
