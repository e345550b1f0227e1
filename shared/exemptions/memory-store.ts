import { VersionConflictError } from "../errors.ts";
import { reporting } from "../findings/item.ts";
import { readingItems } from "../findings/memory-items.ts";
import { byCodeUnit } from "../order.ts";
import { exemptionFromItem, exemptionToItem } from "./item.ts";
import type { ExemptionStore } from "./store.ts";

/** Exemptions in this process's memory, as text that the table's own schema reads. */
export const createMemoryExemptionStore = (): ExemptionStore => {
  const exemptions = new Map<string, string>();
  const parse = readingItems(exemptionFromItem);
  return {
    get: async (id) => {
      const text = exemptions.get(id);
      return text === undefined ? undefined : parse(text);
    },
    put: async (exemption) => {
      const { id, version } = exemption;
      const text = exemptions.get(id);
      const stored = text === undefined ? 0 : JSON.parse(text).version;
      if (version !== stored + 1)
        throw new VersionConflictError(`Exemption ${id} is at version ${stored}; version ${version} cannot follow`);
      exemptions.set(id, JSON.stringify(exemptionToItem(exemption)));
    },
    list: async ({ unreadable } = {}) =>
      [...exemptions]
        .sort(([a], [b]) => byCodeUnit(a, b))
        .flatMap(([id, text]) => reporting(unreadable, id, () => parse(text)) ?? []),
  };
};
