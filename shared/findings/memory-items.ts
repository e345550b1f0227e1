import { byCodeUnit } from "../order.ts";
import { rememberForText } from "../remember.ts";

/** Texts by partition and id, as a table keeps items: what may be forgotten is, at once. */
export interface MemoryItems {
  get(partition: string, id: string): string | undefined;
  /** @param forgetAt absent: never */
  set(partition: string, id: string, text: string, forgetAt: Date | undefined): void;
  /** Those of a partition, ordered by id. */
  list(partition: string): readonly (readonly [id: string, text: string])[];
  /** All partitions that ever had one. */
  partitions(): readonly string[];
}

/** @param clock by which they are forgotten */
export const createMemoryItems = (clock: () => Date = () => new Date()): MemoryItems => {
  const partitions = new Map<string, Map<string, { readonly text: string; readonly forgetAt: Date | undefined }>>();
  const isThere = ({ forgetAt }: { readonly forgetAt: Date | undefined }): boolean =>
    !(forgetAt !== undefined && forgetAt.getTime() <= clock().getTime());
  return {
    get: (partition, id) => {
      const item = partitions.get(partition)?.get(id);
      return item && isThere(item) ? item.text : undefined;
    },
    set: (partition, id, text, forgetAt) => {
      const items = partitions.get(partition) ?? new Map();
      partitions.set(partition, items.set(id, { text, forgetAt }));
    },
    list: (partition) =>
      [...(partitions.get(partition) ?? [])]
        .filter(([, item]) => isThere(item))
        .sort(([a], [b]) => byCodeUnit(a, b))
        .map(([id, { text }]) => [id, text]),
    partitions: () => [...partitions.keys()],
  };
};

/**
 * Reads texts of items by the schema of a table's, each once.
 * @returns frozen, all through: whoever asks again is given the same object
 */
export const readingItems = <T extends object>(
  read: (item: Readonly<Record<string, unknown>>) => T,
): ((text: string) => T) => rememberForText((text) => frozen(read(JSON.parse(text))));

const frozen = <T extends object>(value: T): T => {
  for (const each of Object.values(value)) if (typeof each === "object" && each !== null) frozen(each);
  return Object.freeze(value);
};
