import { describe, expect, it } from "vitest";
import { compliant, notApplicable, unknown, violation } from "../../shared/control.ts";
import { createTally } from "../../shared/sweep/tally.ts";

describe("tally of a sweep", () => {
  it("goes on from where an earlier part left off", () => {
    const first = createTally();
    for (const verdict of [compliant, violation("old", {}), unknown("denied")]) first.add(verdict);
    const second = createTally(first.total());
    for (const verdict of [notApplicable("federated"), unknown("denied"), unknown("no report")]) second.add(verdict);
    expect(second.total()).toEqual({
      verdicts: { violation: 1, compliant: 1, unknown: 3, notApplicable: 1 },
      unknownReasons: [
        { reason: "denied", count: 2 },
        { reason: "no report", count: 1 },
      ],
    });
  });

  it("stays small however many reasons there are, and loses no count", () => {
    let tally = createTally();
    for (let part = 0; part < 10; part++) {
      for (let index = 0; index < 100; index++) tally.add(unknown(`reason ${part}-${index}`));
      tally = createTally(tally.total());
    }
    const { verdicts, unknownReasons } = tally.total();
    expect(verdicts.unknown).toBe(1000);
    expect(unknownReasons).toHaveLength(21);
    expect(unknownReasons[0]).toEqual({ reason: "other reasons", count: 980 });
    expect(unknownReasons.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });
});
