import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExpression } from "../../../sandbox/scheduler/expression.ts";

const next = (text: string, after: string, since = after): string | undefined =>
  parseExpression(text).next(new Date(after), new Date(since))?.toISOString().slice(0, 16);

describe("a schedule's expression", () => {
  const cases: [string, string, string | undefined][] = [
    ["cron(0 6 * * ? *)", "2026-11-02T05:59:59Z", "2026-11-02T06:00"],
    ["cron(0 6 * * ? *)", "2026-11-02T06:00:00Z", "2026-11-03T06:00"],
    ["cron(30 * * * ? *)", "2026-12-31T23:45:00Z", "2027-01-01T00:30"],
    ["cron(0/15 8-10 * * ? *)", "2026-11-02T10:46:00Z", "2026-11-03T08:00"],
    ["cron(0 0 1 1,7 ? *)", "2026-11-02T00:00:00Z", "2027-01-01T00:00"],
    ["cron(0 9 ? * 2 *)", "2026-11-03T00:00:00Z", "2026-11-09T09:00"],
    ["cron(0 0 29 2 ? *)", "2026-11-03T00:00:00Z", "2028-02-29T00:00"],
    ["cron(0 0 1 1 ? 2020)", "2026-11-03T00:00:00Z", undefined],
    ["rate(5 minutes)", "2026-11-02T08:00:00Z", "2026-11-02T08:05"],
    ["rate(1 day)", "2026-11-02T08:00:00Z", "2026-11-03T08:00"],
  ];
  it.each(cases)("%s is due next after %s at %s", (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it("of a rate counts from the start", () => {
    expect(next("rate(1 hour)", "2026-11-02T09:30:00Z", "2026-11-02T08:10:00Z")).toBe("2026-11-02T10:10");
  });

  it.each([
    "every day",
    "cron(0 6 * * *)",
    "cron(0 6 1 * 2 *)",
    "cron(60 6 * * ? *)",
    "cron(0 6 L * ? *)",
    "rate(0 minutes)",
    "rate(5 weeks)",
  ])("is refused if it is %s", (text) => {
    expect(() => parseExpression(text)).toThrow();
  });

  it("is never due twice in its minute, nor before", () =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
        (after) => {
          const expression = parseExpression("cron(30 * * * ? *)");
          const first = expression.next(after, after);
          const second = first && expression.next(first, after);
          expect((first?.getTime() ?? 0) - after.getTime()).toBeGreaterThan(0);
          expect((second?.getTime() ?? 0) - (first?.getTime() ?? 0)).toBe(3_600_000);
        },
      ),
    ));
});
