import { exemptCommand } from "./actions.ts";
import { type ChatNotification, chatLimits, context, description, keywords } from "./chat.ts";
import { aheadText, headline } from "./digest-email.ts";
import { chat, type Span, type Text, within } from "./escape.ts";
import { type Coverage, type Digest, type DigestItem, total } from "./notice.ts";
import {
  accountName,
  bySeverity,
  counted,
  kindNote,
  repairCounts,
  subjectName,
  sweptAccounts,
  worstNews,
} from "./words.ts";

/** How many of each list chat shows; the email has more. */
const most = 10;

/** A digest for chat: the numbers and the worst of each list. */
export const digestChat = (digest: Digest): ChatNotification => {
  const {
    runId,
    at,
    news,
    toldAlone,
    resolved,
    open,
    exempt,
    held,
    coverage,
    items,
    repairItems,
    toBeRepaired,
    controls,
    accounts,
  } = digest;
  const repairs = repairCounts(digest).join(", ");
  const title = within(chatLimits.title, ["IAM digest – ", ...headline(digest)], chat);
  const severity = worstNews(digest);
  return {
    version: "1.0",
    source: "custom",
    id: `digest-${within(200, { prose: runId ?? at }, chat)}`,
    content: {
      textType: "client-markdown",
      title,
      description: description([
        runId === undefined
          ? "Left over: news that the digests of earlier sweeps should have told and could not."
          : within(500, ["Sweep ", { name: runId }, `: ${sweptAccounts(coverage)}.`], chat),
        [
          `*New:* ${bySeverity(news)}${toldAlone === 0 ? "" : `, ${toldAlone.toLocaleString("en-US")} of them told on their own`}`,
          `*Resolved:* ${resolved.toLocaleString("en-US")}`,
          ...(repairs === "" ? [] : [`*Repairs:* ${repairs}`]),
          `*Open now:* ${bySeverity(open)}`,
          `*Exempt:* ${bySeverity(exempt)}`,
          `*Held:* ${held === 0 ? "none" : counted(held, "repair")}`,
        ].join("\n"),
        ...unseen(coverage),
        ...list(
          "To be repaired, unless somebody acts",
          toBeRepaired.map(({ control, afterHours, count }) => aheadText(control, afterHours, count, at)),
        ),
        ...list("New, worst first", items.map(itemText), total(news)),
        ...list(
          "Repairs and exemptions, worst first",
          repairItems.map((item) => [...itemText(item), ` \`${item.finding}\``]),
          digest.repairNews.reduce((sum, { counts }) => sum + total(counts), 0),
        ),
        ...list(
          "By account, worst first",
          accounts.map(({ account, news, open }) => [
            ...accountName(account),
            `: new ${bySeverity(news)}; open now ${bySeverity(open)}`,
          ]),
        ),
        ...list(
          "By control",
          controls.map(({ id, news, resolved, open, exempt, held }) => [
            { name: id },
            `: ${news.toLocaleString("en-US")} new, ${resolved.toLocaleString("en-US")} resolved, ${open.toLocaleString("en-US")} open, ${exempt.toLocaleString("en-US")} exempt, ${held.toLocaleString("en-US")} held`,
          ]),
        ),
      ]),
      nextSteps: [
        ...(toBeRepaired.length === 0
          ? []
          : [`To stop a repair, fix what was found or excuse it: \`${exemptCommand({ id: "FINDING_ID" }, at)}\``]),
        "Everything that is open, exempt or held, at any time: `warden findings`",
      ],
      keywords: keywords("digest", ...(severity === undefined ? [] : [severity])),
    },
    metadata: {
      threadId: `digest-${within(200, { prose: runId ?? at }, chat)}`,
      summary: title,
      eventType: "iam-warden.digest",
      additionalContext: context({
        kind: "digest",
        run: runId,
        severity,
        new: String(total(news)),
        resolved: String(resolved),
        open: String(total(open)),
        exempt: String(total(exempt)),
        held: String(held),
        accountsNotSwept: String(coverage.failed.length + coverage.missing.length),
      }),
    },
  };
};

const itemText = ({ severity, kind, subject, account, control }: DigestItem): readonly Span[] => [
  `${severity}${kindNote(kind)}: `,
  ...subjectName(subject),
  " in ",
  ...accountName(account),
  " – ",
  { prose: control },
];

const unseen = ({ failed, missing, unreadable, unknownVerdicts, unknownCauses, gaps }: Coverage): readonly string[] => [
  ...list("Not swept", [
    ...failed.map(({ account, error }) => [...accountName(account), ": ", { prose: error }]),
    ...missing.map((account) => [...accountName(account), ": the sweep gave no result"]),
  ]),
  ...list(
    "Findings cannot be read",
    unreadable.map(({ account, error }) => [...accountName(account), ": ", { prose: error }]),
  ),
  ...list(
    `${counted(unknownVerdicts, "verdict")} unknown, neither a finding nor a pass`,
    unknownCauses.map(({ cause, count, accounts }) => [
      `${count.toLocaleString("en-US")} in ${counted(accounts, "account")}: `,
      { prose: cause },
    ]),
  ),
  ...list(
    "Reads that failed",
    gaps.map(({ gap, accounts }) => [`in ${counted(accounts, "account")}: `, { prose: gap }]),
  ),
];

const list = (title: string, entries: readonly Text[], of = entries.length): readonly string[] => {
  const shown = entries.slice(0, most).map((entry) => `• ${within(220, entry, chat)}`);
  const more = of - shown.length;
  const rest = more > 0 ? [`… and ${more.toLocaleString("en-US")} more`] : [];
  return of === 0 ? [] : [[`*${title}:*`, ...shown, ...rest].join("\n")];
};
