import { VersionConflictError } from "../errors.ts";
import { reporting } from "../findings/item.ts";
import { byCodeUnit } from "../order.ts";
import { type AccountMarks, type MarkStore, marksFromItem } from "./mark-store.ts";

/** The marks of accounts in this process's memory, as text that the table's own schema reads. */
export const createMemoryMarkStore = (): MarkStore => {
  const accounts = new Map<string, string>();
  const read = (text: string): AccountMarks => marksFromItem(JSON.parse(text));
  return {
    get: async (accountId) => {
      const text = accounts.get(accountId);
      return text === undefined ? undefined : read(text);
    },
    put: async (marks) => {
      const text = accounts.get(marks.accountId);
      const version = text === undefined ? 0 : read(text).version;
      if (marks.version !== version + 1)
        throw new VersionConflictError(
          `The marks of account ${marks.accountId} are at version ${version}; version ${marks.version} cannot follow`,
        );
      accounts.set(marks.accountId, JSON.stringify(marks));
    },
    list: async ({ unreadable } = {}) =>
      [...accounts]
        .toSorted(([a], [b]) => byCodeUnit(a, b))
        .flatMap(([accountId, text]) => reporting(unreadable, accountId, () => read(text)) ?? []),
  };
};
