import type { Plan } from "./plan.ts";

/** A part of a plan that may be left out. */
type Part =
  | { readonly kind: "fault" | "outage" | "cut"; readonly key: string }
  | { readonly kind: "change"; readonly id: number }
  | { readonly kind: "user" | "role"; readonly account: string; readonly name: string };

/** How many runs looking for a shorter trace may take. */
const mostRuns = 250;

/**
 * The shortest plan found that still fails: leaves out faults, cuts, changes, users and roles by halves, then one by one, and the
 * days after the last that is needed. Bounded; the same plan shrinks to the same.
 * @param injected the keys of the faults of the failing run: no others come in their place
 * @param fails runs a plan and says whether the same invariant fails
 */
export const shrink = async (
  plan: Plan,
  injected: readonly string[],
  fails: (plan: Plan) => Promise<boolean>,
): Promise<Plan> => {
  let runs = 0;
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    runs += 1;
    return fails(candidate);
  };
  let shortest: Plan = { ...plan, only: [...new Set(injected)] };
  if (!(await stillFails(shortest))) return plan;

  for (let days = 1; days < shortest.days && runs < mostRuns; days++) {
    const shorter = { ...shortest, days };
    if (!(await stillFails(shorter))) continue;
    shortest = shorter;
    break;
  }
  for (let size = Math.ceil(partsOf(shortest).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let from = 0;
    while (from < partsOf(shortest).length && runs < mostRuns) {
      const shorter = without(shortest, partsOf(shortest).slice(from, from + size));
      if (await stillFails(shorter)) shortest = shorter;
      else from += size;
    }
  }
  return shortest;
};

const partsOf = ({ only = [], outages, cuts, changes, accounts }: Plan): readonly Part[] => [
  ...only.map((key) => ({ kind: "fault" as const, key })),
  ...outages.map(({ key }) => ({ kind: "outage" as const, key })),
  ...cuts.map(({ key }) => ({ kind: "cut" as const, key })),
  ...changes.map(({ id }) => ({ kind: "change" as const, id })),
  ...accounts.flatMap(({ id, users, roles }) => [
    ...users.map(({ name }) => ({ kind: "user" as const, account: id, name })),
    ...roles.map(({ name }) => ({ kind: "role" as const, account: id, name })),
  ]),
];

const textOf = (part: Part): string => JSON.stringify(part);

const without = (plan: Plan, parts: readonly Part[]): Plan => {
  const left = new Set(parts.map(textOf));
  const stays = (part: Part): boolean => !left.has(textOf(part));
  return {
    ...plan,
    only: (plan.only ?? []).filter((key) => stays({ kind: "fault", key })),
    outages: plan.outages.filter(({ key }) => stays({ kind: "outage", key })),
    cuts: plan.cuts.filter(({ key }) => stays({ kind: "cut", key })),
    changes: plan.changes.filter(({ id }) => stays({ kind: "change", id })),
    accounts: plan.accounts.map((account) => ({
      ...account,
      users: account.users.filter(({ name }) => stays({ kind: "user", account: account.id, name })),
      roles: account.roles.filter(({ name }) => stays({ kind: "role", account: account.id, name })),
    })),
  };
};
