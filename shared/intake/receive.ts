import type { SQSRecord } from "aws-lambda";
import { MalformedInputError } from "../errors.ts";
import { parseEnvelope } from "../events/envelope.ts";
import type { CloudTrailRecord } from "../events/record.ts";

/** What the intake needs of an SQS message. */
export type Message = Pick<SQSRecord, "messageId" | "body"> & {
  /** The queue it came from, where somebody asks. */
  readonly eventSourceARN?: string;
  readonly attributes: Pick<SQSRecord["attributes"], "ApproximateReceiveCount">;
};

/** One event as the queue delivered it. */
export interface ReceivedEvent {
  readonly message: Message;
  readonly record: CloudTrailRecord;
  /** The account that the record is about. */
  readonly accountId: string;
  /** The account whose event bus sent the event: another only where an organization's analyzer tells of a resource. */
  readonly sender: string;
}

/**
 * Reads a queue message.
 * @throws MalformedInputError if it is no CloudTrail event of some account
 * @throws ForgedEventError if envelope and record disagree on account or service
 */
export const receive = (message: Message): ReceivedEvent => {
  const { record, envelopeAccount } = parseEnvelope(parseJson(message.body));
  return { message, record, accountId: record.accountId ?? envelopeAccount, sender: envelopeAccount };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MalformedInputError("The message is not JSON; an EventBridge event in JSON was expected", {
      cause: error,
    });
  }
};
