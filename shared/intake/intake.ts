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
export const createIntake = (dependencies: IntakeDependencies) => {
  const { telemetry, hubAccountId } = dependencies;
  const rootSessions = createRootSessions();
  return async (batch: { readonly Records: readonly Message[] }): Promise<SQSBatchResponse> => {
    const failed = new Set<string>();

    const fail = (event: ReceivedEvent, error: unknown): void => {
      failed.add(event.message.messageId);
      const { message, record } = event;
      const fields = {
        error,
        errorName: error instanceof Error ? error.name : "unknown",
        messageId: message.messageId,
        receiveCount: message.attributes.ApproximateReceiveCount,
        eventId: record.eventId,
        eventName: record.eventName,
        account: event.accountId,
      };
      if (error instanceof WardenError && error.retryable) {
        telemetry.count("MessagesRetried");
        telemetry.info(`Tried again later: ${messageOf(error)}`, fields);
      } else {
        telemetry.error(`An event could not be judged: ${messageOf(error)}`, fields);
      }
    };

    const events: ReceivedEvent[] = [];
    for (const message of batch.Records) {
      try {
        events.push(receive(message));
      } catch (error) {
        const fields = {
          error,
          errorName: error instanceof Error ? error.name : "unknown",
          messageId: message.messageId,
          receiveCount: message.attributes.ApproximateReceiveCount,
          bodyLength: message.body.length,
          bodyStart: message.body.slice(0, 200),
        };
        if (error instanceof ForgedEventError) {
          telemetry.count("EventsRefused");
          telemetry.error(`Refused an event: ${error.message}`, fields);
        } else {
          failed.add(message.messageId);
          telemetry.count("PoisonMessages");
          telemetry.error(`A message is no CloudTrail event: ${messageOf(error)}`, fields);
        }
      }
    }

    // All of a batch first: a session's own records may come before the one that tells who made it.
    for (const { record } of events) rootSessions.remember(record);
    for (const event of events) {
      try {
        await judgeActivity(dependencies, {
          ...event,
          record: withCentralRoot(event.record, rootSessions.find, hubAccountId),
        });
      } catch (error) {
        fail(event, error);
      }
    }

    for (const group of groupBySubject(events)) {
      try {
        await judgeSubject(dependencies, group);
      } catch (error) {
        for (const event of group.events) fail(event, error);
      }
    }

    return {
      batchItemFailures: batch.Records.filter(({ messageId }) => failed.has(messageId)).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  };
};
