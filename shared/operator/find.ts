import { ConflictError, NotFoundError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { FindingStore } from "../findings/store.ts";
import { inOrder } from "../judgement/in-order.ts";

const accountsAtOnce = 25;
/** So many are named where an id says too little. */
const namedAtMost = 5;

/**
 * The one finding whose id begins so, in whichever account: one small query for each account that ever had a finding, 25 at a
 * time, so some 400 reads and half a second for 400 accounts.
 * @throws NotFoundError; ConflictError if it says too little
 */
export const findFinding = async (store: FindingStore, idPrefix: string): Promise<Finding> => {
  const accounts = await store.accountsWithFindings();
  const found: Finding[] = [];
  for await (const some of inOrder(accounts, accountsAtOnce, (account) => store.beginningWith(account, idPrefix)))
    found.push(...some);
  const [finding, ...others] = found;
  if (finding === undefined)
    throw new NotFoundError(
      `There is no finding whose id begins with ${idPrefix}; \`warden findings\` lists those that are open, with --status resolved those that are over.`,
    );
  if (others.length === 0) return finding;
  const ids = found.slice(0, namedAtMost).map(({ id }) => id);
  const more = found.length > namedAtMost ? `, and ${found.length - namedAtMost} more` : "";
  throw new ConflictError(
    `${idPrefix} begins the ids of ${found.length} findings; write more of it: ${ids.join(", ")}${more}.`,
  );
};
