import { readFileSync } from "node:fs";
import { relative } from "node:path";
import * as z from "zod";

/** The part of vitest's JSON report that counts. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
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

/** What failed, a line each: the file, the test, and the first line of why; last in a log of which only the end is kept. */
export const failuresOf = (report: unknown): readonly string[] =>
  reportSchema.parse(report).testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) return [`${file}: ${firstLine(message)}`];
    return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
  });

const firstLine = (text = ""): string => text.split("\n", 1)[0]?.slice(0, 300) ?? "";

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
  for (const failure of report === undefined ? [] : failuresOf(report)) console.log(`failed: ${failure}`);
  const failed = tests.failed + Number(failedChecks);
  console.log(`${tests.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
