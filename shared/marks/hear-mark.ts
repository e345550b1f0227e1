import type { Telemetry } from "../telemetry.ts";
import type { MarkRecord } from "./mark.ts";
import { changeMarks, type MarkStore } from "./mark-store.ts";
import { arrivedMark } from "./standing.ts";

export interface HearingDependencies {
  readonly marks: MarkStore;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/**
 * Hears of a mark in an account. What counts is the very text that iam-warden left there and has not heard of yet, written
 * by a session of its own audit role there: neither an old mark nor somebody's own tag proves that events arrive.
 * @throws StoreError | ThrottledError | VersionConflictError; the event has to come again
 */
export const hearMark = async (
  { marks, telemetry, clock }: HearingDependencies,
  { text, isByAuditRole, at }: MarkRecord,
  accountId: string,
): Promise<void> => {
  if (!isByAuditRole) {
    telemetry.warn("Somebody else wrote the mark of an account", { account: accountId });
    return;
  }
  const now = clock();
  const arrival = { recordedAt: at.toISOString(), at: now.toISOString() };
  let isNews = false;
  await changeMarks(marks, accountId, (before) => {
    const after = arrivedMark(before, text, arrival);
    isNews = after !== before;
    return after;
  });
  // Twice is nothing strange: EventBridge and the queue deliver at least once.
  if (!isNews) telemetry.info("A mark that nobody waits for", { account: accountId });
  else telemetry.measure("MarkDelaySeconds", Math.max(0, (now.getTime() - at.getTime()) / 1000));
};
