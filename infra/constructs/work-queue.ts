import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** What is waited in, and where what could not be done lies. */
export interface WorkQueue {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

export interface WorkQueueProps {
  readonly functionTimeout: Duration;
  /** So often a message that fails is given out; each time it then waits for six times the function's timeout. */
  readonly tries: number;
  readonly deliveryDelay?: Duration;
}

/** Where what could not be done lies for two weeks, as long as SQS keeps it; an alarm tells of it at once. */
export const deadLetterQueue = (scope: Construct, id: string): Queue =>
  new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });

/** A queue before a function, and one for what the function could not do in so many tries. */
export const workQueue = (scope: Construct, { functionTimeout, tries, deliveryDelay }: WorkQueueProps): WorkQueue => {
  const deadLetters = deadLetterQueue(scope, "DeadLetters");
  const queue = new Queue(scope, "Queue", {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    ...(deliveryDelay && { deliveryDelay }),
    // As AWS advises: Lambda itself tries again while it throttles, and must not find the message taken by another run.
    visibilityTimeout: Duration.seconds(functionTimeout.toSeconds() * 6),
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: tries },
  });
  return { queue, deadLetters };
};
