// Measures the account that its parent names and sends a `Measured` back: started by run.ts, once for each account.
import { setTimeout } from "node:timers/promises";
import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
} from "@aws-sdk/client-iam";
import type { AwsAccess } from "../shared/aws/access.ts";
import { callerIdentity, createAwsAccess } from "../shared/aws/aws-access.ts";
import { createMemoryExemptionStore } from "../shared/exemptions/memory-store.ts";
import type { AnyFacts } from "../shared/facts/facts.ts";
import { neighboursIn } from "../shared/facts/neighbours.ts";
import { readSnapshot } from "../shared/facts/snapshot.ts";
import { sweptTrailReading } from "../shared/facts/trails.ts";
import { createMemoryStore } from "../shared/findings/memory-store.ts";
import type { FindingStore } from "../shared/findings/store.ts";
import { createJudge } from "../shared/judgement/judge.ts";
import { createMemoryMarkStore } from "../shared/marks/memory-mark-store.ts";
import { unlimited } from "../shared/organization/view.ts";
import { defaultSettings } from "../shared/settings/settings.ts";
import type { AccountRef } from "../shared/subject.ts";
import { sweepAccount } from "../shared/sweep/sweep-account.ts";
import { type Measured, type MeasuredSweep, quietStaleSweep, quietSweep, type Target } from "./measured.ts";

/** The account under measurement, and the clock that it is measured by. */
interface Subject {
  readonly aws: AwsAccess;
  readonly account: AccountRef;
  readonly clock: () => Date;
}

const hourMs = 3_600_000;
const settings = defaultSettings();
const telemetry = {
  info: () => {},
  warn: () => {},
  error: (message: string) => void process.stderr.write(`${message}\n`),
  count: () => {},
  measure: () => {},
};

/** Time on the server cannot be moved: what is later is so for us alone, which is all that a report's age needs. */
const connect = async (target: Target): Promise<{ subject: Subject; later: (ms: number) => void }> => {
  const { endpoint, sandbox, seed } = target;
  const own = sandbox ? { accountId: sandbox.ownAccountId, region: "us-east-1" } : await callerIdentity({ endpoint });
  let ahead = sandbox ? Date.parse(sandbox.now) - Date.now() : 0;
  const clock = (): Date => new Date(Date.now() + ahead);
  const { credentials } = sandbox ?? {};
  const aws = createAwsAccess({
    endpoint,
    region: own.region,
    ownAccountId: own.accountId,
    credentials,
    clock,
    trails: sweptTrailReading,
  });
  const id = target.accountId ?? own.accountId;
  if (seed) await seedAccount(aws, id, seed);
  const later = (ms: number): void => {
    ahead += ms;
  };
  return { subject: { aws, account: { id }, clock }, later };
};

const seedAccount = async (aws: AwsAccess, accountId: string, { users, roles }: { users: number; roles: number }) => {
  const iam = aws.iam(accountId);
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  for (let at = 0; at < users; at++) {
    const UserName = `bench-user-${at}`;
    await iam.send(new CreateUserCommand({ UserName }));
    if (at % 2 === 0) await iam.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-Horse-9" }));
    if (at % 5 === 0) await iam.send(new CreateAccessKeyCommand({ UserName }));
  }
  for (let at = 0; at < roles; at++) {
    await iam.send(new CreateRoleCommand({ RoleName: `bench-role-${at}`, AssumeRolePolicyDocument: trust }));
  }
};

const measureSweep = async (name: string, subject: Subject, store: FindingStore): Promise<MeasuredSweep> => {
  const { aws, account, clock } = subject;
  const sleep = (ms: number): Promise<void> => setTimeout(ms);
  const before = aws.calls()[account.id] ?? {};
  const started = performance.now();
  const notifier = { publish: async () => {} };
  const exemptions = createMemoryExemptionStore();
  const marking = { marks: createMemoryMarkStore(), auditRoleName: "iam-warden-audit" };
  const organization = { of: async () => unlimited("one account is swept, without its organization") };
  const dependencies = {
    aws,
    store,
    exemptions,
    organization,
    ...marking,
    notifier,
    settings,
    telemetry,
    clock,
    sleep,
  };
  const answer = await sweepAccount(dependencies, { runId: name, account }, () => Number.POSITIVE_INFINITY);
  const seconds = (performance.now() - started) / 1000;
  if (!answer.done || answer.status !== "swept") throw new Error(`the sweep "${name}" did not come through`);
  const calls = Object.entries(aws.calls()[account.id] ?? {})
    .map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  const { violation, unknown } = answer.verdicts;
  return { name, calls: Object.fromEntries(calls), seconds, violations: violation, unknown };
};

/** All controls over all subjects, facts in hand. */
const measureEvaluation = async ({ aws, account, clock }: Subject) => {
  const snapshot = await readSnapshot(aws, account, { clock, sleep: (ms: number) => setTimeout(ms) });
  const all: readonly AnyFacts[] = [snapshot.accountFacts, snapshot.root, ...snapshot.users, ...snapshot.roles];
  const now = clock();
  const started = performance.now();
  let verdicts = 0;
  const judge = createJudge(
    settings,
    account,
    now,
    unlimited("one account is judged, without its organization"),
    neighboursIn(all),
  );
  for (const facts of all) verdicts += judge(facts, () => now).length;
  const evaluation = { seconds: (performance.now() - started) / 1000, verdicts };
  return { evaluation, users: snapshot.users.length, roles: snapshot.roles.length };
};

const measure = async (target: Target): Promise<Measured> => {
  const { subject, later } = await connect(target);
  const store = createMemoryStore();
  const sweeps = [await measureSweep("first, nothing known", subject, store)];
  later(hourMs);
  sweeps.push(await measureSweep(quietSweep, subject, store));
  const another = createMemoryStore();
  sweeps.push(await measureSweep("first, on a report one hour old", subject, another));
  later(hourMs);
  sweeps.push(await measureSweep(quietStaleSweep, subject, another));
  const evaluated = await measureEvaluation(subject);
  // maxRSS is in kilobytes.
  return { ...evaluated, sweeps, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
};

process.once("message", (target: Target) => {
  measure(target).then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
