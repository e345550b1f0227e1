import { StoreError, ThrottledError } from "../../shared/errors.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import type { CallErrors } from "./engine.ts";

/** How the findings table looks to its caller when it does not answer: behind the store's own errors. */
export const storeErrors: CallErrors = {
  throttled: () => new ThrottledError("The findings table did not answer: Throughput exceeds the current capacity"),
  unanswered: () => new StoreError("The findings table did not answer: TimeoutError: Connection timed out"),
};

/** Passes one call through to the world outside. */
export type Call = <T>(name: string, effect: () => Promise<T>, errors?: CallErrors) => Promise<T>;

/** A store whose every call goes through `call`. */
export const findingStoreThrough = (store: FindingStore, call: Call): FindingStore => {
  const named = <T>(name: string, effect: () => Promise<T>): Promise<T> => call(`store.${name}`, effect, storeErrors);
  return {
    get: (accountId, id) => named(`get ${id.slice(0, 8)}`, () => store.get(accountId, id)),
    put: (finding) => named(`put ${finding.id.slice(0, 8)} v${finding.version}`, () => store.put(finding)),
    listOpen: (accountId) => named("listOpen", () => store.listOpen(accountId)),
    listAll: (accountId) => named("listAll", () => store.listAll(accountId)),
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
    populations: () => named("populations", () => store.populations()),
    putSweep: (sweep) => named("putSweep", () => store.putSweep(sweep)),
    listSweeps: (runId, options) => named("listSweeps", () => store.listSweeps(runId, options)),
  };
};
