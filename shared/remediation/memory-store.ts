import { VersionConflictError } from "../errors.ts";
import { createMemoryItems, type MemoryItems, readingItems } from "../findings/memory-items.ts";
import { remediationFromItem, remediationToItem } from "./item.ts";
import type { Remediation } from "./remediation.ts";
import type { ForgetRemediationAt, RemediationStore } from "./store.ts";

/**
 * Remediations in this process's memory, as text that the table's own schema reads.
 * @param options.items where they are kept; a store of other settings may share them. Absent: new ones
 * @param options.forgetAt when a remediation that is put may be forgotten: then it is. Absent: never
 */
export const createMemoryRemediationStore = ({
  items = createMemoryItems(),
  forgetAt,
}: {
  readonly items?: MemoryItems;
  readonly forgetAt?: ForgetRemediationAt | undefined;
} = {}): RemediationStore => {
  const parse = readingItems(remediationFromItem);
  const get = (accountId: string, id: string): Remediation | undefined => {
    const text = items.get(accountId, id);
    return text === undefined ? undefined : parse(text);
  };
  return {
    get: async (accountId, id) => get(accountId, id),
    put: async (remediation) => {
      const { account, id, version } = remediation;
      const stored = get(account.id, id)?.version ?? 0;
      if (version !== stored + 1)
        throw new VersionConflictError(`Remediation ${id} is at version ${stored}; version ${version} cannot follow`);
      items.set(account.id, id, JSON.stringify(remediationToItem(remediation)), forgetAt?.(remediation));
    },
    ofFinding: async (accountId, findingId) =>
      items
        .list(accountId)
        .map(([, text]) => parse(text))
        .filter((remediation) => remediation.findingId === findingId),
  };
};
