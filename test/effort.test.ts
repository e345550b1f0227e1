import { describe, expect, it } from "vitest";
import { spend, TooIntricateError, withEffort } from "../shared/effort.ts";

describe("withEffort", () => {
  it("lets a judgement compare so much and no more", () => {
    const compare = (steps: number) => () => {
      spend(steps);
      return "judged";
    };
    expect(withEffort(10, compare(10))).toBe("judged");
    expect(() => withEffort(10, compare(11))).toThrow(TooIntricateError);
  });

  it("limits nothing outside a judgement, and the next one anew", () => {
    expect(() => withEffort(10, () => spend(11))).toThrow();
    expect(() => spend(1e12)).not.toThrow();
    expect(() => withEffort(10, () => spend(10))).not.toThrow();
  });

  it("gives one within another no more than that has left, and takes what it compared from it", () => {
    const nested = (outer: number, inner: number, after: number) => () =>
      withEffort(outer, () => {
        withEffort(20, () => spend(inner));
        spend(after);
      });
    expect(nested(10, 6, 4)).not.toThrow();
    expect(nested(10, 6, 5)).toThrow(TooIntricateError);
    expect(nested(10, 11, 0)).toThrow(TooIntricateError);
  });
});
