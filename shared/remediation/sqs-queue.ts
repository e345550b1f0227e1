import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { DeliveryError, messageOf } from "../errors.ts";
import type { RepairQueue } from "./queue.ts";

/** The queue of the function that repairs. */
export const createSqsRepairQueue = ({ client, url }: { client: SQSClient; url: string }): RepairQueue => ({
  send: async (message) => {
    try {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message) }));
    } catch (cause) {
      throw new DeliveryError(`What is to be repaired could not be sent: ${messageOf(cause)}`, { cause });
    }
  },
});
