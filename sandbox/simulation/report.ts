import type { FaultKind } from "./faults.ts";
import type { Plan } from "./plan.ts";
import type { Outcome } from "./simulate.ts";

/** What one seed, or all together, came to. */
export interface Counts {
  readonly seeds: number;
  readonly events: number;
  readonly calls: number;
  readonly deliveries: number;
  readonly repairs: number;
  readonly undos: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

export const noCounts: Counts = { seeds: 0, events: 0, calls: 0, deliveries: 0, repairs: 0, undos: 0, faults: {} };

export const countsOf = ({ events, calls, deliveries, repairs, undos, injected }: Outcome): Counts => {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of injected) faults[kind] = (faults[kind] ?? 0) + 1;
  return { seeds: 1, events, calls, deliveries, repairs, undos, faults };
};

export const sumOf = (a: Counts, b: Counts): Counts => ({
  seeds: a.seeds + b.seeds,
  events: a.events + b.events,
  calls: a.calls + b.calls,
  deliveries: a.deliveries + b.deliveries,
  repairs: a.repairs + b.repairs,
  undos: a.undos + b.undos,
  faults: countsOfFaults([...Object.entries(a.faults), ...Object.entries(b.faults)]),
});

const countsOfFaults = (entries: readonly (readonly [string, number])[]): Counts["faults"] =>
  Object.fromEntries(
    [...Map.groupBy(entries, ([kind]) => kind)].map(([kind, some]) => [kind, some.reduce((sum, [, n]) => sum + n, 0)]),
  );

const count = (value: number): string => value.toLocaleString("en-US");

export const summary = ({ seeds, events, calls, deliveries, repairs, undos, faults }: Counts, days: number): string => {
  const all = Object.values(faults).reduce((sum, value) => sum + value, 0);
  const byKind = Object.entries(faults)
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
