import { exemptCommand } from "./actions.ts";
import { type Email, entry, firstOf, page, rule, section, subjectLine, wrapped } from "./email-page.ts";
import { plain, type Span } from "./escape.ts";
import { type Coverage, type Digest, type DigestItem, total } from "./notice.ts";
import {
  accountAndOu,
  accountName,
  bySeverity,
  counted,
  hours,
  hoursAfter,
  kindNote,
  repairCounts,
  subjectName,
  sweptAccounts,
  time,
} from "./words.ts";

/** The digest with at most `limit` findings and as many accounts; what it leaves out is counted. */
export const digestEmail = (digest: Digest, limit: number): Email => ({
  subject: subjectLine(
    ["[iam-warden] ", ...headline(digest)],
    ["[iam-warden] ", ...headline({ ...digest, repairNews: digest.repairNews.filter(({ kind }) => kind === "held") })],
    ["[iam-warden] ", ...headline({ ...digest, repairNews: [] })],
  ),
  body: page([
    wrapped(
      digest.runId === undefined
        ? "Left over: news that the digests of earlier sweeps should have told and could not."
        : plain(["Sweep ", { name: digest.runId }, `, told on ${time(digest.at)}: ${sweptAccounts(digest.coverage)}.`]),
    ),
    totals(digest),
    ...coverage(digest.coverage, limit),
    ...ahead(digest),
    ...part("BY CONTROL", controlTable(digest)),
    ...part("BY ACCOUNT, WORST FIRST", accountList(digest, limit)),
    ...part("NEW, WORST FIRST", items(digest.items, total(digest.news), limit)),
    ...part("REPAIRS AND EXEMPTIONS, WORST FIRST", repairs(digest, limit)),
    ...part("RESOLVED", items(digest.resolvedItems, digest.resolved, limit)),
    `${rule}\nEverything that is open, exempt or held, at any time: warden findings`,
    ...(digest.report === undefined
      ? []
      : [`All of it as of this sweep, in a minute or so:\n  aws s3 cp ${digest.report} .`]),
  ]),
});

/** How bad it is, on one line. */
export const headline = (digest: Digest): readonly Span[] => {
  const { failed, missing, unreadable, unknownVerdicts, gaps } = digest.coverage;
  const unseen = failed.length + missing.length;
  const isPartial = unknownVerdicts > 0 || gaps.length > 0 || unreadable.length > 0;
  return [
    total(digest.news) === 0 ? "nothing new" : `new: ${bySeverity(digest.news)}`,
    ...(digest.resolved === 0 ? [] : [`; ${digest.resolved.toLocaleString("en-US")} resolved`]),
    ...(unseen === 0 ? [] : [`; ${counted(unseen, "account")} NOT swept`]),
    ...(unseen > 0 || !isPartial ? [] : ["; not all could be read"]),
    ...repairCounts(digest).map((count) => `; ${count}`),
  ];
};

const totals = (digest: Digest): string => {
  const { news, toldAlone, resolved, open, exempt, held } = digest;
  const alone = toldAlone === 0 ? "" : `, ${toldAlone.toLocaleString("en-US")} of them told on their own`;
  const repairs = repairCounts(digest).join(", ");
  return [
    wrapped(`New       ${bySeverity(news)}${alone}`, " ".repeat(10)),
    `Resolved  ${resolved === 0 ? "none" : resolved.toLocaleString("en-US")}`,
    ...(repairs === "" ? [] : [wrapped(`Repairs   ${repairs}`, " ".repeat(10))]),
    `Open now  ${bySeverity(open)}`,
    `Exempt    ${total(exempt) === 0 ? "none" : `${bySeverity(exempt)}: still there, and excused`}`,
    `Held      ${held === 0 ? "none" : `${counted(held, "repair")}, each waiting for what holds it`}`,
  ].join("\n");
};

/** Whoever reads the digest is warned by it: the time until a repair is counted from here. */
const ahead = ({ toBeRepaired, at }: Digest): readonly string[] => {
  if (toBeRepaired.length === 0) return [];
  const entries = toBeRepaired.map(({ control, afterHours, count }) =>
    entry(aheadText(control, afterHours, count, at)),
  );
  return [
    section("TO BE REPAIRED, UNLESS SOMEBODY ACTS"),
    firstOf(entries, 50, entries.length, "control"),
    wrapped("To stop a repair, fix what was found, or excuse it, until a date and for a reason, both yours to put in:"),
    `  ${exemptCommand({ id: "FINDING_ID" }, at)}`,
    "To see what would be done, and what that would cut off:\n  warden plan FINDING_ID",
  ];
};

