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
      unknownCauses: [
        { cause: "denied", count: 2 },
        { cause: "no report", count: 1 },
      ],
    });
  });

  it("counts what has one cause together, whomever it is about", () => {
    const tally = createTally();
    for (const name of ["alice", "bob"]) {
      tally.add(unknown(`Cannot tell whether user ${name} has an MFA device`, "iam:ListMFADevices was denied"));
    }
    expect(tally.total().unknownCauses).toEqual([{ cause: "iam:ListMFADevices was denied", count: 2 }]);
  });

  it("counts together what rests on reports of several times, which only the reasons tell", () => {
    const tally = createTally();
    for (const time of ["2026-11-02T08:00:00.000Z", "2026-11-02T09:30:01.000Z"]) {
      for (const why of [
        `created after the credential report of ${time}`,
        `the credential report of ${time} is stale`,
      ]) {
        const verdict = unknown("Cannot tell whether it has an MFA device", why);
        expect(verdict).toMatchObject({ reason: `Cannot tell whether it has an MFA device: ${why}` });
        tally.add(verdict);
      }
    }
    expect(tally.total().unknownCauses).toEqual([
      { cause: "created after the credential report", count: 2 },
      { cause: "the credential report is stale", count: 2 },
    ]);
  });

  it("stays small however many causes there are, and loses no count", () => {
    let tally = createTally();
    for (let part = 0; part < 10; part++) {
      for (let index = 0; index < 100; index++) tally.add(unknown(`cause ${part}-${index}`));
      tally = createTally(tally.total());
    }
    const { verdicts, unknownCauses } = tally.total();
    expect(verdicts.unknown).toBe(1000);
    expect(unknownCauses).toHaveLength(21);
    expect(unknownCauses[0]).toEqual({ cause: "other causes", count: 980 });
    expect(unknownCauses.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });
});
