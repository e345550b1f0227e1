import { VersionConflictError } from "../errors.ts";
import { byCodeUnit } from "../order.ts";
import { boundSweep } from "./bounds.ts";
import type { Finding } from "./finding.ts";
import {
  findingFromItem,
  findingToItem,
  isActive,
  populationOf,
  reporting,
  sweepFromItem,
  undeliveredSince,
} from "./item.ts";
import { createMemoryItems, type MemoryItems, readingItems } from "./memory-items.ts";
import type { AccountPopulation, FindingStore, ForgetFindingAt } from "./store.ts";
import { verificationsFromItem, verificationsToItem } from "./verifications-item.ts";

/**
 * Findings in this process's memory: for the sandbox, tests and one-off audits. What is stored is text, so that
 * nobody's object is shared, and it is read by the same schema as the table's items.
 * @param options.items where they are kept; a store of other settings may share them. Absent: new ones
 * @param options.forgetAt when a finding that is put may be forgotten: then it is. Absent: never
 */
export const createMemoryStore = ({
  items: findings = createMemoryItems(),
  forgetAt,
}: {
  readonly items?: MemoryItems;
  readonly forgetAt?: ForgetFindingAt | undefined;
} = {}): FindingStore => {
  const sweeps = new Map<string, Map<string, string>>();
  const populations = new Map<string, AccountPopulation>();
  const verifications = new Map<string, string>();
  const parse = readingItems(findingFromItem);
  const get = (accountId: string, id: string): Finding | undefined => {
    const text = findings.get(accountId, id);
    return text === undefined ? undefined : parse(text);
  };
  const list = (accountId: string): Finding[] => findings.list(accountId).map(([, text]) => parse(text));

  return {
    get: async (accountId, id) => get(accountId, id),
    put: async (finding) => {
      const forgotten = await forgetAt?.(finding);
      const stored = get(finding.account.id, finding.id)?.version ?? 0;
      if (finding.version !== stored + 1)
        throw new VersionConflictError(
          `Finding ${finding.id} is at version ${stored}; version ${finding.version} cannot follow`,
        );
      findings.set(finding.account.id, finding.id, JSON.stringify(findingToItem(finding)), forgotten);
    },
    listOpen: async (accountId) => list(accountId).filter((finding) => finding.status === "open"),
    listAll: async (accountId) => list(accountId),
    beginningWith: async (accountId, idPrefix) => list(accountId).filter(({ id }) => id.startsWith(idPrefix)),
    listActive: async (accountId) => list(accountId).filter(isActive),
    undelivered: async function* ({ skip, unreadable } = {}) {
      const waiting = findings
        .partitions()
        .filter((accountId) => !skip?.has(accountId))
        .flatMap((accountId) =>
          findings.list(accountId).flatMap(([, text]) => reporting(unreadable, accountId, () => parse(text)) ?? []),
        )
        .flatMap((finding) => {
          const since = undeliveredSince(finding);
          return since === undefined ? [] : [{ since, accountId: finding.account.id, id: finding.id }];
        })
        .sort((a, b) => byCodeUnit(a.since, b.since));
      for (const { accountId, id } of waiting) {
        const finding = get(accountId, id);
        if (finding !== undefined && finding.outbox.length > 0) yield finding;
      }
    },
    accountsWithFindings: async () => [...findings.partitions()].sort(),
    putSweep: async (sweep) => {
      of(sweeps, sweep.runId).set(sweep.accountId, JSON.stringify(boundSweep(sweep)));
      const population = populationOf(sweep);
      const earlier = populations.get(sweep.accountId);
      if (population !== undefined && (earlier === undefined || earlier.countedAt < population.countedAt))
        populations.set(sweep.accountId, population);
    },
    putVerifications: async (made) => {
      verifications.set(made.accountId, JSON.stringify(verificationsToItem(made)));
    },
    verifications: async (accountId) => {
      const text = verifications.get(accountId);
      return text === undefined ? undefined : verificationsFromItem(JSON.parse(text));
    },
    populations: async () =>
      [...populations.values()].sort((a, b) => byCodeUnit(a.accountId, b.accountId)).map((one) => ({ ...one })),
    listSweeps: async (runId, { unreadable } = {}) =>
      [...(sweeps.get(runId) ?? [])]
        .sort(([a], [b]) => byCodeUnit(a, b))
        .flatMap(([id, text]) => reporting(unreadable, id, () => sweepFromItem(JSON.parse(text))) ?? []),
  };
};

const of = (maps: Map<string, Map<string, string>>, key: string): Map<string, string> => {
  const found = maps.get(key) ?? new Map<string, string>();
  maps.set(key, found);
  return found;
};
