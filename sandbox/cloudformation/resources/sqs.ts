import * as z from "zod";
import { addQueue } from "../../sqs/queue.ts";
import { handler, ignored, policyDocument, type ResourceHandler } from "../resource.ts";

const seconds = z.number().int().min(0).optional();

const queue = handler(
  {
    QueueName: z.string().optional(),
    DelaySeconds: seconds,
    VisibilityTimeout: seconds,
    MessageRetentionPeriod: seconds,
    MaximumMessageSize: z.number().optional(),
    RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
    SqsManagedSseEnabled: z.boolean().optional(),
    KmsMasterKeyId: ignored,
    Tags: ignored,
  },
  (making, { QueueName: name = making.newName().slice(-80), RedrivePolicy, KmsMasterKeyId: _, Tags: __, ...rest }) => {
    const { accountId, region } = making.place;
    const attributes = Object.entries({ ...rest, RedrivePolicy: RedrivePolicy && JSON.stringify(RedrivePolicy) });
    const made = addQueue(making.state, {
      ...{ accountId, region, name, createdAt: making.now },
      attributes: Object.fromEntries(
        attributes.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
      ),
    });
    return { ref: made.url, attributes: { Arn: made.arn, QueueName: name, QueueUrl: made.url } };
  },
);

const queuePolicy = handler(
  { PolicyDocument: policyDocument, Queues: z.array(z.string()).min(1) },
  ({ state, logicalId }, { PolicyDocument, Queues }) => {
    for (const url of Queues) {
      const found = [...state.queues.values()].find((one) => one.url === url);
      if (found === undefined) throw new Error(`there is no queue ${url}`);
      found.attributes.set("Policy", PolicyDocument);
    }
    return { ref: logicalId };
  },
);

export const sqsResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::SQS::Queue": queue,
  "AWS::SQS::QueuePolicy": queuePolicy,
};
