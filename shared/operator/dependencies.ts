import type { RepairDependencies } from "../remediation/dependencies.ts";
import type { RepairQueue } from "../remediation/queue.ts";

/** What the commands of people work with. Nothing in it can write to IAM: repairs and undos go into the queue. */
export interface OperatorDependencies extends Omit<RepairDependencies, "remediate" | "watches"> {
  readonly repairs: RepairQueue;
}

/** Who asks, as AWS authenticated them. */
export interface Caller {
  readonly arn: string;
}
