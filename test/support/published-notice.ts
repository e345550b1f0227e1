import { expect } from "vitest";
import * as z from "zod";
import { controlById } from "../../shared/controls/catalogue.ts";
import type { Finding, NoticeKind, OutboxEntry } from "../../shared/findings/finding.ts";
import type { FindingNotice, Notice } from "../../shared/notify/notice.ts";
import { snsMessage } from "../../shared/notify/sns.ts";
import { invisible } from "./findings.ts";

export const noticeOf = (
  finding: Finding,
  kind: NoticeKind = "opened",
  entry: Partial<OutboxEntry> = {},
): FindingNotice => ({
  kind,
  finding,
  entry: { id: "v1", kind, at: finding.observedAt, delivery: "single", reason: finding.reason, ...entry },
  control: controlById(finding.control),
});

/** The schema of custom notifications, with the limits of their documentation. */
const chatSchema = z.strictObject({
  version: z.literal("1.0"),
  source: z.literal("custom"),
  id: z.string(),
  content: z.strictObject({
    textType: z.literal("client-markdown"),
    title: z.string().min(1).max(250),
    description: z.string().min(1).max(8_000),
    nextSteps: z.array(z.string().min(1).max(350)).optional(),
    keywords: z.array(z.string().min(1).max(75)),
  }),
  metadata: z.strictObject({
    threadId: z.string(),
    summary: z.string(),
    eventType: z.string(),
    relatedResources: z.array(z.string()).optional(),
    additionalContext: z.record(z.string(), z.string()),
  }),
});

/** The parts of a published notice, after checking what must hold of every one. */
export const published = (notice: Notice) => {
  const { Subject = "", Message = "", MessageAttributes = {} } = snsMessage(notice);
  expect(Subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType, StringValue = "" }]) => {
      expect(StringValue).not.toBe("");
      expect(StringValue).not.toMatch(invisible);
      if (DataType === "String.Array") return [name, z.array(z.string().min(1)).min(1).parse(JSON.parse(StringValue))];
      expect(DataType).toBe("String");
      return [name, StringValue];
    }),
  );
  expect(Buffer.byteLength(Message) + Buffer.byteLength(JSON.stringify(attributes))).toBeLessThan(256 * 1024);
  const { default: json, email, ...rest } = z.record(z.string(), z.string()).parse(JSON.parse(Message));
  expect(rest).toEqual({});
  const chat = chatSchema.parse(JSON.parse(json ?? ""));
  for (const text of [email ?? "", chat.content.title, chat.content.description]) {
    expect(text.replaceAll("\n", "")).not.toMatch(invisible);
    expect(text.isWellFormed()).toBe(true);
  }
  expect(json).not.toMatch(/<[!@#]|<https?:|@(?:channel|here|everyone)\b/i);
  return { subject: Subject, attributes, chat, email: email ?? "" };
};

/** A text whose lines were broken and aligned, as one line. */
export const unwrapped = (text: string): string => text.replace(/\s+/g, " ");
