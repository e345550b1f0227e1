import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthOf, type Size, totalOf } from "../../cli/cost/model.ts";
import { prices } from "../../cli/cost/prices.ts";

const sizes = fc.record({
  accounts: fc.integer({ min: 1, max: 100_000 }),
  eventsPerDay: fc.integer({ min: 0, max: 1_000_000_000 }),
  regions: fc.integer({ min: 1, max: 40 }),
  findings: fc.integer({ min: 0, max: 10_000_000 }),
});
const usdOf = (size: Size): Readonly<Record<string, number>> =>
  Object.fromEntries(monthOf(size).map(({ item, usd }) => [item, usd]));

describe("a month's bill", () => {
  it("never shrinks, in total or in any item, when anything grows", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.constantFrom("accounts", "eventsPerDay", "regions", "findings"),
        fc.integer({ min: 1, max: 100_000 }),
        (size, what, more) => {
          const before = usdOf(size);
          for (const [item, usd] of Object.entries(usdOf({ ...size, [what]: size[what] + more })))
            expect(usd, item).toBeGreaterThanOrEqual(before[item] ?? Number.NaN);
        },
      ),
    );
  });

  it("is the sum of its items, each of them its quantity at its price, and none of them negative", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const lines = monthOf(size);
        expect(lines).toHaveLength(Object.keys(prices).length);
        for (const { quantity, price, usd } of lines) {
          expect(quantity).toBeGreaterThanOrEqual(0);
          expect(usd * price.per).toBeCloseTo(quantity * price.usd, 4);
        }
        expect(totalOf(lines)).toBe(lines.reduce((total, { usd }) => total + usd, 0));
      }),
    );
  });

  it("has without events only what does not depend on them", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const quiet = usdOf({ ...size, eventsPerDay: 0 });
        expect(quiet["EventBridge: events to the hub"]).toBe(0);
        expect(quiet["Data between Regions"]).toBe(0);
        // However many Regions there are: nothing is sent from them.
        expect(usdOf({ ...size, eventsPerDay: 0, regions: 1 })).toEqual(quiet);
      }),
    );
  });

  it("grows with each event by the same", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 1_000_000 }), (size, eventsPerDay) => {
        const total = (events: number): number => totalOf(monthOf({ ...size, eventsPerDay: events }));
        const once = total(eventsPerDay) - total(0);
        expect(total(3 * eventsPerDay) - total(0)).toBeCloseTo(3 * once, 3);
      }),
    );
  });

  it("of 100 accounts, 3,000 events a day, 2 Regions and 400 findings is as reckoned by hand", () => {
    const size = { accounts: 100, eventsPerDay: 3000, regions: 2, findings: 400 };
    const quantities = Object.fromEntries(monthOf(size).map(({ item, quantity }) => [item, quantity]));
    const gib = 2 ** 30;
    // 3,000 × 30 = 90,000 events, of which a fiftieth, 1,800, change a finding.
    const byHand = {
      "EventBridge: events to the hub": 90_000,
      "Data between Regions": (45_000 * 4096) / gib,
      "EventBridge: archive, written": (90_000 * 4096) / gib,
      "EventBridge: archive, kept": (3 * 90_000 * 4096) / gib,
      "SQS: events, and looking for them": 270_000 + 3 * 5 * 129_600,
      "Lambda: requests": 90_000 + 30 + 3000 + 60 + 720 + 600 + 4 + 3000,
      // intake 90,000 × 2 s × ½ GB; listing 30 × 6 s × ¼; sweeps 3,000 × 20 s × 1; digest 60 × 10 s × 1; hourly 720 × 25 s × 1;
      // operator 600 × 2 s × 1; settings 4 × 2 s × ½; doctor 3,000 × 2 s × ½
      "Lambda: compute": 90_000 + 45 + 60_000 + 600 + 18_000 + 1200 + 4 + 3000,
      "DynamoDB: writes": 1800 * 28 + 21_000,
      // 6 an event; 300 for all findings and 1 an account, 60 times in sweeps and 720 times in hours; 6 an hour
      "DynamoDB: reads": 540_000 + 780 * 400 + 4320,
      "DynamoDB: storage": (2200 * 6 * 1024) / gib,
      "DynamoDB: point-in-time recovery": (2200 * 6 * 1024) / gib,
      "AppConfig: asking for settings": 97_414,
      "AppConfig: settings received": 3000,
      "Step Functions: sweeps": 30 * 407,
      "SNS: messages": 1830,
      "SNS: emails": 3660,
      "KMS: AWS's own keys": 1830 + 8640,
      "CloudWatch: logs written": (97_414 * 3 * 1024) / gib,
      "CloudWatch: logs kept": (3 * 97_414 * 3 * 1024) / gib,
      "CloudWatch: alarms": 40,
      "CloudWatch: metrics": 20,
      "CloudWatch: dashboard": 1,
    };
    expect(Object.keys(quantities)).toEqual(Object.keys(byHand));
    for (const [item, quantity] of Object.entries(byHand)) expect(quantities[item], item).toBeCloseTo(quantity, 9);
    // 0.09 + 0.003 + 0.034 + 0.024 + 0.886 + 0.019 + 2.305 + 0.045 + 0.107 + 0.003 + 0.003 + 0.019 + 2.4 + 0.305 + 0.001 + 0.073 + 0.031 +
    // 0.139 + 0.025 + 4 + 6 + 3
    expect(totalOf(monthOf(size))).toBeCloseTo(19.51, 2);
  });
});
