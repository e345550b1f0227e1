import { createHash } from "node:crypto";
import * as z from "zod";
import { type Acting, refusedWithRole } from "../authorization/service-role.ts";
import type { Sandbox } from "../sandbox.ts";
import { deleteFrom, receiveFrom } from "../sqs/queue.ts";
import type { Queue, QueuedMessage } from "../sqs/state.ts";
import type { Lambda } from "./invoke.ts";
import type { EventSourceMapping } from "./state.ts";

/** Brings functions what lies on their queues, in virtual time. */
export interface Poller {
  /** When the next message may be received, in milliseconds of virtual time; undefined if there is none. */
  readonly nextAt: number | undefined;
  /** Delivers what is visible by now, batch after batch. */
  deliver(): Promise<void>;
}

const polls = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** Why a mapping cannot poll; undefined if the function's role may. */
export const refusedPolling = (acting: Acting, mapping: EventSourceMapping): string | undefined => {
  const { state } = acting;
  const { functionArn, queueArn } = mapping;
  const roleArn = state.functions.get(functionArn)?.roleArn ?? "";
  const source = { arn: functionArn, accountId: functionArn.split(":")[4] ?? "" };
  const resourcePolicy = state.queues.get(queueArn)?.attributes.get("Policy");
  for (const action of polls) {
    const request = { service: "lambda.amazonaws.com", source, action, resource: queueArn, resourcePolicy };
    const refusal = refusedWithRole(acting, roleArn, request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

const response = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() });

export const createPoller = (
  sandbox: Pick<Sandbox, "state" | "ids" | "clock" | "authorization">,
  lambda: Lambda,
  /** Told of each batch as a whole that failed. */
  onFailure: (message: string) => void,
): Poller => {
  const { state, ids, clock } = sandbox;
  /** Mappings that may not poll (any more): what is on their queues waits in vain. */
  const refused = new Set<string>();
  const polled = (): { mapping: EventSourceMapping; queue: Queue }[] =>
    [...state.eventSourceMappings.values()].flatMap((mapping) => {
      const queue = state.queues.get(mapping.queueArn);
      return queue === undefined || refused.has(mapping.id) ? [] : [{ mapping, queue }];
    });
  const mayPoll = (mapping: EventSourceMapping): boolean => {
    const refusal = refusedPolling(sandbox, mapping);
    if (refusal === undefined) return true;
    refused.add(mapping.id);
    onFailure(refusal);
    return false;
  };

  /** The ids of the messages that go back to the queue: those reported, or all where the answer cannot be read. */
  const failedOf = async (
    mapping: EventSourceMapping,
    batch: readonly QueuedMessage[],
  ): Promise<ReadonlySet<string>> => {
    const all = new Set(batch.map(({ id }) => id));
    const answer = await lambda.invoke(mapping.functionArn, { Records: batch.map((one) => recordOf(one, mapping)) });
    if (!("payload" in answer)) {
      onFailure(`${answer.errorType}: ${answer.errorMessage}`);
      return all;
    }
    if (!mapping.reportsBatchItemFailures || answer.payload === null) return new Set();
    const read = response.safeParse(answer.payload);
    const failures = read.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
    if (read.success && failures.every((id) => all.has(id))) return new Set(failures);
    onFailure("the function's answer names no messages of its batch");
    return all;
  };

  return {
    get nextAt() {
      const times = polled().flatMap(({ queue }) => queue.messages.map(({ visibleAt }) => visibleAt));
      return times.length === 0 ? undefined : Math.min(...times);
    },
    deliver: async () => {
      for (const { mapping, queue } of polled()) {
        if (queue.messages.length === 0 || !mayPoll(mapping)) continue;
        const receive = () => receiveFrom(state, queue, { ids, now: clock.now() }, { most: mapping.batchSize });
        for (let batch = receive(); batch.length > 0; batch = receive()) {
          const receipts = batch.map(({ id, receipt = "" }) => ({ id, receipt }));
          const failed = await failedOf(mapping, batch);
          for (const { id, receipt } of receipts) if (!failed.has(id)) deleteFrom(queue, receipt);
        }
      }
    },
  };
};

const recordOf = ({ id, body, receipt, receiveCount, sentAt }: QueuedMessage, { queueArn }: EventSourceMapping) => ({
  messageId: id,
  receiptHandle: receipt,
  body,
  attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt.getTime()) },
  messageAttributes: {},
  md5OfBody: createHash("md5").update(body).digest("hex"),
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(":")[3],
});
