import { refusedWithRole } from "../authorization/service-role.ts";
import type { LaterInvocations } from "../lambda/later.ts";
import type { Sandbox } from "../sandbox.ts";
import { sendTo } from "../sqs/queue.ts";
import { parseExpression } from "./expression.ts";
import type { Schedule } from "./state.ts";

/** What schedules start: functions without waiting for them, state machines. */
export interface Targets {
  readonly later: Pick<LaterInvocations, "add">;
  readonly startExecution: (stateMachineArn: string, input: unknown) => Promise<void>;
}

/** Runs the schedules of the state by the virtual clock, as far as it has come. */
export interface Scheduler {
  /** When the next schedule is due, in milliseconds of virtual time; undefined if none ever is. */
  readonly nextAt: number | undefined;
  /** Starts each schedule as often as it was due since it was last run, or made. */
  deliver(): Promise<void>;
  /** Starts a schedule now, whenever it is due. */
  start(schedule: Schedule): Promise<void>;
}

const service = "scheduler.amazonaws.com";

/** Text as Scheduler writes a time: in whole seconds. */
const iso = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

export const createScheduler = (
  sandbox: Pick<Sandbox, "state" | "ids" | "clock" | "authorization">,
  targets: Targets,
): Scheduler => {
  const { state, ids, clock } = sandbox;
  const lastRun = new Map<string, Date>();
  /** The schedule's own time, and when in its window it starts: halfway. */
  const nextOf = (schedule: Schedule): { scheduled: Date; startAt: number } | undefined => {
    if (schedule.state === "DISABLED") return undefined;
    const { arn, createdAt, expression, windowMinutes } = schedule;
    const scheduled = parseExpression(expression).next(lastRun.get(arn) ?? createdAt, createdAt);
    return scheduled && { scheduled, startAt: scheduled.getTime() + (windowMinutes * 60_000) / 2 };
  };

  const startAt = async (schedule: Schedule, scheduled: Date): Promise<void> => {
    const { arn, target } = schedule;
    const attributes: Readonly<Record<string, string>> = {
      ...{ "schedule-arn": arn, "scheduled-time": iso(scheduled) },
      ...{ "execution-id": ids.uuid(), "attempt-number": "1" },
    };
    const text = target.input?.replace(/<aws\.scheduler\.([\w-]+)>/g, (whole, name) => attributes[name] ?? whole);
    const input: unknown = text === undefined ? {} : JSON.parse(text);
    const isFunction = /^arn:[^:]+:lambda:/.test(target.arn);
    const [, , , region, accountId = ""] = arn.split(":");
    // Scheduler names the group.
    const source = { arn: `arn:aws:scheduler:${region}:${accountId}:schedule-group/default`, accountId };
    const refused = (action: string, resource: string) =>
      refusedWithRole(sandbox, target.roleArn, { service, source, action, resource });
    const refusal = refused(isFunction ? "lambda:InvokeFunction" : "states:StartExecution", target.arn);
    if (refusal !== undefined) {
      const queue = state.queues.get(target.deadLetterArn ?? "");
      const laidAside = queue !== undefined && refused("sqs:SendMessage", queue.arn) === undefined;
      if (laidAside) sendTo(queue, { ids, now: clock.now() }, { body: JSON.stringify(input) });
      const failure = { code: "NO_PERMISSIONS", message: refusal, laidAside };
      state.undelivered.push({ from: arn, targetArn: target.arn, id: iso(scheduled), at: clock.now(), ...failure });
    } else if (isFunction) targets.later.add(target.arn, input);
    else await targets.startExecution(target.arn, input);
  };

  return {
    get nextAt() {
      const times = [...state.schedules.values()].flatMap((schedule) => nextOf(schedule)?.startAt ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    deliver: async () => {
      for (const schedule of state.schedules.values()) {
        for (let next = nextOf(schedule); next && next.startAt <= clock.now().getTime(); next = nextOf(schedule)) {
          lastRun.set(schedule.arn, next.scheduled);
          await startAt(schedule, next.scheduled);
        }
      }
    },
    start: (schedule) => startAt(schedule, clock.now()),
  };
};
