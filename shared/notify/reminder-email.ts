import {
  actionLines,
  type Email,
  entry,
  firstOf,
  labelled,
  page,
  rule,
  section,
  subjectLine,
  wrapped,
} from "./email-page.ts";
import { plain } from "./escape.ts";
import { type ReminderMessage, reminderLine } from "./reminder.ts";

/** A reminder that lists at most `limit` findings; the rest are counted. */
export const reminderEmail = (
  { id, label, title, lead, facts, items, actions }: ReminderMessage,
  limit: number,
): Email => ({
  subject: subjectLine([`[${label}] `, ...title]),
  body: page([
    wrapped(plain([`${label}: `, ...title])),
    lead.map((line) => wrapped(plain(line))).join("\n"),
    facts.map(([name, lines]) => labelled(name, lines)).join("\n"),
    ...(actions.length === 0 ? [] : [section("WHAT YOU CAN DO"), actions.map(actionLines).join("\n")]),
    section("WHAT WILL BE REPAIRED, THE SOONEST FIRST"),
    firstOf(
      items.slice(0, limit).map((item) => entry(reminderLine(item))),
      limit,
      items.length,
      "finding",
    ),
    `${rule}\nReminder ${id}`,
  ]),
});
