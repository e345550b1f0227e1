import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { AwsAccess } from "../aws/access.ts";
import { ForgedEventError, messageOf, WardenError } from "../errors.ts";
import { createRootSessions, withCentralRoot } from "../events/central-root.ts";
import type { FindingStore } from "../findings/store.ts";
import type { Notifier } from "../notify/notice.ts";
import type { Settings } from "../settings/settings.ts";
import type { Telemetry } from "../telemetry.ts";
import type { AccountDirectory } from "./account-directory.ts";
import { judgeActivity } from "./judge-activity.ts";
import { groupBySubject, judgeSubject } from "./judge-subject.ts";
import { type ReceivedEvent, receive } from "./receive.ts";

export interface IntakeDependencies {
  readonly aws: AwsAccess;
  /** The account that iam-warden itself runs in. */
  readonly hubAccountId: string;
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly settings: Settings;
  readonly accounts: AccountDirectory;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/** What the intake needs of an SQS message. */
export type Message = Pick<SQSRecord, "messageId" | "body"> & {
  readonly attributes: Pick<SQSRecord["attributes"], "ApproximateReceiveCount">;
};

/**
 * Takes a batch of forwarded EventBridge events: judges the activity in the records themselves, then the live state of
 * every subject they hint at, once per batch however many of its events speak of it.
 *
 * A message fails alone: it is reported as a batch item failure, comes back, and after the queue's last try lies in
 * the dead-letter queue, its reason logged every time. A forged event is refused, logged and counted, and not tried
 * again. Everything here may happen twice, at once or in any order.
 */
export const createIntake = (
  dependencies: IntakeDependencies,
): ((batch: { readonly Records: readonly Message[] }) => Promise<SQSBatchResponse>) => {
  const { telemetry, hubAccountId } = dependencies;
  const rootSessions = createRootSessions();

  const receiveAll = (messages: readonly Message[], failed: Set<string>): readonly ReceivedEvent[] =>
    messages.flatMap((message) => {
      try {
        return [receive(message)];
      } catch (error) {
        const { body } = message;
        const fields = { ...about(message, error), bodyLength: body.length, bodyStart: body.slice(0, 200) };
        if (error instanceof ForgedEventError) {
          telemetry.count("EventsRefused");
          telemetry.error(`Refused an event: ${error.message}`, fields);
        } else {
          failed.add(message.messageId);
          telemetry.count("PoisonMessages");
          telemetry.error(`A message is no CloudTrail event: ${messageOf(error)}`, fields);
        }
        return [];
      }
    });

  const reportFailure = ({ message, record, accountId }: ReceivedEvent, error: unknown): void => {
    const { eventId, eventName } = record;
    const fields = { ...about(message, error), eventId, eventName, account: accountId };
    if (error instanceof WardenError && error.retryable) {
      telemetry.count("MessagesRetried");
      telemetry.info(`Tried again later: ${messageOf(error)}`, fields);
    } else {
      telemetry.error(`An event could not be judged: ${messageOf(error)}`, fields);
    }
  };

  return async ({ Records }) => {
    const failed = new Set<string>();
    const attempt = async (events: readonly ReceivedEvent[], work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        for (const event of events) {
          failed.add(event.message.messageId);
          reportFailure(event, error);
        }
      }
    };

    const events = receiveAll(Records, failed);
    // All of a batch first: a session's own records may come before the one that tells who made it.
    for (const { record } of events) rootSessions.remember(record);
    for (const event of events) {
      const record = withCentralRoot(event.record, rootSessions.find, hubAccountId);
      await attempt([event], () => judgeActivity(dependencies, { ...event, record }));
    }
    for (const group of groupBySubject(events)) {
      await attempt(group.events, () => judgeSubject(dependencies, group));
    }

    const batchItemFailures = Records.filter(({ messageId }) => failed.has(messageId)).map(({ messageId }) => ({
      itemIdentifier: messageId,
    }));
    return { batchItemFailures };
  };
};

const about = ({ messageId, attributes }: Message, error: unknown) => ({
  error,
  errorName: error instanceof Error ? error.name : "unknown",
  messageId,
  receiveCount: attributes.ApproximateReceiveCount,
});