/** `12 of stale-access-key: 7 days after this digest, not before …`. */
export const aheadText = (control: string, afterHours: number, count: number, at: string): readonly Span[] => [
  `${count.toLocaleString("en-US")} of `,
  { name: control },
  afterHours === 0
    ? ": within the hour"
    : `: ${hours(afterHours)} after this digest, not before ${time(hoursAfter(at, afterHours))}`,
];

const part = (title: string, text: string): readonly string[] => (text === "" ? [] : [section(title), text]);

const coverage = ({ failed, missing, unreadable, unknownVerdicts, unknownCauses, gaps }: Coverage, limit: number) => {
  const unswept = [
    ...failed.map(({ account, error }) => entry([...accountAndOu(account), ": ", { prose: error }])),
    ...missing.map((account) => entry([...accountAndOu(account), ": the sweep gave no result"])),
  ];
  const unread = unreadable.map(({ account, error }) => entry([...accountAndOu(account), ": ", { prose: error }]));
  const causes = unknownCauses.map(({ cause, count, accounts }) =>
    entry([`${counted(count, "verdict")} in ${counted(accounts, "account")}: `, { prose: cause }]),
  );
  const reads = gaps.map(({ gap, accounts }) => entry([`in ${counted(accounts, "account")}: `, { prose: gap }]));
  const about = (text: string, entries: readonly string[], most: number, noun: string): readonly string[] =>
    entries.length === 0 ? [] : [`${text}\n${firstOf(entries, most, entries.length, noun)}`];
  const all = [
    ...about("Not swept; what is open there is as of an earlier sweep:", unswept, limit, "account"),
    ...about("Findings cannot be read; the numbers here lack what is open there:", unread, limit, "account"),
    ...about(`${counted(unknownVerdicts, "verdict")} unknown, neither a finding nor a pass:`, causes, 20, "cause"),
    ...about("Reads that failed:", reads, 20, "read"),
  ];
  return all.length === 0 ? [] : [section("WHAT COULD NOT BE SEEN"), ...all];
};

const items = (all: readonly DigestItem[], of: number, limit: number): string => {
  const entries = all.slice(0, limit).map((item) => entry(itemText(item)));
  return firstOf(entries, limit, of, "finding");
};

const itemText = ({
  severity,
  kind,
  control,
  account,
  subject,
  reason,
  finding,
  toldAlone,
}: DigestItem): readonly Span[] => [
  `${severity}${kindNote(kind)}: `,
  ...subjectName(subject),
  " in ",
  ...accountName(account),
  ": ",
  { prose: reason },
  " [",
  { name: control },
  toldAlone ? ", told on its own]" : "]",
  // The word that commands take; nothing is to be done about what is over.
  ...(kind === "resolved" ? [] : [" ", { name: finding }]),
];

const repairs = ({ repairItems, repairNews }: Digest, limit: number): string => {
  const entries = repairItems.slice(0, limit).map((item) => entry(itemText(item)));
  const of = repairNews.reduce((sum, { counts }) => sum + total(counts), 0);
  const list = firstOf(entries, limit, of, "notice");
  return repairItems.some(({ kind }) => kind === "held")
    ? `To see what a held repair would do, and what that would cut off:\n  warden plan FINDING_ID\n\n${list}`
    : list;
};

const controlTable = ({ controls }: Digest): string =>
  controls.length === 0
    ? ""
    : [
        "     new  resolved  open now  exempt    held  control",
        ...controls.map(({ id, title, severity, news, resolved, open, exempt, held }) =>
          plain([
            right(news),
            right(resolved, 10),
            right(open, 10),
            right(exempt),
            right(held),
            "  ",
            { name: id },
            `, ${severity}: `,
            { prose: title },
          ]),
        ),
      ].join("\n");

const right = (count: number, columns = 8): string => count.toLocaleString("en-US").padStart(columns);

const accountList = ({ accounts }: Digest, limit: number): string => {
  const entries = accounts
    .slice(0, limit)
    .map(({ account, news, resolved, open, exempt, held }) =>
      entry([
        ...accountAndOu(account),
        `: new ${bySeverity(news)}${unlessNone(resolved, "resolved")}; open now ${bySeverity(open)}${unlessNone(exempt, "exempt")}${unlessNone(held, "held")}`,
      ]),
    );
  return firstOf(entries, limit, accounts.length, "account");
};

const unlessNone = (count: number, what: string): string =>
  count === 0 ? "" : `; ${count.toLocaleString("en-US")} ${what}`;
