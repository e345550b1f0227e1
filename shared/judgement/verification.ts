import { severities } from "../control.ts";
import type { AccessKeyFacts, AnyFacts, CredentialPart, UserFacts } from "../facts/facts.ts";
import type { Judged, JudgingControl } from "./judge.ts";
import { isAmbiguous, keyTime } from "./key-ids.ts";

/** Which live reads would settle what a report says against a user. */
export interface ReadPlan {
  readonly parts: ReadonlySet<CredentialPart>;
  /** The active keys whose last use is asked for, by `keyTime`. */
  readonly lastUsedOf: ReadonlySet<number>;
}

/** The keys whose use matters: those that work. */
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

  // A fresh report says when two keys were used, but of keys made in one second not which was used when.
  const ambiguous = nameless.filter(
    ({ facts, control }) =>
      facts.kind === "accessKey" && control.credentials.includes("accessKeyLastUsed") && isAmbiguous(user, facts),
  );
  const bySeverity = [...new Set([...suspects, ...ambiguous])].sort(
    (a, b) => severities.indexOf(a.judgement.severity) - severities.indexOf(b.judgement.severity),
  );
  for (const one of bySeverity) {
    const { control, facts } = one;
    const asked = suspects.includes(one) ? partsOf(control) : (["accessKeyLastUsed"] as const);
    const needed = asked.filter((part) => !live.has(part) && !parts.has(part));
    const lists = needed.filter((part) => part !== "accessKeyLastUsed" && !(part === "accessKeys" && keyViolates));
    const times = new Set(
      asked.includes("accessKeyLastUsed") ? keysOf(facts.kind === "accessKey" ? facts : user).map(keyTime) : [],
    );
    const lastUses = keysOf(user).filter((key) => times.has(keyTime(key)) && !lastUsedOf.has(keyTime(key)));
    const cost = lists.length + lastUses.length;
    if (cost > left) continue;
    left -= cost;
    for (const part of asked) if (!live.has(part)) parts.add(part);
    for (const key of lastUses) lastUsedOf.add(keyTime(key));
  }
  return { parts, lastUsedOf };
};
