import { beforeAll, describe, expect, it } from "vitest";
import type { Grant, GrantReport } from "../../sandbox/grants/granted.ts";
import { reasonFor, reasons } from "../../sandbox/grants/reasons.ts";
import { exercise } from "../../sandbox/grants/run.ts";

// The whole product at work, two days in an organization of five accounts; what of it fails to do what it should, throws.

let report: GrantReport;
beforeAll(async () => {
  report = await exercise();
}, 180_000);

const shown = ({ role, statement, action }: Grant): string => `${role} [${statement}] ${action}`;

describe("what the templates grant with everything opted in", () => {
  it("is exercised by the product at work, grant by grant, or has a reason", () => {
    expect(report.granted.length).toBeGreaterThan(150);
    expect(report.idle.filter((grant) => reasonFor(grant) === undefined).map(shown)).toEqual([]);
  });

  it("has no reason where it is exercised", () => {
    const idle = new Set(report.idle.map(shown));
    const exercised = report.granted.filter((grant) => !idle.has(shown(grant)));
    expect(exercised.filter((grant) => reasonFor(grant) !== undefined).map(shown)).toEqual([]);
  });

  it("has no reason for what is not granted", () => {
    const unneeded = reasons.filter(({ of }) => !report.idle.some(({ role, action }) => of.test(`${role} ${action}`)));
    expect(unneeded.map(({ why }) => why)).toEqual([]);
  });
});
