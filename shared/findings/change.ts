import { VersionConflictError } from "../errors.ts";
import type { Finding } from "./finding.ts";
import type { FindingStore } from "./store.ts";

/** Each round of a race has a winner, so this many writers of one finding all get their turn. */
const attempts = 12;

/**
 * Reads a finding, changes it, and writes it if it changed; starts over when somebody else wrote it in between. Gives back
 * the finding as it then is. `transition` may run more than once: it gives the next version, or what it was given.
 * @param known the finding as it was read before; spares the first read, for a write on a version that is gone is refused
 * @throws VersionConflictError if it lost to others time and again
 */
export const changeFinding = async (
  store: FindingStore,
  accountId: string,
  id: string,
  transition: (finding: Finding | undefined) => Finding | undefined,
  known?: { readonly finding: Finding | undefined },
): Promise<Finding | undefined> => {
  for (let attempt = 1; ; attempt++) {
    const current = known && attempt === 1 ? known.finding : await store.get(accountId, id);
    const next = transition(current);
    if (next === undefined || next === current) return current;
    try {
      await store.put(next);
      return next;
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === attempts) throw error;
    }
  }
};
