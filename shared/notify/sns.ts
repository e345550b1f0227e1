import {
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandInput,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { errorCodeOf } from "../aws/errors.ts";
import { DeliveryError, messageOf } from "../errors.ts";
import { cut } from "../findings/bounds.ts";
import { visibleText } from "../visible-text.ts";
import { findingChat } from "./chat.ts";
import { digestChat } from "./digest-chat.ts";
import { digestEmail } from "./digest-email.ts";
import { findingEmail } from "./email.ts";
import type { Notice, Notifier } from "./notice.ts";
import { worst } from "./words.ts";

/** SNS takes 256 KiB with attributes; the rest is room for those. */
const maxMessageBytes = 240 * 1024;

/**
 * Publishes notices to one SNS topic: each subscription gets the form for its protocol. `email` is plain text; everything
 * else (chat through `https`, queues, functions) reads `default`, the chat notification as JSON.
 */
export const createSnsNotifier = ({ client, topicArn }: { client: SNSClient; topicArn: string }): Notifier => ({
  publish: async (notice) => {
    const message = snsMessage(notice);
    try {
      await client.send(new PublishCommand({ TopicArn: topicArn, ...message }));
    } catch (error) {
      throw new DeliveryError(`SNS did not publish "${message.Subject}": ${messageOf(error)}`, {
        cause: error,
        refused: refusals.has(errorCodeOf(error)),
      });
    }
  },
});

/** What SNS says of a message that it will not take, however often it is sent. */
const refusals = new Set([
  "InvalidParameter",
  "InvalidParameterException",
  "InvalidParameterValue",
  "InvalidParameterValueException",
  "ValidationException",
]);

type SnsMessage = Required<Pick<PublishCommandInput, "Subject" | "Message" | "MessageStructure" | "MessageAttributes">>;

/**
 * A notice as SNS takes it. Subscriptions can filter by the attributes `kind`, `severity`, `control`, `account` and `ouPath`;
 * one that does not apply is left out (a digest has `kind`, and `severity` if there is news).
 */
export const snsMessage = (notice: Notice): SnsMessage => {
  if (notice.kind === "reminder" || notice.kind === "breakerTripped" || notice.kind === "exemptionExpiring")
    return {
      Subject: notice.kind,
      Message: byProtocol(notice, JSON.stringify(notice)),
      MessageStructure: "json",
      MessageAttributes: attributes({ kind: notice.kind }),
    };
  if (notice.kind !== "digest") {
    const { severity, control, account } = notice.finding;
    const { kind } = notice;
    const email = findingEmail(notice);
    return {
      Subject: email.subject,
      Message: byProtocol(findingChat(notice), email.body),
      MessageStructure: "json",
      MessageAttributes: attributes({ kind, severity, control, account: account.id, ouPath: account.ouPath }),
    };
  }
  const { digest } = notice;
  const chat = digestChat(digest);
  for (let limit = 100; ; limit = Math.floor(limit / 2)) {
    const email = digestEmail(digest, limit);
    const Message = byProtocol(chat, email.body);
    if (Buffer.byteLength(Message) > maxMessageBytes && limit > 1) continue;
    return {
      Subject: email.subject,
      Message,
      MessageStructure: "json",
      MessageAttributes: attributes({ kind: "digest", severity: worst(digest.news) }),
    };
  }
};

const byProtocol = (chat: unknown, email: string): string => JSON.stringify({ default: JSON.stringify(chat), email });

/** Never empty, as SNS asks; a value stays as it is, so that filters match it, unless it holds what no filter could. */
const attributes = (values: Readonly<Record<string, string | undefined>>): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value ? [[key, { DataType: "String", StringValue: cut(visibleText(value), 1_000) }]] : [],
    ),
  );
