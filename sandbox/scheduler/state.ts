/** What EventBridge Scheduler keeps of a schedule, as plain data in the sandbox's state. */
export interface Schedule {
  readonly arn: string;
  readonly name: string;
  /** `cron(…)` or `rate(…)`, in UTC. */
  readonly expression: string;
  /** How many minutes after its time it may start; 0 for on time. */
  readonly windowMinutes: number;
  readonly createdAt: Date;
  state: "ENABLED" | "DISABLED";
  readonly target: ScheduleTarget;
}

export interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  /** JSON with Scheduler's context attributes in it, e.g. `<aws.scheduler.scheduled-time>`. */
  readonly input?: string;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn?: string;
}
