import { generationOf, readingFromText, readingToText } from "./item.ts";
import { claimMinutes, type OrganizationStore } from "./store.ts";

/** The organization in this process's memory, as text that the table's own schema reads. */
export const createMemoryOrganizationStore = (): OrganizationStore => {
  let stored: { readonly readAt: string; readonly generation: string; readonly text: string } | undefined;
  let claimedAt = Number.NEGATIVE_INFINITY;
  return {
    latest: async () => (stored === undefined ? undefined : readingFromText(stored.text)),
    generation: async () => stored?.generation,
    put: async (reading) => {
      if (stored !== undefined && stored.readAt > reading.readAt) return;
      const text = readingToText(reading);
      stored = { readAt: reading.readAt, generation: generationOf(reading, text), text };
    },
    claim: async (now) => {
      if (now.getTime() < claimedAt + claimMinutes * 60_000) return false;
      claimedAt = now.getTime();
      return true;
    },
  };
};
