/** What Step Functions keeps of a state machine, as plain data in the sandbox's state. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** Amazon States Language, as JSON. */
  readonly definition: string;
  /** Oldest first. */
  readonly executions: Execution[];
}

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly input: unknown;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT";
  stoppedAt?: Date;
  output?: unknown;
  error?: string;
  cause?: string;
}
