import { expect, test } from "vitest";
import { countResults } from "../../scripts/ci-summary.ts";

const report = (passed: number, failed: number, files: { status: string; tests: string[] }[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults: files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  })),
});

test.each([
  ["a green run", report(2, 0, [{ status: "passed", tests: ["passed", "passed"] }]), 0, { passed: 2, failed: 0 }],
  ["a failed test", report(1, 1, [{ status: "failed", tests: ["passed", "failed"] }]), 1, { passed: 1, failed: 1 }],
  ["a file that does not load", report(0, 0, [{ status: "failed", tests: [] }]), 1, { passed: 0, failed: 1 }],
  [
    "a failed hook beside passing tests",
    report(1, 0, [{ status: "failed", tests: ["passed"] }]),
    1,
    { passed: 1, failed: 1 },
  ],
  [
    "an unhandled rejection after green tests",
    report(1, 0, [{ status: "passed", tests: ["passed"] }]),
    1,
    { passed: 1, failed: 1 },
  ],
])("%s is counted", (_name, input, exit, expected) => {
  expect(countResults(input, exit)).toEqual(expected);
});

test("a report of another shape is an error, not a green run", () => {
  expect(() => countResults({ passed: 3 }, 0)).toThrow();
});
