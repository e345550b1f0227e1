import {
  actionLines,
  type Email,
  indented,
  labelled,
  page,
  rule,
  section,
  subjectLine,
  wrapped,
} from "./email-page.ts";
import { plain } from "./escape.ts";
import { findingMessage } from "./finding-message.ts";
import type { FindingNotice } from "./notice.ts";
import { accountName } from "./words.ts";

/**
 * A finding's news as an email that a person can act on at once: what, where, who, since when, why, how to fix, how to
 * excuse. Commands stand at the line's start: an indented here-document would not end.
 */
export const findingEmail = (notice: FindingNotice): Email => {
  const { finding } = notice;
  const { label, title, about, lead, facts, actions, why, fix, excuse } = findingMessage(notice);
  return {
    subject: subjectLine(
      [`[${label}] `, title, ": ", ...about, " in ", ...accountName(finding.account)],
      [`[${label}] `, title, ": ", ...about, " in ", { name: finding.account.name || finding.account.id }],
      // A title may be so long that no name has room beside it: the control's id is shorter.
      [`[${label}] `, finding.control, ": ", ...about, " in ", { name: finding.account.name || finding.account.id }],
    ),
    body: page([
      wrapped(plain([`${label}: `, title])),
      lead.map((line) => wrapped(plain(line))).join("\n"),
      facts.map(([name, lines]) => labelled(name, lines)).join("\n"),
      ...(actions.length === 0 ? [] : [section("WHAT YOU CAN DO"), actions.map(actionLines).join("\n")]),
      ...(why === undefined ? [] : [section("WHY IT MATTERS"), wrapped(why)]),
      ...(fix === undefined ? [] : [section("HOW TO FIX IT"), wrapped(plain(fix.where)), fix.commands]),
      ...(fix === undefined || fix.open.length === 0 ? [] : [wrapped(`Put in yourself: ${fix.open.join(", ")}.`)]),
      ...(excuse === undefined
        ? []
        : [
            section("HOW TO EXCUSE IT"),
            actionLines(excuse.first),
            ...(excuse.closes === undefined ? [] : [wrapped(excuse.closes)]),
            wrapped(excuse.lastResort),
            indented(excuse.settings),
          ]),
      [
        rule,
        `Finding ${finding.id}, control ${plain({ name: finding.control })}`,
        ...(notice.control === undefined
          ? []
          : [`More, with CloudFormation and Terraform: docs/controls/${notice.control.id}.md`]),
      ].join("\n"),
    ]),
  };
};
