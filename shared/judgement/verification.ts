import { severities } from "../control.ts";
import type { AccessKeyFacts, AnyFacts, CredentialPart, UserFacts } from "../facts/facts.ts";
import type { Judged, JudgingControl } from "./judge.ts";

/** Which live reads would settle what a report says against a user. */
export interface ReadPlan {
  readonly parts: ReadonlySet<CredentialPart>;
  /** The keys whose last use is asked for, by `keyTime`. */
  readonly lastUsedOf: ReadonlySet<number>;
}

/** What tells one key of a user from another where ids are not known: the second it was made in. */
export const keyTime = (key: AccessKeyFacts): number => Math.floor(key.createdAt.getTime() / 1000);

const keysOf = (facts: AnyFacts): readonly AccessKeyFacts[] => {
  if (facts.kind === "accessKey") return [facts];
  return facts.kind === "user" && facts.accessKeys.known ? facts.accessKeys.value.filter((key) => key.active) : [];
};

/** Whether the plan asks for the last use of all keys that a verdict on these facts rests on. */
export const readsLastUse = (plan: ReadPlan, facts: AnyFacts): boolean =>
  keysOf(facts).every((key) => plan.lastUsedOf.has(keyTime(key)));

/** The parts that a verdict has to be read from; a key's last use cannot be asked for without its id. */
const partsOf = (control: JudgingControl): readonly CredentialPart[] =>
  control.credentials.includes("accessKeyLastUsed")
    ? [...new Set<CredentialPart>([...control.credentials, "accessKeys"])]
    : control.credentials;

/**
 * Chooses the reads for a user's suspects, the most severe first, as many as `calls` allow. A suspect is taken whole or
 * not at all. The list of keys is not counted where a key violates: its id is needed anyway.
 * @param live parts that are known live already
 */
export const planReads = (
  user: UserFacts,
  judged: {
    /** Violations that only a stale report tells of. */
    readonly suspects: readonly Judged[];
    /** Violations of keys whose ids are not known. */
    readonly nameless: readonly Judged[];
  },
  live: ReadonlySet<CredentialPart>,
  calls: number,
): ReadPlan => {
  const { suspects, nameless } = judged;
  const keyViolates = nameless.length > 0 || suspects.some(({ facts }) => facts.kind === "accessKey");
  const parts = new Set<CredentialPart>(nameless.length > 0 ? ["accessKeys"] : []);
  const lastUsedOf = new Set<number>();
  let left = calls;

  const bySeverity = suspects.toSorted(
    (a, b) => severities.indexOf(a.judgement.severity) - severities.indexOf(b.judgement.severity),
  );
  for (const { control, facts } of bySeverity) {
    const needed = partsOf(control).filter((part) => !live.has(part) && !parts.has(part));
    const lastUses = partsOf(control).includes("accessKeyLastUsed")
      ? keysOf(facts.kind === "accessKey" ? facts : user)
          .map(keyTime)
          .filter((time) => !lastUsedOf.has(time))
      : [];
    const lists = needed.filter((part) => part !== "accessKeyLastUsed" && !(part === "accessKeys" && keyViolates));
    const cost = lists.length + lastUses.length;
    if (cost > left) continue;
    left -= cost;
    for (const part of needed) parts.add(part);
    for (const time of lastUses) lastUsedOf.add(time);
  }
  return { parts, lastUsedOf };
};
