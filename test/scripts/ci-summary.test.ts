import { join } from "node:path";
import { expect, test } from "vitest";
import { countResults, failuresOf } from "../../scripts/ci-summary.ts";

const report = (passed: number, failed: number, files: { status: string; tests: string[] }[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults: files.map(({ status, tests }, file) => ({
    name: join(process.cwd(), `test/${file}.test.ts`),
    status,
    message: status === "failed" && !tests.includes("failed") ? "SyntaxError: no export\nof that name" : "",
    assertionResults: tests.map((test, at) => ({
      status: test,
      fullName: `group ${at}`,
      failureMessages: test === "failed" ? ["Error: two lines\nof reason"] : [],
    })),
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

test("says what failed and why, a line each", () => {
  const files = [
    { status: "passed", tests: ["passed"] },
    { status: "failed", tests: ["passed", "failed"] },
    { status: "failed", tests: [] },
  ];
  expect(failuresOf(report(2, 1, files))).toEqual([
    "test/1.test.ts: group 1: Error: two lines",
    "test/2.test.ts: SyntaxError: no export",
  ]);
});

test("a report of another shape is an error, not a green run", () => {
  expect(() => countResults({ passed: 3 }, 0)).toThrow();
});
