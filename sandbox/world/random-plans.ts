import { trusting } from "../iam/state.ts";
import type { Random } from "../random.ts";
import type { KeyPlan, RolePlan, UserPlan } from "./plan.ts";

/** How often a generated user or role has a flaw, as shares of 1. */
export const rates = {
  person: 0.6,
  personWithKey: 0.25,
  machine: 0.35,
  consoleWithoutMfa: 0.08,
  passwordUnused: 0.12,
  passwordNeverUsed: 0.03,
  keyStale: 0.15,
  keyUnused: 0.08,
  keyNeverUsed: 0.04,
  keyInactive: 0.1,
  secondActiveKey: 0.04,
  roleWithoutBoundary: 0.1,
  roleWithOtherBoundary: 0.03,
  roleUnused: 0.06,
  roleNeverUsed: 0.03,
} as const;

const firstNames =
  "amara ben chloe diego elif farid grace hiro ines jonas kofi lena mateo nadia omar priya quentin rosa sven tala umut vera wei xenia yusuf zoe".split(
    " ",
  );
const lastNames =
  "okafor smith dubois garcia yilmaz haddad murphy tanaka silva weber mensah kowalski torres petrova hassan sharma martin rossi lindqvist santos demir novak zhang ivanova aydin keller".split(
    " ",
  );
const machines = "ci backup export sync mailer reports scanner billing metrics import archive deploy".split(" ");
const roleUses = "api worker ingest web batch search billing auth events export admin-tool pipeline".split(" ");
const teams = "payments platform data growth mobile risk".split(" ");

/** Makes the plans of ordinary users and roles from a random stream. */
export const createPlanner = (random: Random, accountId: string) => {
  const chance = (share: number) => random() < share;
  const between = (low: number, high: number) => low + Math.floor(random() * (Math.max(high, low) - low + 1));
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

  const taken = new Set<string>();
  /** The name itself, or with a number if somebody has it. */
  const unique = (name: string, at: number): string => {
    const free = taken.has(name) ? `${name}-${at}` : name;
    taken.add(free);
    return free;
  };

  const keyOf = (userDays: number): KeyPlan => {
    const createdDays =
      chance(rates.keyStale) && userDays > 90 ? between(91, userDays) : between(0, Math.min(userDays, 90));
    const active = !chance(rates.keyInactive);
    if (chance(rates.keyNeverUsed)) return { active, createdDays };
    const unused = chance(rates.keyUnused) && createdDays > 45;
    const usedDays = unused ? between(46, Math.min(createdDays, 380)) : between(0, Math.min(createdDays, 45));
    return { active, createdDays, usedDays };
  };

  const roleUse = (createdDays: number): Pick<RolePlan, "usedDays"> => {
    if (chance(rates.roleNeverUsed)) return {};
    const unused = chance(rates.roleUnused) && createdDays > 90;
    return { usedDays: unused ? between(91, Math.min(createdDays, 380)) : between(0, Math.min(createdDays, 90)) };
  };

  const passwordOf = (userDays: number): NonNullable<UserPlan["password"]> => {
    const setDays = between(0, Math.min(userDays, 365));
    if (chance(rates.passwordNeverUsed)) return { setDays };
    const unused = chance(rates.passwordUnused) && setDays > 45;
    return { setDays, usedDays: unused ? between(46, setDays) : between(0, Math.min(setDays, 45)) };
  };

  const person = (at: number): UserPlan => {
    const createdDays = between(0, 1200);
    return {
      name: unique(`${pick(firstNames)}.${pick(lastNames)}`, at),
      path: chance(0.2) ? `/${pick(teams)}/` : "/",
      createdDays,
      tags: { team: pick(teams) },
      password: passwordOf(createdDays),
      groups: [pick(["developers", "analysts", "operators"])],
      ...(!chance(rates.consoleWithoutMfa) && {
        mfa: pick(["virtual", "virtual", "fido", "fido", "hardware"] as const),
      }),
      ...(chance(rates.personWithKey) && { keys: [keyOf(createdDays)] }),
    };
  };

  const machine = (at: number): UserPlan => {
    const createdDays = between(0, 1200);
    const first = keyOf(createdDays);
    const second: KeyPlan = { active: true, createdDays: between(0, Math.min(createdDays, 20)), usedDays: 0 };
    return {
      name: unique(`svc-${pick(machines)}`, at),
      path: chance(0.5) ? "/machines/" : "/",
      createdDays,
      tags: { team: pick(teams), purpose: pick(machines) },
      keys: chance(rates.secondActiveKey) ? [first, second] : [first],
    };
  };

  const trust = (): string =>
    pick([
      () => trusting({ Service: "lambda.amazonaws.com" }),
      () => trusting({ Service: ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] }),
      () => trusting({ AWS: `arn:aws:iam::${accountId}:root` }),
      () => trusting({ AWS: "arn:aws:iam::999988887777:root" }, { StringEquals: { "sts:ExternalId": pick(teams) } }),
    ])();

  return {
    user: (at: number): UserPlan => {
      const kind = random();
      if (kind < rates.person) return person(at);
      if (kind < rates.person + rates.machine) return machine(at);
      return { name: unique(`former-${pick(lastNames)}`, at), createdDays: between(200, 1500) };
    },
    role: (at: number): RolePlan => {
      const flaw = random();
      const createdDays = between(0, 1500);
      return {
        name: unique(`${pick(teams)}-${pick(roleUses)}`, at),
        path: chance(0.2) ? "/service-role/" : "/",
        createdDays,
        trust: trust(),
        tags: { team: pick(teams) },
        boundary:
          flaw < rates.roleWithoutBoundary
            ? "none"
            : flaw < rates.roleWithoutBoundary + rates.roleWithOtherBoundary
              ? "other"
              : "approved",
        ...roleUse(createdDays),
        ...(chance(0.5) && { attachedPolicies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }),
      };
    },
  };
};
