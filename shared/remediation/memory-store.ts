import { VersionConflictError } from "../errors.ts";
import { remediationFromItem, remediationToItem } from "./item.ts";
import type { Remediation } from "./remediation.ts";
import type { RemediationStore } from "./store.ts";

/** Remediations in this process's memory, as text that the table's own schema reads. */
export const createMemoryRemediationStore = (): RemediationStore => {
  const accounts = new Map<string, Map<string, string>>();
  const get = (accountId: string, id: string): Remediation | undefined => {
    const text = accounts.get(accountId)?.get(id);
    return text === undefined ? undefined : remediationFromItem(JSON.parse(text));
  };
  return {
    get: async (accountId, id) => get(accountId, id),
    put: async (remediation) => {
      const { account, id, version } = remediation;
      const stored = get(account.id, id)?.version ?? 0;
      if (version !== stored + 1)
        throw new VersionConflictError(`Remediation ${id} is at version ${stored}; version ${version} cannot follow`);
      const own = accounts.get(account.id) ?? new Map<string, string>();
      accounts.set(account.id, own.set(id, JSON.stringify(remediationToItem(remediation))));
    },
    ofFinding: async (accountId, findingId) =>
      [...(accounts.get(accountId)?.values() ?? [])]
        .map((text) => remediationFromItem(JSON.parse(text)))
        .filter((remediation) => remediation.findingId === findingId)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
};
