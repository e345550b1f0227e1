import { type MessageAttributeValue, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { errorCodeOf } from "../aws/errors.ts";
import { DeliveryError, messageOf } from "../errors.ts";
import { cut } from "../findings/bounds.ts";
import { visibleText } from "../visible-text.ts";
import { type Announcement, announcementChat, announcementEmail } from "./announcement.ts";
import { blindAnnouncement } from "./blind.ts";
import { type ChatNotification, findingChat } from "./chat.ts";
import { digestChat } from "./digest-chat.ts";
import { digestEmail } from "./digest-email.ts";
import { findingEmail } from "./email.ts";
import type { Email } from "./email-page.ts";
import { expiringAnnouncement } from "./exemption-expiring.ts";
import type { Notice, Notifier, TripNotice } from "./notice.ts";
import { reminderMessage } from "./reminder.ts";
import { reminderChat } from "./reminder-chat.ts";
import { reminderEmail } from "./reminder-email.ts";
import { tripAnnouncement } from "./trip.ts";
import { worstNews } from "./words.ts";

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

interface SnsMessage {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageStructure: "json";
  readonly MessageAttributes: Record<string, MessageAttributeValue>;
}

/**
 * A notice as SNS takes it. Subscriptions can filter by the attributes `kind`, `severity`, `control`, `account`, `ouPath`
 * and `owner`; one that does not apply is left out (a digest has `kind`, and `severity` if there is news; blind accounts are
 * `critical`, and have `account` and `ouPath` if it is one). `owner` is a
 * list, and so is `control` where a notice may be about several: a filter matches any of them.
 */
export const snsMessage = (notice: Notice): SnsMessage => {
  switch (notice.kind) {
    case "digest": {
      const { digest } = notice;
      const chat = digestChat(digest);
      return fitting(
        (limit) => [digestEmail(digest, limit), chat],
        attributes({ kind: "digest", severity: worstNews(digest) }),
      );
    }
    case "reminder": {
      const message = reminderMessage(notice);
      const { account, owners } = notice;
      const { severity, controls } = message;
      const chat = reminderChat(message, notice);
      return fitting(
        (limit) => [reminderEmail(message, limit), chat],
        attributes({
          kind: notice.kind,
          severity,
          control: controls,
          account: account.id,
          ouPath: account.ouPath,
          owner: listed(owners),
        }),
      );
    }
    case "breakerTripped":
      return announced(tripAnnouncement(notice), attributes({ kind: notice.kind, account: tripAccount(notice) }));
    case "exemptionExpiring": {
      const { controls, scope } = notice.exemption;
      return announced(
        expiringAnnouncement(notice),
        attributes({
          kind: notice.kind,
          control: controls === "all" ? undefined : controls,
          account: "account" in scope ? scope.account : undefined,
          ouPath: "ou" in scope ? scope.ou : undefined,
        }),
      );
    }
    case "blindAccounts": {
      const accounts = [...notice.blind.map(({ account }) => account), ...notice.seeing];
      const only = accounts.length === 1 ? accounts[0] : undefined;
      return announced(
        blindAnnouncement(notice),
        // Critical, so that whoever hears of the worst alone hears of this, and of its end.
        attributes({ kind: notice.kind, severity: "critical", account: only?.id, ouPath: only?.ouPath }),
      );
    }
    default: {
      const { kind, finding } = notice;
      const { severity, control, account, owners = [] } = finding;
      return structured(
        findingEmail(notice),
        findingChat(notice),
        attributes({
          kind,
          severity,
          control,
          account: account.id,
          ouPath: account.ouPath,
          owner: listed(owners),
        }),
      );
    }
  }
};

const tripAccount = ({ trip: { window } }: TripNotice): string | undefined =>
  window.scope === "organization" ? undefined : window.scope.account;

const announced = (announcement: Announcement, attributes: SnsMessage["MessageAttributes"]): SnsMessage =>
  structured(announcementEmail(announcement), announcementChat(announcement), attributes);

/** The longest email that fits, by how many entries its lists have. */
const fitting = (
  make: (limit: number) => readonly [Email, ChatNotification],
  attributes: SnsMessage["MessageAttributes"],
): SnsMessage => {
  for (let limit = 100; ; limit = Math.floor(limit / 2)) {
    const message = structured(...make(limit), attributes);
    if (Buffer.byteLength(message.Message) <= maxMessageBytes || limit <= 1) return message;
  }
};

const structured = (
  email: Email,
  chat: ChatNotification,
  MessageAttributes: SnsMessage["MessageAttributes"],
): SnsMessage => ({
  Subject: email.subject,
  Message: JSON.stringify({ default: JSON.stringify(chat), email: email.body }),
  MessageStructure: "json",
  MessageAttributes,
});

/** More owners than a finding has, and more elements than a filter needs to see. */
const mostListed = 20;

/** A list even of one, so that a subscriber always finds the same type. */
const listed = (values: readonly string[]): readonly string[] | undefined => (values.length === 0 ? undefined : values);

/** Never empty, as SNS asks; a value stays as it is, so that filters match it, unless it holds what no filter could. */
const attributes = (
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]): readonly [string, MessageAttributeValue][] => {
      if (typeof value === "string")
        return value === "" ? [] : [[key, { DataType: "String", StringValue: attributeText(value) }]];
      const texts = value?.slice(0, mostListed).filter((text) => text !== "") ?? [];
      return texts.length === 0
        ? []
        : [[key, { DataType: "String.Array", StringValue: JSON.stringify(texts.map(attributeText)) }]];
    }),
  );

const attributeText = (value: string): string => cut(visibleText(value), 1_000);
