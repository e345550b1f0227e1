import { byCodeUnit } from "../order.ts";
import { isOn, type Watch, type WatchedPrincipal, type WatchStore, watchFromItem } from "./watch-store.ts";

const keyOf = ({ accountId, kind, name }: WatchedPrincipal): string => JSON.stringify([accountId, kind, name]);

/** Watches in this process's memory, as text that the table's own schema reads. */
export const createMemoryWatchStore = (): WatchStore => {
  const principals = new Map<string, Map<string, string>>();
  return {
    put: async (watch) => {
      const key = keyOf(watch.principal);
      const own = principals.get(key) ?? new Map<string, string>();
      principals.set(key, own.set(watch.remediationId, JSON.stringify(watch)));
    },
    of: async (principal, now) =>
      [...(principals.get(keyOf(principal))?.values() ?? [])]
        .map((text): Watch => watchFromItem(JSON.parse(text)))
        .filter((watch) => isOn(watch, now))
        .sort((a, b) => byCodeUnit(a.remediationId, b.remediationId)),
  };
};
