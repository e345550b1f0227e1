import { Duration, Names } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { EventSourceMappingOptions, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
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

/**
 * Has a function work on a queue, and report what failed of a batch. It is granted what Lambda polls with and no more; the CDK's
 * own event source would grant two more actions.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const workOn = (
  worker: LambdaFunction,
  { queue }: WorkQueue,
  options: Required<Pick<EventSourceMappingOptions, "batchSize" | "maxConcurrency">>,
): void => {
  worker.addToRolePolicy(
    new PolicyStatement({
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      resources: [queue.queueArn],
    }),
  );
  // By this name a mapping stays the one it was: Lambda takes no second one of the same queue and function.
  worker.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    ...{ ...options, eventSourceArn: queue.queueArn, reportBatchItemFailures: true },
  });
};
