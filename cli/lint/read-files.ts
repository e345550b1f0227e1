import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { messageOf } from "../../shared/errors.ts";
import type { LintFile } from "../../shared/lint/lint.ts";
import type { LintProblem } from "../../shared/lint/report.ts";
import { standardInput } from "../standard-input.ts";

/** What standard input is called in reports. */
const nameInReports = "stdin";

export interface ReadFiles {
  readonly files: readonly LintFile[];
  readonly problems: readonly LintProblem[];
}

/** Reads each file once; one that cannot be read is a problem, and stops no other. `-` is standard input. */
export const readFiles = async (names: readonly string[]): Promise<ReadFiles> => {
  const files: LintFile[] = [];
  const problems: LintProblem[] = [];
  for (const name of new Set(names)) {
    try {
      const bytes = name === "-" ? await buffer(standardInput()) : await readFile(name);
      files.push({ name: name === "-" ? nameInReports : name, text: bytes.toString("utf8") });
    } catch (error) {
      const isDirectory = error instanceof Error && "code" in error && error.code === "EISDIR";
      const message = isDirectory
        ? `is a directory; name the files in it, such as ${name.replace(/\/$/, "")}/*.template.json`
        : `cannot be read: ${messageOf(error)}`;
      problems.push({ file: name, message });
    }
  }
  return { files, problems };
};
