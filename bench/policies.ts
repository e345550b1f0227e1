import { neighboursIn } from "../shared/facts/neighbours.ts";
import { createJudge } from "../shared/judgement/judge.ts";
import { defaultSettings } from "../shared/settings/settings.ts";
import { accountOfPolicies, organizationOfPolicies, policyAccount } from "./account-of-policies.ts";

/** What the whole catalogue takes to judge an account whose users and roles all have policies. */
export interface MeasuredPolicies {
  readonly users: number;
  readonly roles: number;
  readonly verdicts: number;
  readonly cpuSeconds: number;
  readonly violations: Readonly<Record<string, number>>;
  /** Of CPU, the median of some roles that an event names, each as it was read for that alone. */
  readonly eventMs: number;
}

const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

const eventsMeasured = 200;

/** What the project promises; see the README. */
const limits = { cpuSeconds: 5, eventMs: 50 };

export const policiesBeyond = ({ cpuSeconds, eventMs }: MeasuredPolicies): readonly string[] => [
  ...(cpuSeconds > limits.cpuSeconds
    ? [`judging policies took ${cpuSeconds.toFixed(1)} s of CPU, ${limits.cpuSeconds} s is allowed`]
    : []),
  ...(eventMs > limits.eventMs
    ? [`judging one event took ${eventMs.toFixed(0)} ms, ${limits.eventMs} ms is allowed`]
    : []),
];

export const renderPolicies = ({
  users,
  roles,
  verdicts,
  cpuSeconds,
  violations,
  eventMs,
}: MeasuredPolicies): string => {
  const count = (value: number) => value.toLocaleString("en-US");
  return [
    "## What policies allow",
    "",
    `An account of ${count(users)} users in groups and ${count(roles)} roles, each with managed policies of AWS and of the account, most with an inline one`,
    "of its own, two thirds of the roles with a boundary, under three nodes of service control policies; facts in hand.",
    "",
    `All controls: ${count(verdicts)} verdicts in ${cpuSeconds.toFixed(1)} s of CPU, at most ${limits.cpuSeconds}. One role that an event names, read for that alone: ${eventMs.toFixed(1)} ms of CPU`,
    `(the median of ${eventsMeasured}; at most ${limits.eventMs}).`,
    "",
    "| control | violations |",
    "|---|---|",
    ...Object.entries(violations)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([control, found]) => `| ${control} | ${count(found)} |`),
    "",
  ].join("\n");
};

export const measurePolicies = (users: number, roles: number): MeasuredPolicies => {
  const all = accountOfPolicies(users, roles);
  const now = new Date("2026-11-20T08:00:00Z");
  const asOf = (): Date => now;
  const started = process.cpuUsage();
  const judge = createJudge(defaultSettings(), policyAccount, now, organizationOfPolicies, neighboursIn(all));
  const violations: Record<string, number> = {};
  let verdicts = 0;
  for (const facts of all)
    for (const { judgement } of judge(facts, asOf)) {
      verdicts++;
      if (judgement.verdict.outcome === "violation")
        violations[judgement.control] = (violations[judgement.control] ?? 0) + 1;
    }
  const cpuSeconds = cpuMs(started) / 1000;
  return { users, roles, verdicts, cpuSeconds, violations, eventMs: measureEvents(now) };
};

const measureEvents = (now: Date): number => {
  const named = accountOfPolicies(0, eventsMeasured).map((facts) => structuredClone(facts));
  const times = named.map((facts) => {
    const started = process.cpuUsage();
    createJudge(defaultSettings(), policyAccount, now, structuredClone(organizationOfPolicies))(facts, () => now);
    return cpuMs(started);
  });
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
};
