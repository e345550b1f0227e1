import { type AccessKeyFacts, known, type UserFacts } from "../facts/facts.ts";
import type { Finding } from "../findings/finding.ts";

/** What tells one key of a user from another where ids are not known: the second it was made in. */
export const keyTime = (key: Pick<AccessKeyFacts, "createdAt">): number => secondOf(key.createdAt);

const secondOf = (date: Date): number => Math.floor(date.getTime() / 1000);

/** When a key was last used, to compare; `undefined` where that is not known. */
const lastUse = ({ lastUsedAt }: AccessKeyFacts): number | null | undefined =>
  lastUsedAt.known ? lastUsedAt.value && secondOf(lastUsedAt.value) : undefined;

/** Whether nothing that a report says tells two keys apart. */
const isAlike = (a: AccessKeyFacts, b: AccessKeyFacts): boolean =>
  keyTime(a) === keyTime(b) && a.active === b.active && lastUse(a) === lastUse(b);

/** Whether the user has another key of the same second and state that was last used at another time. */
export const isAmbiguous = (user: UserFacts, key: AccessKeyFacts): boolean =>
  user.accessKeys.known &&
  user.accessKeys.value.some(
    (other) => keyTime(other) === keyTime(key) && other.active === key.active && !isAlike(other, key),
  );

/** A key as the evidence of open findings describes it. */
interface ToldKey {
  readonly id: string;
  readonly createdSecond: number;
  /** `undefined` where no finding is about use. */
  readonly lastUse: number | null | undefined;
}

/** The access keys that open findings name, by user. */
export type ToldKeys = ReadonlyMap<string, readonly ToldKey[]>;

const timeOf = (evidence: unknown): number | null | undefined => {
  if (evidence === null) return null;
  const time = typeof evidence === "string" ? Date.parse(evidence) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
};

export const toldKeys = (open: readonly Finding[]): ToldKeys => {
  const byUser = new Map<string, Map<string, ToldKey>>();
  for (const { subject, evidence } of open) {
    const createdSecond = timeOf(evidence.createdAt);
    if (subject.kind !== "accessKey" || !subject.accessKeyId || typeof createdSecond !== "number") continue;
    const ofUser = byUser.get(subject.name) ?? new Map<string, ToldKey>();
    const before = ofUser.get(subject.accessKeyId);
    const use = timeOf(evidence.lastUsedAt);
    ofUser.set(subject.accessKeyId, {
      id: subject.accessKeyId,
      createdSecond,
      lastUse: use === undefined ? before?.lastUse : use,
    });
    byUser.set(subject.name, ofUser);
  }
  return new Map([...byUser].map(([user, keys]) => [user, [...keys.values()]]));
};

/** Which of the keys made in one second each id belongs to, as far as it is certain. */
const match = (told: readonly ToldKey[], keys: readonly AccessKeyFacts[]): ReadonlyMap<AccessKeyFacts, string> => {
  const ids = new Map<AccessKeyFacts, string>();
  const leftKeys = new Set(keys);
  const leftTold = new Set(told);
  const give = (key: AccessKeyFacts, one: ToldKey) => {
    ids.set(key, one.id);
    leftKeys.delete(key);
    leftTold.delete(one);
  };
  if (keys.length > 1)
    for (const one of told) {
      const fitting = [...leftKeys].filter((key) => one.lastUse === undefined || lastUse(key) === one.lastUse);
      if (fitting.length === 1 && fitting[0]) give(fitting[0], one);
    }
  const [first, ...others] = leftKeys;
  // As many ids as keys are left, and it does not matter which is whose.
  if (first && leftTold.size === leftKeys.size && others.every((key) => isAlike(first, key)))
    for (const [index, one] of [...leftTold].entries()) {
      const key = [first, ...others][index];
      if (key) give(key, one);
    }
  return ids;
};

/** Gives a user's keys the ids that open findings tell, where no other key could be meant. */
export const withToldIds = (user: UserFacts, told: readonly ToldKey[] | undefined): UserFacts => {
  if (!told || !user.accessKeys.known) return user;
  const keys = user.accessKeys.value;
  const named = keys.map((key): AccessKeyFacts => {
    const ofSecond = keys.filter((other) => keyTime(other) === keyTime(key));
    const toldOfSecond = told
      .filter(({ createdSecond }) => createdSecond === keyTime(key))
      // Those that say more first: what they leave is settled by elimination.
      .sort((a, b) => Number(a.lastUse === undefined) - Number(b.lastUse === undefined) || (a.id < b.id ? -1 : 1));
    const id = match(toldOfSecond, ofSecond).get(key);
    return id === undefined ? key : { ...key, id: known(id) };
  });
  return { ...user, accessKeys: known(named) };
};
