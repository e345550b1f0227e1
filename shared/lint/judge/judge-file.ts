import { isAllButCertain } from "../../controls/terms/permissions/permissions.ts";
import { withEffort } from "../../effort.ts";
import type { AnyFacts, Fact, Neighbours, PolicyFacts } from "../../facts/facts.ts";
import { neighboursIn } from "../../facts/neighbours.ts";
import { createJudge, type Judged } from "../../judgement/judge.ts";
import type { OrganizationView } from "../../organization/view.ts";
import type { Settings } from "../../settings/settings.ts";
import { type AccountRef, kindWords, subjectKey } from "../../subject.ts";
import type { Positions, Range } from "../../text/positions.ts";
import type { Declaration } from "../declarations.ts";
import { type FileSubject, type Subjects, subjectsOf } from "../facts/subjects.ts";
import type { LintFinding, LintUnknown } from "../report.ts";
import { statementsIn } from "../source/source.ts";
import { isUnstated, unstated, withoutFailure } from "../unstated.ts";
import { culpritsOf } from "./culprits.ts";

export interface Judging {
  readonly settings: Settings;
  readonly account: AccountRef;
  readonly now: Date;
  readonly organization: Fact<OrganizationView>;
}

/** With places as ranges of the text. */
export type Ranged<T> = Omit<T, "location" | "related"> & { readonly at: Range };
export interface FileJudgements {
  readonly findings: readonly (Ranged<LintFinding> & { readonly related: readonly Range[] })[];
  readonly unknown: readonly Ranged<LintUnknown>[];
}

/** Judges everything that a file declares by every control that the settings have on, and finds where each violation stands. */
export const judgeFile = (
  declarations: readonly Declaration[],
  positions: Positions,
  judging: Judging,
): FileJudgements => {
  const { settings, account, now, organization } = judging;
  const all = subjectsOf(declarations, account, now);
  const neighbours = declaredIn(all);
  const judge = createJudge(settings, account, now, organization, neighbours);
  const asOf = (): Date => now;
  const alone = createSingleJudges(judging, neighbours);

  const findings: (Ranged<LintFinding> & { readonly related: readonly Range[] })[] = [];
  const unknown: Ranged<LintUnknown>[] = [];
  for (const subject of all.subjects)
    for (const judged of judge(subject.facts, asOf)) {
      const { control, judgement } = judged;
      const { verdict, severity } = judgement;
      const { address } = subject;
      if (verdict.outcome === "unknown" && (!isUnstated(verdict.reason) || isAllButCertain(verdict.reason))) {
        const reason = withoutFailure(verdict.reason);
        unknown.push({ control: control.id, severity, address, at: subject.at, reason });
      } else if (verdict.outcome === "violation") {
        const [first, ...related] = placesOf(judged, subject, all, positions, alone);
        const { kind, name } = judgement.subject;
        findings.push({
          ...{ rule: control.id, severity, at: first?.at ?? subject.at, address: first?.address ?? address },
          ...{ related: related.map(({ at }) => at), subject: { kind, name }, alsoOf: [] },
          ...{ reason: verdict.reason, evidence: verdict.evidence },
        });
      }
    }
  return { findings: merged(findings), unknown };
};

/** Whoever is in the file; of whom it only names it states nothing. */
const declaredIn = ({ subjects }: Subjects): Neighbours => {
  const declared = neighboursIn(subjects.map(({ facts }) => facts));
  return (arn) => {
    const found = declared(arn);
    return found.known && found.value === undefined ? unstated("what somebody may do who is not in the file") : found;
  };
};

/** A judge of one control each: what a violation comes from is asked often, and only of the control that found it. */
const createSingleJudges = ({ settings, account, now, organization }: Judging, neighbours: Neighbours) => {
  const judges = new Map<string, ReturnType<typeof createJudge>>();
  return (id: string): ReturnType<typeof createJudge> => {
    const known = judges.get(id);
    if (known !== undefined) return known;
    const off = Object.entries(settings.controls).map(([each, control]) => {
      const { scopes = [], ...rest } = control;
      return [each, each === id ? { ...rest, scopes } : { ...rest, mode: "off" as const }] as const;
    });
    const made = createJudge(
      { ...settings, controls: Object.fromEntries(off) },
      account,
      now,
      organization,
      neighbours,
    );
    judges.set(id, made);
    return made;
  };
};

interface Place {
  readonly at: Range;
  readonly address: string;
}

/** Compared characters, some seconds of CPU for the place of a violation. Past them it is the subject as a whole. */
const soughtWithin = 50_000_000;

const placesOf = (
  { control, judgement, facts }: Judged,
  subject: FileSubject,
  { placeOf }: Subjects,
  positions: Positions,
  alone: (id: string) => ReturnType<typeof createJudge>,
): readonly Place[] => {
  const judgeAlone = alone(control.id);
  const key = subjectKey(judgement.subject);
  const violates = (changed: AnyFacts): boolean =>
    judgeAlone(changed, () => judgement.asOf).some(
      (one) => one.judgement.verdict.outcome === "violation" && subjectKey(one.judgement.subject) === key,
    );
  const { verdict } = judgement;
  // What is too much to judge once is not judged again without each of its statements.
  if (verdict.outcome === "violation" && verdict.evidence.tooIntricate === true) return [];
  const { statements, policies } = withEffort(soughtWithin, () => culpritsOf(facts, violates));
  const owner = ownerOf(facts, placeOf);
  const places = [
    ...statements.flatMap((statement) => {
      const at = positions.of(statement);
      return at === undefined ? [] : [{ at, address: owner(statement) ?? subject.address }];
    }),
    ...policies.flatMap((policy) => placeOf(policy) ?? []),
  ];
  return [...new Map(places.map((place) => [place.at.start, place])).values()].sort((a, b) => a.at.start - b.at.start);
};

/** The address of the policy that a statement is of. */
const ownerOf =
  (facts: AnyFacts, placeOf: Subjects["placeOf"]) =>
  (statement: object): string | undefined => {
    const has = ({ document }: PolicyFacts): boolean =>
      document.known && statementsIn(document.value).includes(statement);
    if (facts.kind !== "role" && facts.kind !== "user" && facts.kind !== "group") return undefined;
    if (!facts.policies.known) return undefined;
    const { inline, attached } = facts.policies.value;
    const groups = "groups" in facts.policies.value ? facts.policies.value.groups : [];
    const all = [...inline, ...attached, ...groups.flatMap((group) => [...group.inline, ...group.attached])];
    const policy = all.find(has);
    return policy && placeOf(policy)?.address;
  };

/** One finding for all of whom a control finds the same at the same place: a policy, and everybody who has it. */
const merged = <F extends Ranged<LintFinding>>(findings: readonly F[]): readonly F[] =>
  [...Map.groupBy(findings, ({ rule, at, subject }) => JSON.stringify([rule, at, subject?.kind === "accessKey"]))]
    .map(([, same]) => same)
    .flatMap((same) => {
      const [first, ...others] = same;
      if (first === undefined) return [];
      const words = others.flatMap(({ subject }) => (subject ? [`${kindWords[subject.kind]} ${subject.name}`] : []));
      return [{ ...first, alsoOf: [...new Set(words)] }];
    });
