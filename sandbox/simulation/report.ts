import type { FaultKind } from "./faults.ts";
import type { Plan } from "./plan.ts";
import type { Outcome } from "./simulate.ts";

/** What all seeds together came to. */
export interface Totals {
  seeds: number;
  events: number;
  calls: number;
  deliveries: number;
  repairs: number;
  undos: number;
  readonly faults: Map<FaultKind, number>;
}

export const noTotals = (): Totals => ({
  seeds: 0,
  events: 0,
  calls: 0,
  deliveries: 0,
  repairs: 0,
  undos: 0,
  faults: new Map(),
});

export const addTo = (totals: Totals, { events, calls, deliveries, repairs, undos, injected }: Outcome): void => {
  totals.seeds += 1;
  totals.events += events;
  totals.calls += calls;
  totals.deliveries += deliveries;
  totals.repairs += repairs;
  totals.undos += undos;
  for (const { kind } of injected) totals.faults.set(kind, (totals.faults.get(kind) ?? 0) + 1);
};

const count = (value: number): string => value.toLocaleString("en-US");

export const summary = ({ seeds, events, calls, deliveries, repairs, undos, faults }: Totals, days: number): string => {
  const all = [...faults.values()].reduce((sum, value) => sum + value, 0);
  const byKind = [...faults]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, value]) => `  ${count(value).padStart(12)}  ${kind}`);
  return [
    `${count(seeds)} seeds of ${days} days: ${count(events)} CloudTrail records, ${count(calls)} calls, ${count(deliveries)} messages told, ${count(repairs)} repairs, ${count(undos)} undos`,
    `${count(all)} faults:`,
    ...byKind,
    "",
  ].join("\n");
};

/** What went wrong with a seed, and how it came about. */
export const failure = (plan: Plan, { violated, trace }: Outcome): string =>
  [
    `Seed ${plan.seed} fails:`,
    ...violated.map(({ invariant, why }) => `- ${invariant}: ${why}`),
    "",
    "The shortest trace found:",
    `settings: ${plan.settings.replaceAll("\n", "\n  ")}`,
    ...plan.accounts.map((account) => `account ${JSON.stringify(account)}`),
    ...condensed(trace),
    "",
    `Again: npm run simulate -- --seed ${plan.seed} --days ${plan.days}`,
    "",
  ].join("\n");

const isCall = (line: string): boolean => /^\S+ {3}\S/.test(line);
const hasEffect = (line: string): boolean =>
  / (?:store\.put|sns:Publish|iam:(?!Get|List|Generate|Simulate))\S*/.test(line) || /: [a-z5 ]+$/.test(line);

/** A trace without calls that only read and came through, and without invocations that did nothing else. */
export const condensed = (trace: readonly string[]): readonly string[] => {
  const kept = trace.filter((line) => !isCall(line) || hasEffect(line));
  const bodyOf = (line: string): string => line.slice(25);
  return kept.filter((line) => {
    const [, key] = /^(.*) (?:begins|done)$/.exec(bodyOf(line)) ?? [];
    return key === undefined || kept.some((other) => bodyOf(other).startsWith(`  ${key} `));
  });
};
