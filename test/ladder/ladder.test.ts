import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finishDueAt, notDue, reminderDue, repairDue } from "../../shared/ladder/ladder.ts";
import type { Ladder } from "../../shared/settings/settings.ts";

const start = Date.UTC(2026, 10, 3, 8);
const hour = (count: number): Date => new Date(start + count * 3_600_000);
const iso = (count: number): string => hour(count).toISOString();
const week: Ladder = [
  { afterHours: 0, do: "notify" },
  { afterHours: 168, do: "remediate" },
];
const warned = { warnedAt: iso(0) };
const at = (count: number, remindBeforeHours = 24) => ({ now: hour(count), remindBeforeHours });

describe("a repair", () => {
  test.each([
    ["nobody was warned", week, {}, 1_000, "Nobody has been told"],
    ["its time has not come", week, warned, 167, `The ladder repairs it at ${iso(168)}`],
    ["nobody was reminded", week, warned, 168, "Nobody has been reminded"],
    [
      "people were reminded of an earlier date",
      week,
      { ...warned, reminded: { dueAt: iso(100), at: iso(150) } },
      168,
      "Nobody has been reminded",
    ],
    [
      "people were reminded too early",
      week,
      { ...warned, reminded: { dueAt: iso(168), at: iso(72) } },
      168,
      "Nobody has been reminded",
    ],
    [
      "people were reminded too late",
      week,
      { ...warned, reminded: { dueAt: iso(168), at: iso(160) } },
      168,
      `repairs it at ${iso(184)}`,
    ],
    ["the ladder only notifies", [{ afterHours: 0, do: "notify" }], warned, 1_000, "The ladder never repairs"],
    ["a short step has had no reminder", [{ afterHours: 2, do: "remediate" }], warned, 2, "Nobody has been reminded"],
  ] satisfies [string, Ladder, Parameters<typeof notDue>[1], number, string][])(
    "waits where %s",
    (_, ladder, finding, now, why) => {
      expect(notDue(ladder, finding, "repair", at(now))).toContain(why);
    },
  );

  test.each([
    ["people were reminded a day before", week, { ...warned, reminded: { dueAt: iso(168), at: iso(144) } }, 168],
    [
      "people were reminded late, and the day is over",
      week,
      { ...warned, reminded: { dueAt: iso(168), at: iso(160) } },
      184,
    ],
    ["the first notice was the warning", [{ afterHours: 0, do: "remediate" }], warned, 0],
    [
      "a short step was reminded of halfway",
      [{ afterHours: 2, do: "remediate" }],
      { ...warned, reminded: { dueAt: iso(2), at: iso(1) } },
      2,
    ],
  ] satisfies [string, Ladder, Parameters<typeof notDue>[1], number][])(
    "is due where %s",
    (_, ladder, finding, now) => {
      expect(notDue(ladder, finding, "repair", at(now))).toBeUndefined();
    },
  );

  test("is never due before the ladder's hours and the reminder's lead are over, whatever the ladder", () => {
    const step = fc.record({
      afterHours: fc.integer({ min: 0, max: 400 }),
      do: fc.constantFrom("notify", "remediate", "finish"),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 5 }),
        fc.integer({ min: 0, max: 800 }),
        fc.integer({ min: 0, max: 100 }),
        fc.option(fc.integer({ min: 0, max: 800 })),
        (ladder: Ladder, now, lead, remindedAt) => {
          const due = repairDue(ladder, warned, lead);
          const reminded =
            due && remindedAt !== null ? { dueAt: due.dueAt.toISOString(), at: iso(remindedAt) } : undefined;
          if (notDue(ladder, { ...warned, ...(reminded && { reminded }) }, "repair", at(now, lead)) !== undefined)
            return;
          const hours = ladder.find((one) => one.do === "remediate")?.afterHours ?? Number.POSITIVE_INFINITY;
          expect(now).toBeGreaterThanOrEqual(hours);
          const needed = Math.min(lead, hours / 2);
          if (needed > 0) expect(now - (remindedAt ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(needed);
        },
      ),
    );
  });
});

describe("a reminder", () => {
  const reminded = (finding: Parameters<typeof reminderDue>[1], now: number, ladder = week) =>
    reminderDue(ladder, finding, at(now));

  test("comes a day before the step, once", () => {
    expect(reminded(warned, 143)).toBeUndefined();
    expect(reminded(warned, 144)).toEqual({ dueAt: iso(168) });
    expect(reminded({ ...warned, reminded: { dueAt: iso(168), at: iso(144) } }, 150)).toBeUndefined();
  });

  test("that was missed comes late", () => {
    expect(reminded(warned, 500)).toEqual({ dueAt: iso(168) });
  });

  test("comes at each later step that notifies, and still before the repair", () => {
    const ladder: Ladder = [...week.slice(0, 1), { afterHours: 72, do: "notify" }, ...week.slice(1)];
    expect(reminded(warned, 71, ladder)).toBeUndefined();
    expect(reminded(warned, 72, ladder)).toEqual({ dueAt: iso(168) });
    const early = { ...warned, reminded: { dueAt: iso(168), at: iso(72) } };
    expect(reminded(early, 100, ladder)).toBeUndefined();
    expect(reminded(early, 144, ladder)).toEqual({ dueAt: iso(168) });
  });

  test("is due for nobody who was not warned, and for no repair that follows at once", () => {
    expect(reminded({}, 500)).toBeUndefined();
    expect(reminded(warned, 500, [{ afterHours: 0, do: "remediate" }])).toBeUndefined();
  });
});

describe("the last step", () => {
  const ladder: Ladder = [...week, { afterHours: 720, do: "finish" }];

  test("is due at its hours, counted from the warning", () => {
    expect(finishDueAt(ladder, warned, hour(168))).toEqual(hour(720));
    expect(notDue(ladder, { ...warned, finishDueAt: iso(720) }, "final", at(719))).toContain(iso(720));
    expect(notDue(ladder, { ...warned, finishDueAt: iso(720) }, "final", at(720))).toBeUndefined();
  });

  test("leaves as much time after a repair that came late", () => {
    expect(finishDueAt(ladder, warned, hour(300))).toEqual(hour(300 + 552));
    expect(finishDueAt(ladder, {}, hour(10))).toEqual(hour(10 + 552));
  });

  test("is none where the ladder has none", () => {
    expect(finishDueAt(week, warned, hour(168))).toBeUndefined();
    expect(notDue(week, warned, "final", at(10_000))).toContain("no last step");
  });
});
