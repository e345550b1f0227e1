import type { RepairDependencies } from "../remediation/dependencies.ts";
import type { RepairQueue } from "../remediation/queue.ts";

/** What the commands of people work with. Nothing in it can write to IAM: repairs and undos go into the queue. */
export interface OperatorDependencies extends Omit<RepairDependencies, "remediate" | "watches"> {
  readonly repairs: RepairQueue;
  /** Where the function answers that looks at everything: a URL, or a path beside the operator's own. */
  readonly doctorUrl?: string;
}

/** Who asks, as AWS authenticated them. */
export interface Caller {
  readonly arn: string;
}
