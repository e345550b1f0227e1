import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import type { WatchStore } from "../../shared/after-care/watch-store.ts";
import { StoreError, ThrottledError } from "../../shared/errors.ts";
import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import type { ExemptionStore } from "../../shared/exemptions/store.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import type { MarkStore } from "../../shared/marks/mark-store.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { createMemoryOrganizationStore } from "../../shared/organization/memory-store.ts";
import type { OrganizationStore } from "../../shared/organization/store.ts";
import type { BreakerStore } from "../../shared/remediation/breaker-store.ts";
import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import { createMemoryRemediationStore } from "../../shared/remediation/memory-store.ts";
import type { RemediationStore } from "../../shared/remediation/store.ts";
import type { CallErrors } from "./engine.ts";

/** All that the program keeps. */
export interface Tables {
  readonly findings: FindingStore;
  readonly exemptions: ExemptionStore;
  readonly remediations: RemediationStore;
  readonly breakers: BreakerStore;
  readonly watches: WatchStore;
  readonly marks: MarkStore;
  readonly organizations: OrganizationStore;
}

export const createTables = (): Tables => ({
  findings: createMemoryStore(),
  exemptions: createMemoryExemptionStore(),
  remediations: createMemoryRemediationStore(),
  breakers: createMemoryBreakerStore(),
  watches: createMemoryWatchStore(),
  marks: createMemoryMarkStore(),
  organizations: createMemoryOrganizationStore(),
});

/** Passes one call through to the world outside. */
export type Call = <T>(name: string, effect: () => Promise<T>, errors?: CallErrors) => Promise<T>;

/** How the table looks to its caller when it does not answer: behind the stores' own errors. */
const storeErrors: CallErrors = {
  throttled: () => new ThrottledError("The findings table did not answer: Throughput exceeds the current capacity"),
  unanswered: () => new StoreError("The findings table did not answer: TimeoutError: Connection timed out"),
};

/** Tables whose every call goes through `call`. */
export const tablesThrough = (tables: Tables, call: Call): Tables => {
  const { exemptions, remediations, breakers, watches, marks, organizations } = tables;
  const named = <T>(name: string, effect: () => Promise<T>): Promise<T> => call(`store.${name}`, effect, storeErrors);
  return {
    findings: findingsThrough(tables.findings, named),
    exemptions: {
      get: (id) => named("exemption.get", () => exemptions.get(id)),
      put: (exemption) => named("exemption.put", () => exemptions.put(exemption)),
      list: (options) => named("exemption.list", () => exemptions.list(options)),
    },
    remediations: {
      get: (accountId, id) => named(`remediation.get ${short(id)}`, () => remediations.get(accountId, id)),
      put: (one) => named(`remediation.put ${short(one.id)} v${one.version} ${one.state}`, () => remediations.put(one)),
      ofFinding: (accountId, id) =>
        named(`remediation.ofFinding ${short(id)}`, () => remediations.ofFinding(accountId, id)),
    },
    breakers: {
      take: (take) => named(`breaker.take ${scopeOf(take)}`, () => breakers.take(take)),
      look: (take) => named(`breaker.look ${scopeOf(take)}`, () => breakers.look(take)),
      claimTelling: (trip, now) => named("breaker.claimTelling", () => breakers.claimTelling(trip, now)),
      markTold: (trip, now) => named("breaker.markTold", () => breakers.markTold(trip, now)),
      tripOf: (window) => named("breaker.tripOf", () => breakers.tripOf(window)),
      resume: (trip, by, now) => named("breaker.resume", () => breakers.resume(trip, by, now)),
    },
    watches: {
      put: (watch) => named("watch.put", () => watches.put(watch)),
      of: (principal, now) => named("watch.of", () => watches.of(principal, now)),
    },
    marks: {
      get: (accountId) => named("marks.get", () => marks.get(accountId)),
      put: (one) => named("marks.put", () => marks.put(one)),
      list: (options) => named("marks.list", () => marks.list(options)),
    },
    organizations: {
      latest: () => named("organization.latest", () => organizations.latest()),
      generation: () => named("organization.generation", () => organizations.generation()),
      put: (reading) => named("organization.put", () => organizations.put(reading)),
      claim: (now) => named("organization.claim", () => organizations.claim(now)),
    },
  };
};

const findingsThrough = (
  store: FindingStore,
  named: <T>(name: string, effect: () => Promise<T>) => Promise<T>,
): FindingStore => ({
  get: (accountId, id) => named(`get ${short(id)}`, () => store.get(accountId, id)),
  put: (finding) => named(`put ${short(finding.id)} v${finding.version}`, () => store.put(finding)),
  listOpen: (accountId) => named("listOpen", () => store.listOpen(accountId)),
  listAll: (accountId) => named("listAll", () => store.listAll(accountId)),
  beginningWith: (accountId, prefix) => named("beginningWith", () => store.beginningWith(accountId, prefix)),
  listActive: (accountId) => named("listActive", () => store.listActive(accountId)),
  undelivered: async function* (options) {
    // Page by page, as a table answers: others write in between.
    const pages = store.undelivered(options)[Symbol.asyncIterator]();
    for (;;) {
      const page = await named("undelivered", () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  },
  accountsWithFindings: () => named("accountsWithFindings", () => store.accountsWithFindings()),
  putSweep: (sweep) => named("putSweep", () => store.putSweep(sweep)),
  putVerifications: (read) => named("putVerifications", () => store.putVerifications(read)),
  verifications: (accountId) => named("verifications", () => store.verifications(accountId)),
  populations: () => named("populations", () => store.populations()),
  listSweeps: (runId, options) => named("listSweeps", () => store.listSweeps(runId, options)),
});

const short = (id: string): string => (id.includes("-") ? `${id.slice(0, 8)}…${id.slice(-4)}` : id.slice(0, 8));

const scopeOf = ({ window: { scope, hour } }: Parameters<BreakerStore["take"]>[0]): string =>
  `${scope === "organization" ? scope : scope.account} ${hour}`;
