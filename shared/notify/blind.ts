import type { Announcement } from "./announcement.ts";
import { type Span, shellQuote } from "./escape.ts";
import type { BlindNotice } from "./notice.ts";
import { accountAndOu, accountName, between, counted, time } from "./words.ts";

/** Accounts that are named; the command names them all. */
const mostNamed = 30;

/** That accounts became blind or see again: which, since when, what that means, and how to find out why. */
export const blindAnnouncement = (notice: BlindNotice): Announcement => {
  const { at, blind, seeing, stillBlind } = notice;
  const [first] = blind;
  const isBlind = first !== undefined;
  const only = blind.length === 1 && seeing.length === 0 ? first?.account : undefined;
  return {
    kind: "blindAccounts",
    id: `blind-${at}`,
    thread: "blind-accounts",
    label: isBlind ? "ACCOUNTS BLIND" : "ACCOUNTS SEE AGAIN",
    title: titleOf(notice),
    lead: isBlind
      ? [
          "iam-warden left a mark there, and CloudTrail's record of it did not arrive within the hour. So no event arrives: nothing that happens there is seen before the next daily sweep.",
          "Somebody may have disabled or changed iam-warden's rules or role there, the trail may have been stopped, or AWS is late. Marks are left again every hour, and it is told when they arrive.",
        ]
      : [
          "The records of iam-warden's marks arrive from there again. What happened meanwhile, the next daily sweep finds.",
        ],
    facts: [
      ...(isBlind ? [["Blind", listed(blind, (one) => lineOf(one, at))] as const] : []),
      ...(seeing.length > 0 ? [["See again", listed(seeing, accountAndOu)] as const] : []),
      ...(stillBlind > 0 ? [["Besides", [`${counted(stillBlind, "account")} blind since earlier`]] as const] : []),
    ],
    actions: isBlind
      ? [
          {
            to: "To see what is wrong there",
            command: `warden doctor${only === undefined ? "" : ` --account ${shellQuote(only.id)}`}`,
          },
        ]
      : [{ to: "To see whether every account is watched", command: "warden doctor" }],
    foot: "What makes an account blind, and how it comes to see again: docs/doctor.md",
    context: {
      ...(only && { account: only.id }),
      blind: String(blind.length + stillBlind),
      seeing: String(seeing.length),
    },
  };
};

const titleOf = ({ blind, seeing }: BlindNotice): readonly Span[] => {
  const [first] = blind;
  const [again] = seeing;
  if (first !== undefined)
    return blind.length === 1
      ? ["no event arrives from ", ...accountName(first.account)]
      : [`no event arrives from ${counted(blind.length, "account")}`];
  return seeing.length === 1 && again !== undefined
    ? ["events arrive again from ", ...accountName(again)]
    : [`events arrive again from ${counted(seeing.length, "account")}`];
};

const lineOf = ({ account, since, lastArrivedAt }: BlindNotice["blind"][number], at: string): readonly Span[] => [
  ...accountAndOu(account),
  `: the mark of ${time(since)} is missed, `,
  lastArrivedAt === undefined ? "none ever arrived" : `the last arrived ${between(lastArrivedAt, at)} ago`,
];

const listed = <T>(all: readonly T[], line: (one: T) => readonly Span[]): readonly (readonly Span[])[] => [
  ...all.slice(0, mostNamed).map(line),
  ...(all.length > mostNamed ? [[`and ${counted(all.length - mostNamed, "account")} more`]] : []),
];
