import { beforeAll, describe, expect, it } from "vitest";
import type { Grant, GrantReport } from "../../sandbox/grants/granted.ts";
import { reasonFor, reasons } from "../../sandbox/grants/reasons.ts";
import { exercise } from "../../sandbox/grants/run.ts";
import { grantTable } from "../../sandbox/grants/table.ts";
import { run } from "../support/peers.ts";

// The whole product at work, two days in an organization of five accounts; what of it fails to do what it should, throws.

let report: GrantReport;
beforeAll(async () => {
  report = await exercise();
}, 180_000);

const shown = ({ role, statement, action }: Grant): string => `${role} [${statement}] ${action}`;

describe("npm run grants", () => {
  it.each([
    ["--help", 0, "", /^Usage: npm run grants/],
    ["--wide", 2, /^grants takes no "--wide"\n\nUsage/, ""],
  ])("answers %s at once", async (option, status, stderr, stdout) => {
    const answer = await run(process.execPath, ["sandbox/grants/run.ts", option]);
    expect(answer).toEqual({
      ...answer,
      status,
      stderr: stderr === "" ? "" : expect.stringMatching(stderr),
      stdout: stdout === "" ? "" : expect.stringMatching(stdout),
    });
  });

  it("says all within the width of the terminal", () => {
    const table = grantTable(report.granted, (grant) => reasonFor(grant), 100);
    for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    for (const { role, statement, action } of report.granted) {
      expect(table).toContain(role);
      expect(table).toMatch(new RegExp(`^  ${action.replaceAll("*", "\\*")} +${statement}$`, "m"));
    }
  });
});

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
