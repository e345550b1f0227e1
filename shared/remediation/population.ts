import type { AwsAccess } from "../aws/access.ts";
import { type Fact, known, unknownFact } from "../facts/facts.ts";
import { createLiveReader } from "../facts/live.ts";
import type { AccountPopulation, FindingStore } from "../findings/store.ts";
import { once } from "../once.ts";
import type { AccountRef } from "../subject.ts";
import type { Population } from "./within-breaker.ts";

export interface PopulationDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  readonly store: Pick<FindingStore, "populations">;
  /** The organization's active accounts. */
  readonly accounts: () => Promise<readonly AccountRef[]>;
  readonly clock: () => Date;
}

/** A count of one missed sweep still serves; an older one says too little of what is there now. */
const countedWithinMs = 48 * 3_600_000;

type Counted = "user" | "role" | "accessKey";

/**
 * How many subjects there are, for the percentages of the circuit breakers, asked once for each question: make a new one for
 * each invocation.
 *
 * Counting too many would let more be repaired, so every gap counts as nothing. An account's users and roles are what IAM
 * counts at this moment, a single call. No call counts its access keys, and its users tell nothing of them (most have none):
 * they are what the last sweep counted. So are the organization's users, roles and keys, in one query of the table, because
 * IAM would take a call for each of its accounts; an account that no sweep counted in the last 48 hours, or that is no member
 * any more, adds nothing. Root users and accounts are as many as Organizations lists. What was deleted since a sweep is
 * still counted, for those 48 hours at most; the breakers' plain counts hold regardless. Where nothing was counted, the
 * number is not known, and the breaker holds.
 */
export const createPopulation = ({ audit, store, accounts, clock }: PopulationDependencies): Population => {
  const counted = once(async (): Promise<readonly AccountPopulation[]> => {
    const since = clock().getTime() - countedWithinMs;
    return (await store.populations()).filter(({ countedAt }) => Date.parse(countedAt) >= since);
  });
  const members = once(accounts);
  const summaries = new Map<string, ReturnType<typeof summaryOf>>();
  const summaryOf = (id: string) => once(() => createLiveReader(audit, { id }, clock).counts());

  const inAccount = async (id: string, kind: Counted): Promise<Fact<number>> => {
    if (kind === "accessKey") {
      const sweep = (await counted()).find(({ accountId }) => accountId === id);
      return sweep === undefined ? uncounted : known(sweep.accessKeys);
    }
    const summary = summaries.get(id) ?? summaryOf(id);
    summaries.set(id, summary);
    const { users, roles } = await summary();
    return kind === "user" ? users : roles;
  };
  const inOrganization = async (kind: Counted): Promise<Fact<number>> => {
    const ids = new Set((await members()).map(({ id }) => id));
    const sweeps = (await counted()).filter(({ accountId }) => ids.has(accountId));
    if (sweeps.length === 0) return uncounted;
    return known(sweeps.reduce((sum, sweep) => sum + sweep[counts[kind]], 0));
  };

  return async (scope, kind) => {
    const isWhole = scope === "organization";
    if (kind === "root" || kind === "account") return known(isWhole ? (await members()).length : 1);
    if (kind !== "user" && kind !== "role" && kind !== "accessKey") return neverCounted;
    return isWhole ? inOrganization(kind) : inAccount(scope.account, kind);
  };
};

const counts = { user: "users", role: "roles", accessKey: "accessKeys" } as const satisfies Readonly<
  Record<Counted, keyof AccountPopulation>
>;

const neverCounted = unknownFact("nobody counts subjects of this kind");
const uncounted = unknownFact("no sweep of the last 48 hours has counted them");
