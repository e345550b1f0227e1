import type { FamilyScore, Score } from "./tally.ts";

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const counts = ({ cases, agree, disagree, notJudged }: Omit<FamilyScore, "family">): readonly number[] => [
  cases,
  agree,
  disagree,
  notJudged,
];

/** `193 of the 212 that we judge` */
export const figure = ({ total }: Score): string =>
  `${total.agree} of the ${total.cases - total.notJudged} cases that we judge`;

/** The page of the score, in Markdown: figures, and of cases no more than their ids and what is said of them. */
export const scorePage = (score: Score): string => `# Where we agree with a peer, and where not

Written by \`npm run score -- PATH\` from decisions that were recorded of Prowler's tests (Apache-2.0), one a case, which are no part of this
project. Each is put to our own controls, or to our reading of the policy language, and counts as agreement if both have a finding or
neither has; what we cannot tell agrees with nobody.

We agree on **${figure(score)}**. Of the ${score.total.cases} cases, ${score.total.notJudged} ask what we do not judge.

${table(
  ["family", "cases", "agree", "disagree", "not judged"],
  [...score.families.map((each) => [each.family, ...counts(each)]), ["**all**", ...counts(score.total)]],
)}

## Disagreements

Where the peer was right, our code was mended. These are left; the reasons stand in \`scripts/score/reasons.ts\`, and the command fails if one
has none.

${table(
  ["case", "check", "peer", "we", "by", "why"],
  score.disagreements.map(({ asked, ours, reason }) => [
    asked.id,
    `\`${asked.check}\``,
    asked.expected,
    ours.says,
    ours.by,
    reason,
  ]),
)}

## Not judged

${table(
  ["check", "cases", "why"],
  score.notJudged.map(({ check, cases, why }) => [`\`${check}\``, cases, why]),
)}
`;
