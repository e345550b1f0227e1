import type { Digest } from "../../shared/notify/notice.ts";

/** No finding of whatever severity. */
export const none = { critical: 0, high: 0, medium: 0, low: 0 };

/** A digest of a sweep that found nothing. */
export const aDigest = (changes: Partial<Digest> = {}): Digest => ({
  runId: "sweep-2026-11-03",
  at: "2026-11-03T04:20:00.000Z",
  news: none,
  toldAlone: 0,
  resolved: 0,
  open: none,
  exempt: none,
  held: 0,
  repairNews: [],
  toBeRepaired: [],
  controls: [],
  accounts: [],
  items: [],
  repairItems: [],
  resolvedItems: [],
  coverage: { swept: 12, failed: [], missing: [], unreadable: [], unknownVerdicts: 0, unknownCauses: [], gaps: [] },
  ...changes,
});
