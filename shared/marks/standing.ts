import { type Mark, markText } from "./mark.ts";
import type { AccountMarks, Arrival } from "./mark-store.ts";

/** A mark whose record has not arrived after so long tells that its account is blind. */
export const blindAfterMs = 3_600_000;
/** Marks are left daily; what arrived this long ago proves nothing any more. */
const staleAfterMs = 49 * 3_600_000;

/** What an account's marks say: its events arrive, they do not, or nobody knows. */
export type MarkStanding =
  | { readonly state: "watched"; readonly arrived: Arrival }
  | {
      readonly state: "blind";
      /** ISO 8601: the first mark that is missed. */
      readonly since: string;
    }
  | { readonly state: "unknown"; readonly why: string };

/** How an account stands. That a mark could not be set says nothing of its events: the account is then unknown, not blind. */
export const standingOf = (marks: AccountMarks | undefined, now: Date): MarkStanding => {
  if (marks === undefined) return { state: "unknown", why: "no mark was left in it yet" };
  const { waiting, arrived, unset } = marks;
  const [missed, ...again] = waiting.filter((mark) => mark.isSet && ageMs(mark.markedAt, now) > blindAfterMs);
  // The first may have been left while the account's rules were still being made, after its role.
  if (missed && (arrived || again.length > 0)) return { state: "blind", since: missed.markedAt };
  if (unset) return { state: "unknown", why: `no mark could be left in it: ${unset.why}` };
  if (arrived && ageMs(arrived.markedAt, now) <= staleAfterMs) return { state: "watched", arrived };
  if (missed) return { state: "unknown", why: "its first mark did not arrive; another is left by the hourly run" };
  if (waiting.some(({ isSet }) => isSet)) return { state: "unknown", why: "its mark is on its way" };
  const since = arrived === undefined ? "" : ` since ${arrived.markedAt}`;
  return { state: "unknown", why: `no mark was left in it${since}` };
};

/** The daily sweep leaves marks; these accounts do not wait for it: blind ones, so that it soon shows that they see again. */
export const needsMark = (marks: AccountMarks | undefined, now: Date): boolean => {
  if (marks === undefined) return true;
  const { waiting, arrived } = marks;
  const last = waiting.at(-1);
  if (last !== undefined) {
    // What is under way is given its time. Of what did not arrive then, nobody may know whether it was ever left.
    if (ageMs(last.markedAt, now) >= retryAfterMs) return true;
    if (last.isSet) return false;
  }
  const { state } = standingOf(marks, now);
  return state !== "watched" || (arrived !== undefined && ageMs(arrived.markedAt, now) > dailyMs && last === undefined);
};

/** Less than the hour between two runs. */
const retryAfterMs = 50 * 60_000;
/** A day, and the hours that a sweep may take. */
const dailyMs = 30 * 3_600_000;

const ageMs = (at: string, now: Date): number => now.getTime() - Date.parse(at);

/** An account that is blind for long is marked every hour: what is beyond these is forgotten, but never since when. */
const mostWaiting = 30;

/** A mark is about to be left: it is known before anybody can hear of it. A write that arrived unnoticed is not repeated. */
export const marking = (marks: AccountMarks, mark: Mark): AccountMarks => {
  if (marks.waiting.some(({ nonce }) => nonce === mark.nonce)) return marks;
  const since = marks.since ?? marks.arrived?.markedAt ?? mark.markedAt;
  const waiting = [...marks.waiting, { ...mark, isSet: false }];
  if (waiting.length <= mostWaiting) return { ...marks, since, waiting };
  const forgotten = waiting.findIndex(({ isSet }) => !isSet);
  const first = waiting.findIndex(({ isSet }) => isSet);
  const spared = forgotten >= 0 && forgotten < waiting.length - 1 ? forgotten : first + 1;
  return { ...marks, since, waiting: waiting.toSpliced(spared, 1) };
};

/** IAM took the mark. */
export const marked = (marks: AccountMarks, { nonce }: Mark): AccountMarks => {
  const { unset: _, ...rest } = marks;
  return { ...rest, waiting: marks.waiting.map((mark) => (mark.nonce === nonce ? { ...mark, isSet: true } : mark)) };
};

/**
 * The mark could not be left.
 * @param mayStand IAM did not answer: the mark may be there, and if its record arrives it counts
 */
export const notMarked = (
  marks: AccountMarks,
  { nonce }: Mark,
  { at, why, mayStand }: { readonly at: string; readonly why: string; readonly mayStand: boolean },
): AccountMarks => ({
  ...marks,
  waiting: marks.waiting.filter((mark) => mayStand || mark.nonce !== nonce),
  unset: { nonce, at, why: why.slice(0, longestWhy) },
});

const longestWhy = 500;

/**
 * The record of a mark arrived. Only one that is waited for counts, and it counts once: with it go those before it, for
 * whatever became of them, the account sees.
 */
export const arrivedMark = (
  marks: AccountMarks,
  text: string,
  { recordedAt, at }: Pick<Arrival, "recordedAt" | "at">,
): AccountMarks => {
  const index = marks.waiting.findIndex((mark) => markText(mark) === text);
  const mark = marks.waiting[index];
  if (mark === undefined) return marks;
  const { unset, ...rest } = marks;
  return {
    ...rest,
    // That a later mark could not be left is still news.
    ...(unset !== undefined && unset.nonce !== mark.nonce && { unset }),
    waiting: marks.waiting.slice(index + 1),
    arrived: { markedAt: mark.markedAt, recordedAt, at },
  };
};

/** People are told, or may have been told, that the account is blind; `undefined`: they were told that it sees again. */
export const toldOf = (marks: AccountMarks, told: AccountMarks["toldBlind"]): AccountMarks => {
  const { toldBlind: _, ...rest } = marks;
  return { ...rest, ...(told && { toldBlind: told }) };
};
