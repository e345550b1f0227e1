import type { PolicyCase } from "./case.ts";
import { judgeCase } from "./checks.ts";
import type { Ours } from "./judge-case.ts";

/** A case that the peer judges otherwise. */
export interface Disagreement {
  readonly asked: PolicyCase;
  readonly ours: Ours;
  readonly reason: string;
}

export interface FamilyScore {
  readonly family: string;
  readonly cases: number;
  readonly agree: number;
  readonly disagree: number;
  readonly notJudged: number;
}

export interface Score {
  /** By name. */
  readonly families: readonly FamilyScore[];
  readonly total: Omit<FamilyScore, "family">;
  /** By id. */
  readonly disagreements: readonly Disagreement[];
  /** By the peer's check. */
  readonly notJudged: readonly { readonly check: string; readonly cases: number; readonly why: string }[];
  /** Disagreements without a reason, and reasons without a disagreement: sentences. Empty if all is well. */
  readonly problems: readonly string[];
}

/** Both have a finding, or neither has one. What we cannot tell agrees with nobody. */
const agrees = ({ expected }: PolicyCase, { says }: Ours): boolean =>
  says !== "unknown" && (expected === "FAIL") === (says === "finding");

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** @param reasons why we judge otherwise than the peer, by the case's id */
export const scoreCases = (cases: readonly PolicyCase[], reasons: Readonly<Record<string, string>>): Score => {
  const judged = cases.map((asked) => ({ asked, answer: judgeCase(asked) }));
  const disagreements = judged
    .flatMap(({ asked, answer }) =>
      "notJudged" in answer || agrees(asked, answer) ? [] : [{ asked, ours: answer, reason: reasons[asked.id] ?? "" }],
    )
    .toSorted((a, b) => byText(a.asked.id, b.asked.id));
  const counted = (of: typeof judged) => {
    const notJudged = of.filter(({ answer }) => "notJudged" in answer).length;
    const disagree = of.filter(({ asked }) => disagreements.some((each) => each.asked === asked)).length;
    return { cases: of.length, agree: of.length - notJudged - disagree, disagree, notJudged };
  };
  const without = disagreements.filter(({ reason }) => reason === "");
  const disagreed = new Set(disagreements.map(({ asked }) => asked.id));
  const left = Map.groupBy(
    judged.flatMap(({ asked, answer }) =>
      "notJudged" in answer ? [{ check: asked.check, why: answer.notJudged }] : [],
    ),
    ({ check, why }) => JSON.stringify([check, why]),
  );
  return {
    families: [...Map.groupBy(judged, ({ asked }) => asked.family)]
      .map(([family, of]) => ({ family, ...counted(of) }))
      .toSorted((a, b) => byText(a.family, b.family)),
    total: counted(judged),
    disagreements,
    notJudged: [...left.values()]
      .flatMap((each) => (each[0] ? [{ ...each[0], cases: each.length }] : []))
      .toSorted((a, b) => byText(a.check, b.check)),
    problems: [
      ...without.map(
        ({ asked, ours }) =>
          `${asked.id} (${asked.check}): the peer says ${asked.expected}, we say ${ours.says} (${ours.by}), and no reason says why.`,
      ),
      ...Object.keys(reasons)
        .filter((id) => !disagreed.has(id))
        .map((id) => `${id}: there is a reason, and no disagreement.`),
    ],
  };
};
