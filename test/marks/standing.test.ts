import { describe, expect, it } from "vitest";
import { markText } from "../../shared/marks/mark.ts";
import type { AccountMarks } from "../../shared/marks/mark-store.ts";
import { arrivedMark, marked, marking, needsMark, notMarked, standingOf } from "../../shared/marks/standing.ts";

const start = Date.parse("2026-11-03T06:00:00.000Z");
const at = (hours: number): Date => new Date(start + hours * 3_600_000);
const iso = (hours: number): string => at(hours).toISOString();
const mark = (hours: number) => ({ nonce: `nonce-${hours}`, markedAt: iso(hours) });
const none: AccountMarks = { accountId: "111122223333", waiting: [], version: 0 };

const left = (marks: AccountMarks, hours: number): AccountMarks => marked(marking(marks, mark(hours)), mark(hours));
const heard = (marks: AccountMarks, hours: number, after = 0.02): AccountMarks =>
  arrivedMark(marks, markText(mark(hours)), { recordedAt: iso(hours), at: iso(hours + after) });
const failed = (marks: AccountMarks, hours: number, mayStand: boolean): AccountMarks =>
  notMarked(marking(marks, mark(hours)), mark(hours), { at: iso(hours), why: "AccessDenied: no", mayStand });
const stateOf = (marks: AccountMarks | undefined, hours: number): string => standingOf(marks, at(hours)).state;

describe("an account", () => {
  it("is watched from the arrival of a mark on, for two days", () => {
    const marks = heard(left(none, 0), 0);
    expect(standingOf(marks, at(1))).toEqual({
      state: "watched",
      arrived: { markedAt: iso(0), recordedAt: iso(0), at: iso(0.02) },
    });
    expect([stateOf(marks, 48), stateOf(marks, 50)]).toEqual(["watched", "unknown"]);
  });

  it("is blind once a mark did not arrive within the hour, since then, until any mark that is waited for arrives", () => {
    const marks = left(heard(left(none, -24), -24), 0);
    expect([stateOf(marks, 0.9), stateOf(marks, 1.1)]).toEqual(["watched", "blind"]);
    const again = left(left(marks, 2), 3);
    expect(standingOf(again, at(3.5))).toEqual({ state: "blind", since: iso(0) });
    // The second came; the first is lost, and the third under way.
    expect(stateOf(heard(again, 2, 1.4), 3.5)).toBe("watched");
    expect(stateOf(heard(again, 2, 1.4), 4.5)).toBe("blind");
    expect(stateOf(heard(again, 3), 24)).toBe("watched");
  });

  it("that was never seen is blind once a second mark did not arrive either, since the first", () => {
    const marks = left(left(none, 0), 2);
    expect(standingOf(marks, at(2.5))).toEqual({
      state: "unknown",
      why: "its first mark did not arrive; another is left by the hourly run",
    });
    expect(standingOf(marks, at(3.1))).toEqual({ state: "blind", since: iso(0) });
    expect(needsMark(left(none, 0), at(2))).toBe(true);
    expect(stateOf(heard(marks, 2), 3.1)).toBe("watched");
  });

  it("is unknown, not blind, where no mark could be left, and says why", () => {
    const marks = failed(heard(left(none, -24), -24), 0, false);
    expect(standingOf(marks, at(5))).toEqual({
      state: "unknown",
      why: "no mark could be left in it: AccessDenied: no",
    });
    expect(marks.waiting).toEqual([]);
    expect(stateOf(heard(left(marks, 6), 6), 7)).toBe("watched");
  });

  it("is unknown before its first mark, while that is on its way, and if nobody knows whether it was left", () => {
    expect([stateOf(undefined, 0), stateOf(none, 0), stateOf(left(none, 0), 0.5)]).toEqual(Array(3).fill("unknown"));
    expect(stateOf(marking(none, mark(0)), 5)).toBe("unknown");
  });

  it("that IAM did not answer for is heard all the same", () => {
    const marks = failed(none, 0, true);
    expect(stateOf(marks, 5)).toBe("unknown");
    expect(stateOf(heard(marks, 0), 1)).toBe("watched");
  });

  it("stays blind while marks cannot be left in it any more", () => {
    expect(standingOf(failed(left(heard(left(none, -24), -24), 0), 2, false), at(3))).toEqual({
      state: "blind",
      since: iso(0),
    });
  });
});

describe("a mark that arrives", () => {
  it("counts once, and only if it is the very one that was left", () => {
    const marks = left(none, 0);
    for (const text of ["", iso(0), `${iso(0)}/`, `${iso(0)}/nonce-1`, `${iso(1)}/nonce-0`, "nonce-0"])
      expect(arrivedMark(marks, text, { recordedAt: iso(0), at: iso(0) })).toBe(marks);
    const once = heard(marks, 0);
    expect(heard(once, 0)).toBe(once);
  });

  it("late, after one that was left later, changes nothing", () => {
    const marks = heard(left(left(none, 0), 1), 1);
    expect(heard(marks, 0, 5)).toBe(marks);
  });
});

describe("marks that wait", () => {
  it("are there once, though the write that made them known came twice", () => {
    const marks = marking(none, mark(0));
    expect(marking(marks, mark(0))).toBe(marks);
  });

  it("are no more than thirty, and the first is never forgotten", () => {
    let marks = left(none, 0);
    for (let hours = 1; hours < 100; hours++) marks = left(marks, hours);
    expect(marks.waiting).toHaveLength(30);
    expect(standingOf(marks, at(101))).toEqual({ state: "blind", since: iso(0) });
    expect(stateOf(heard(marks, 99), 100)).toBe("watched");
  });

  it("of which nobody knows whether they were left are forgotten first", () => {
    let marks = left(none, 0);
    for (let hours = 1; hours < 100; hours++) marks = marking(marks, mark(hours));
    expect(marks.waiting).toHaveLength(30);
    expect(marks.waiting[0]).toMatchObject({ isSet: true });
    expect(marks.waiting.at(-1)).toMatchObject(mark(99));
  });
});

describe("a mark is left before the next sweep", () => {
  it.each([
    ["where there was none", undefined, 0, true],
    ["not where one is on its way", left(none, 0), 0.5, false],
    ["where one did not arrive", left(none, 0), 1.5, true],
    ["not twice within the hour", left(left(none, 0), 1.5), 2, false],
    ["where one could not be left", failed(none, 0, false), 1, true],
    [
      "where nobody knows whether one was left, and it did not arrive",
      marking(heard(left(none, -24), -24), mark(0)),
      1,
      true,
    ],
    ["not at once where nobody knows that yet", marking(heard(left(none, -24), -24), mark(0)), 0.5, false],
    ["not where one arrived", heard(left(none, 0), 0), 1, false],
    ["not where the sweep will leave the next", heard(left(none, 0), 0), 25, false],
    ["where the sweep should have left the next", heard(left(none, 0), 0), 31, true],
  ])("%s", (_where, marks, hours, expected) => {
    expect(needsMark(marks, at(hours))).toBe(expected);
  });
});
