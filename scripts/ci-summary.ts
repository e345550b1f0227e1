import { readFileSync } from "node:fs";
import * as z from "zod";

/** The part of vitest's JSON report that counts. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/**
 * Counts a test run for the closing line of CI. A test file that could not even be loaded has no failed tests of its
 * own, and a run that failed outside any test has none at all: each counts as one failure, so that a red run never
 * reads "0 failed".
 */
export const countResults = (report: unknown, testsExit: number): { passed: number; failed: number } => {
  const { numPassedTests, numFailedTests, testResults } = reportSchema.parse(report);
  const brokenFiles = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return { passed: numPassedTests, failed: testsExit !== 0 && failed === 0 ? 1 : failed };
};

const readReport = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    console.error(`no test report at ${path}: ${String(cause)}`);
    return undefined;
  }
};

if (import.meta.main) {
  const [path = "", testsExit = "1", failedChecks = "0"] = process.argv.slice(2);
  const report = readReport(path);
  const tests = report === undefined ? { passed: 0, failed: 1 } : countResults(report, Number(testsExit));
  const failed = tests.failed + Number(failedChecks);
  console.log(`${tests.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
