import type { Action } from "./actions.ts";
import { chat, type Text, within } from "./escape.ts";
import type { Excuse } from "./excuse.ts";
import { type FindingMessage, findingMessage } from "./finding-message.ts";
import type { FindingNotice } from "./notice.ts";
import { accountName } from "./words.ts";

/**
 * A custom notification of Amazon Q Developer in chat applications, for Slack and Microsoft Teams.
 * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatNotification {
  readonly version: "1.0";
  readonly source: "custom";
  readonly id: string;
  readonly content: {
    readonly textType: "client-markdown";
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Notices with the same thread are shown as one conversation. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources?: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

/** In characters, from the documentation of custom notifications. */
export const chatLimits = { title: 250, description: 8_000, nextStep: 350, keyword: 75 };

/** A finding's news for chat; everything about one finding is one thread. */
export const findingChat = (notice: FindingNotice): ChatNotification => {
  const { finding, kind, entry } = notice;
  const { label, title, about, lead, facts, actions, why, fix, excuse } = findingMessage(notice);
  const headline = within(
    chatLimits.title,
    [`${label}: `, title, " – ", ...about, " in ", ...accountName(finding.account)],
    chat,
  );
  const nextSteps = [
    ...actions.map(nextStep),
    ...(fix === undefined ? [] : ["Fix it with the commands above."]),
    ...(excuse === undefined ? [] : [nextStep({ ...excuse.first, to: excuse.short })]),
  ];
  return {
    version: "1.0",
    source: "custom",
    id: `${finding.id}-${entry.id}`,
    content: {
      textType: "client-markdown",
      title: headline,
      description: description([
        ...leadAndFacts(lead, facts),
        ...(why === undefined ? [] : [`*Why it matters:* ${why}`]),
        ...(fix === undefined ? [] : [`*How to fix it:*\n${code(fix.commands)}${toFill(fix.open)}`]),
        ...(excuse === undefined ? [] : [`*How to excuse it:* ${excuseText(excuse)}`]),
      ]),
      ...(nextSteps.length === 0 ? {} : { nextSteps }),
      keywords: keywords(finding.severity, finding.control, finding.account.id),
    },
    metadata: {
      threadId: finding.id,
      summary: headline,
      eventType: `iam-warden.${kind}`,
      ...(finding.subject.arn === "" ? {} : { relatedResources: [safe(finding.subject.arn)] }),
      additionalContext: context({
        finding: finding.id,
        kind,
        severity: finding.severity,
        control: finding.control,
        account: finding.account.id,
        accountName: finding.account.name,
        ouPath: finding.account.ouPath,
        subjectKind: finding.subject.kind,
        subject: finding.subject.name,
        accessKeyId: finding.subject.accessKeyId,
        arn: finding.subject.arn,
      }),
    },
  };
};

/** Parts in order, as many as fit; a part that does not is left to the email, and the text says so. */
export const description = (parts: readonly string[]): string => {
  const note = "… the rest is in the email of this notice.";
  const kept: string[] = [];
  let room = chatLimits.description - note.length - 2;
  let isCut = false;
  for (const part of parts) {
    if (part.length + 2 > room) isCut = true;
    else {
      kept.push(part);
      room -= part.length + 2;
    }
  }
  return [...kept, ...(isCut ? [note] : [])].join("\n\n");
};

export const keywords = (...words: readonly string[]): string[] =>
  words.map((word) => within(chatLimits.keyword, { prose: word }, chat));

/** What is known, as text that neither acts nor grows: for custom actions and for machines that read the topic. */
export const context = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value ? [[key, safe(value)]] : [])));

const safe = (value: string): string => within(500, { prose: value }, chat);

/** A command as something that can be done next; chat shows these whatever else had to be left out. */
export const nextStep = ({ to, command }: Action): string => {
  const step = `${to}: \`${command}\``;
  // Half a command is worse than none.
  return step.length <= chatLimits.nextStep ? step : `${to}: with the command in the email of this notice.`;
};

/** What comes first fits whatever it holds: the longer the texts are, the more each of them is shortened. */
export const leadAndFacts = (
  lead: readonly Text[],
  facts: FindingMessage["facts"],
  room = chatLimits.description - 500,
): readonly string[] => {
  for (let size = 1; ; size /= 2) {
    const parts = [
      lead.map((line) => within(1_200 * size, line, chat)).join("\n"),
      facts.map(([name, lines]) => fact(name, lines, size)).join("\n"),
    ];
    if (size < 0.1 || parts.join("").length < room) return parts;
  }
};

const fact = (label: string, lines: readonly Text[], size: number): string => {
  const most = (lines.length > 3 ? 150 : 400) * size;
  const [first = "", ...rest] = lines.map((line) => within(most, line, chat));
  return [`*${label}:* ${first}`, ...rest.map((line) => `      ${line}`)].join("\n");
};

const excuseText = ({ first, closes, lastResort, settings }: Excuse): string =>
  [
    `${first.to}: \`${first.command}\``,
    ...(closes === undefined ? [] : [closes]),
    `${lastResort}\n${code(settings)}`,
  ].join("\n");

const toFill = (open: readonly string[]): string =>
  open.length === 0 ? "" : `\nPut in yourself: \`${open.join("`, `")}\`.`;

const code = (text: string): string => `\`\`\`\n${text}\n\`\`\``;
