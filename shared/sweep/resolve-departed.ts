import { MalformedInputError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import { resolveAccount } from "../findings/resolve.ts";
import { type Telling, tell } from "../notify/tell.ts";
import type { SweepPlan } from "./plan.ts";

/**
 * Resolves what is open in accounts that were closed or left the organization, by the run's list of its active members. An
 * account that merely could not be read is on that list, and keeps its findings; by an empty list nobody has left. Gives
 * back the ids of the accounts that have something to tell. An account that comes back opens its findings again.
 */
export const resolveDeparted = async (
  telling: Telling,
  { runId, listedAt, accounts }: SweepPlan,
): Promise<readonly string[]> => {
  const { store, telemetry, clock } = telling;
  if (accounts.length === 0) return [];
  const members = new Set(accounts.map(({ id }) => id));
  const departed: string[] = [];
  for (const accountId of await store.accountsWithFindings()) {
    if (members.has(accountId)) continue;
    const now = clock();
    let resolved: readonly Finding[];
    try {
      resolved = await resolveAccount(store, accountId, { now, asOf: new Date(listedAt), runId });
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      departed.push(accountId); // The digest cannot read it either, and says so.
      continue;
    }
    if (resolved.length === 0) continue;
    departed.push(accountId);
    for (const finding of resolved) await tell(telling, finding, now);
    const fields = { account: accountId, runId, findings: resolved.length };
    telemetry.info("Resolved what was open in an account that is no active member any more", fields);
  }
  return departed;
};
