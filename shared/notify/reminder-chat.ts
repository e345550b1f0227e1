import { type ChatNotification, chatLimits, context, description, keywords, leadAndFacts, nextStep } from "./chat.ts";
import { chat, within } from "./escape.ts";
import type { ReminderNotice } from "./notice.ts";
import { type ReminderMessage, reminderLine } from "./reminder.ts";

/** How many findings chat lists; the email has more. */
const most = 15;

export const reminderChat = (
  { id, label, title, lead, facts, items, actions, severity, controls }: ReminderMessage,
  { account, owners }: ReminderNotice,
): ChatNotification => {
  const headline = within(chatLimits.title, [`${label}: `, ...title], chat);
  const left = items.length - most;
  const list = [
    "*What will be repaired, the soonest first:*",
    ...items.slice(0, most).map((item) => `• ${within(350, reminderLine(item), chat)}`),
    ...(left > 0 ? [`… and ${left.toLocaleString("en-US")} more`] : []),
  ];
  return {
    version: "1.0",
    source: "custom",
    id,
    content: {
      textType: "client-markdown",
      title: headline,
      description: description([...leadAndFacts(lead, facts, 2_000), list.join("\n")]),
      ...(actions.length === 0 ? {} : { nextSteps: actions.map(nextStep) }),
      keywords: keywords("reminder", ...(severity === undefined ? [] : [severity]), account.id),
    },
    metadata: {
      threadId: id,
      summary: headline,
      eventType: "iam-warden.reminder",
      additionalContext: context({
        kind: "reminder",
        severity,
        control: controls.join(", "),
        account: account.id,
        accountName: account.name,
        ouPath: account.ouPath,
        owners: owners.join(", "),
        findings: String(items.length),
        dueAt: items[0]?.dueAt,
      }),
    },
  };
};
