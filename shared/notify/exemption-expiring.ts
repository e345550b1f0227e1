import type { Exemption } from "../exemptions/exemption.ts";
import { kindWords } from "../subject.ts";
import { type Action, untilAndReason } from "./actions.ts";
import type { Announcement } from "./announcement.ts";
import { type Span, shellQuote } from "./escape.ts";
import type { ExemptionNotice } from "./notice.ts";
import { names, time } from "./words.ts";

/** That an exemption ends within days: whom it excuses, who wanted it and why, and what happens then. */
export const expiringAnnouncement = ({ exemption }: ExemptionNotice): Announcement => {
  const { id, controls, scope, reason, by, createdAt, until } = exemption;
  return {
    kind: "exemptionExpiring",
    id: `exemption-${id}-expiring`,
    thread: `exemption-${id}`,
    label: "EXEMPTION EXPIRES",
    title: [`${until.slice(0, 10)}: `, ...whom(exemption), " ", ...where(exemption)],
    lead: [
      `An exemption ends on ${time(until)}. It then excuses nobody any more: what it covers and is still there is told anew, and where repairs are switched on, the time until the repair begins with that.`,
      ["The reason for it was: ", { prose: reason }],
      "If it is over, fix what it excused. If it is not, make another one in time: an exemption cannot be prolonged.",
    ],
    facts: [
      ["Excuses", [whom(exemption)]],
      ["Where", [where(exemption)]],
      ["Controls", [controls === "all" ? "all" : names(controls, 10)]],
      ["Made", [[`on ${time(createdAt)} by `, { name: by }]]],
      ["Until", [time(until)]],
    ],
    actions: [
      ...again(exemption),
      { to: "To see all exemptions", command: "warden exemptions" },
      { to: "To see what is excused now", command: "warden findings --status exempt" },
      { to: "To end it before its time", command: `warden unexempt ${shellQuote(id)}` },
    ],
    foot: ["Exemption ", { name: id }],
    context: {
      exemption: id,
      by,
      until,
      ...("account" in scope && { account: scope.account }),
      ...("ou" in scope && { ouPath: scope.ou }),
    },
  };
};

const whom = ({ subject }: Exemption): readonly Span[] =>
  subject === undefined
    ? ["every subject"]
    : [subject.kind === "accessKey" ? "access keys of " : `${kindWords[subject.kind]} `, { name: subject.pattern }];

/** A command longer than this is nothing to copy from a message. */
const longestCommand = 500;

/** The same for another while. */
const again = ({ controls, scope, subject, until }: Exemption): readonly Action[] => {
  const command = [
    "warden exempt",
    `--control ${controls === "all" ? "all" : controls.map(quoted).join(" ")}`,
    "account" in scope
      ? `--account ${quoted(scope.account)}`
      : "ou" in scope
        ? `--ou ${quoted(scope.ou)}`
        : "--organization",
    ...(subject === undefined ? [] : [`--subject ${quoted(`${subject.kind}/${subject.pattern}`)}`]),
    untilAndReason(until),
  ].join(" ");
  const to = "To excuse the same for longer, until a date and for a reason, both yours to put in";
  return command.length > longestCommand ? [] : [{ to, command }];
};

/** Patterns have stars, which a shell would fill in. */
const quoted = (value: string): string => {
  const bare = value.replaceAll("*", "");
  return bare !== value && shellQuote(bare) === bare ? `'${value}'` : shellQuote(value);
};

const where = ({ scope }: Exemption): readonly Span[] => {
  if ("account" in scope) return ["in account ", { name: scope.account }];
  return "ou" in scope ? ["in OU ", { name: scope.ou }] : ["in the whole organization"];
};
