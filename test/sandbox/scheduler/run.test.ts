import { describe, expect, it } from "vitest";
import { addRole, trusting } from "../../../sandbox/iam/state.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { createScheduler } from "../../../sandbox/scheduler/run.ts";
import type { Schedule } from "../../../sandbox/scheduler/state.ts";
import { addQueue } from "../../../sandbox/sqs/queue.ts";

const hourMs = 3_600_000;

const start = (more: Partial<Schedule> = {}, allowed = ["lambda:InvokeFunction", "sqs:SendMessage"]) => {
  const { state, ids, clock, authorization } = createSandbox();
  const { managementAccountId: accountId } = state.organization;
  const account = state.accounts.get(accountId);
  if (!account) throw new Error("no account");
  const role = addRole(account, ids, {
    ...{ name: "scheduler", createdAt: clock.now() },
    trustPolicy: trusting({ Service: "scheduler.amazonaws.com" }),
    inlinePolicies: new Map([
      [
        "own",
        JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: allowed, Resource: "*" }] }),
      ],
    ]),
  });
  const dead = addQueue(state, { accountId, region: "us-east-1", name: "dead", createdAt: clock.now() });
  const arn = `arn:aws:scheduler:us-east-1:${accountId}:schedule/default/hourly`;
  const schedule: Schedule = {
    ...{ arn, name: "hourly", expression: "cron(30 * * * ? *)", windowMinutes: 0, createdAt: clock.now() },
    state: "ENABLED",
    target: {
      ...{ arn: `arn:aws:lambda:us-east-1:${accountId}:function:f`, roleArn: role.arn, deadLetterArn: dead.arn },
      input: '{"at":"<aws.scheduler.scheduled-time>","try":"<aws.scheduler.attempt-number>","other":"<aws.other>"}',
      ...{ maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 },
    },
    ...more,
  };
  state.schedules.set(arn, schedule);
  const started: unknown[] = [];
  const later = { add: (_arn: string, input: unknown) => void started.push(input) };
  const scheduler = createScheduler({ state, ids, clock, authorization }, { later, startExecution: async () => {} });
  return { state, clock, schedule, scheduler, started, dead };
};

describe("a schedule", () => {
  it("starts its target as often as it was due, with its own time in the input", async () => {
    const { clock, scheduler, started } = start();
    await scheduler.deliver();
    expect(started).toEqual([]);
    clock.advance(2 * hourMs);
    await scheduler.deliver();
    await scheduler.deliver();
    const rest = { try: "1", other: "<aws.other>" };
    expect(started).toEqual([
      { at: "2026-11-02T08:30:00Z", ...rest },
      { at: "2026-11-02T09:30:00Z", ...rest },
    ]);
    expect(new Date(scheduler.nextAt ?? 0).toISOString()).toBe("2026-11-02T10:30:00.000Z");
  });

  it("with a window starts within it, by the time that it was due", async () => {
    const { clock, scheduler, started } = start({ windowMinutes: 20 });
    clock.advance(hourMs / 2);
    await scheduler.deliver();
    expect(started).toEqual([]);
    clock.advance(10 * 60_000);
    await scheduler.deliver();
    expect(started).toMatchObject([{ at: "2026-11-02T08:30:00Z" }]);
  });

  it("that is disabled is never due", async () => {
    const { clock, scheduler, started } = start({ state: "DISABLED" });
    clock.advance(2 * hourMs);
    await scheduler.deliver();
    expect({ started, nextAt: scheduler.nextAt }).toEqual({ started: [], nextAt: undefined });
  });

  it("lays aside what its role may not start, if the role may do that", async () => {
    const { clock, scheduler, started, dead, state } = start({}, ["sqs:SendMessage"]);
    clock.advance(hourMs);
    await scheduler.deliver();
    expect(started).toEqual([]);
    expect(dead.messages).toMatchObject([{ body: expect.stringContaining("2026-11-02T08:30:00Z") }]);
    expect(state.undelivered).toMatchObject([{ code: "NO_PERMISSIONS", laidAside: true }]);
    const other = start({}, ["s3:GetObject"]);
    other.clock.advance(hourMs);
    await other.scheduler.deliver();
    expect(other.dead.messages).toEqual([]);
    expect(other.state.undelivered).toMatchObject([{ laidAside: false }]);
  });
});
