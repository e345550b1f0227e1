import type { Action } from "./actions.ts";
import { type ChatNotification, chatLimits, context, description, keywords, leadAndFacts, nextStep } from "./chat.ts";
import { actionLines, type Email, labelled, page, rule, section, subjectLine, wrapped } from "./email-page.ts";
import { chat, plain, type Text, within } from "./escape.ts";
import type { FindingMessage } from "./finding-message.ts";

/** What a short notice that is about no single finding says, before a channel gives it its form. */
export interface Announcement {
  readonly kind: string;
  /** Of this piece of news: the same again has the same. */
  readonly id: string;
  /** News of the same thread is shown as one conversation. */
  readonly thread: string;
  readonly label: string;
  readonly title: Text;
  readonly lead: readonly Text[];
  readonly facts: FindingMessage["facts"];
  readonly actions: readonly Action[];
  /** What the last line of an email says. */
  readonly foot: Text;
  /** For machines. */
  readonly context: Readonly<Record<string, string | undefined>>;
}

export const announcementEmail = ({ label, title, lead, facts, actions, foot }: Announcement): Email => ({
  subject: subjectLine([`[${label}] `, ...spans(title)]),
  body: page([
    wrapped(plain([`${label}: `, ...spans(title)])),
    lead.map((line) => wrapped(plain(line))).join("\n"),
    facts.map(([name, lines]) => labelled(name, lines)).join("\n"),
    ...(actions.length === 0 ? [] : [section("WHAT YOU CAN DO"), actions.map(actionLines).join("\n")]),
    [rule, wrapped(plain(foot))].join("\n"),
  ]),
});

export const announcementChat = (announcement: Announcement): ChatNotification => {
  const { kind, id, thread, label, title, lead, facts, actions } = announcement;
  const headline = within(chatLimits.title, [`${label}: `, ...spans(title)], chat);
  const short = (text: string): string => within(200, { prose: text }, chat);
  return {
    version: "1.0",
    source: "custom",
    id: short(id),
    content: {
      textType: "client-markdown",
      title: headline,
      description: description(leadAndFacts(lead, facts)),
      ...(actions.length === 0 ? {} : { nextSteps: actions.map(nextStep) }),
      keywords: keywords(kind),
    },
    metadata: {
      threadId: short(thread),
      summary: headline,
      eventType: `iam-warden.${kind}`,
      additionalContext: context({ kind, ...announcement.context }),
    },
  };
};

const spans = (text: Text) => (Array.isArray(text) ? text : [text]);
