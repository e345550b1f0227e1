import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

/** Everything that a file leads to, types left out: those vanish before anything runs. */
const reachable = (start: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(start)) return seen;
  seen.add(start);
  const source = readFileSync(start, "utf8").replace(/^import type [^;]*;/gm, "");
  for (const [, target = ""] of source.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g))
    reachable(join(dirname(start), target), seen);
  return seen;
};

/** The one file that makes IAM's writes. */
const writing = "shared/remediation/perform.ts";
/** What leads there: the function that repairs and its parts. Nothing else does, neither detection nor the operator. */
const writers: readonly string[] = [
  writing,
  "functions/remediate.ts",
  "shared/remediation/executor.ts",
  "shared/remediation/receive.ts",
  "shared/remediation/run-repair.ts",
  "shared/remediation/run-undo.ts",
  "shared/remediation/undo.ts",
];

const marking = "shared/marks/leave-mark.ts";
const others = ["functions", "cli", "shared"].flatMap(sourcesIn).filter((file) => !writers.includes(file));

it("sees what a file imports", () => {
  expect([...reachable("shared/remediation/undo.ts")]).toContain(writing);
  expect([...reachable("functions/intake.ts")]).toContain("shared/controls/console-user-without-mfa.ts");
  expect(others.length).toBeGreaterThan(80);
});

it.each(others)("%s leads to nothing that can write", (file) => {
  expect([...reachable(file)]).not.toContain(writing);
});

it("only one file makes IAM's writes, but for the mark", () => {
  const imports =
    /import \{[^}]*\b(?:Add|Attach|Create|Deactivate|Delete|Detach|Put|Remove|Set|Tag|Untag|Update|Upload)\w*Command\b[^}]*\} from "@aws-sdk\/client-iam"/;
  const files = ["functions", "cli", "shared"]
    .flatMap(sourcesIn)
    .filter((file) => imports.test(readFileSync(file, "utf8")));
  expect(files).toEqual([marking, writing]);
});

it("the other makes one write, the mark on the audit role", () => {
  const source = readFileSync(marking, "utf8");
  expect([...source.matchAll(/\b(\w+)Command\(/g)].map(([, name]) => name)).toEqual(["TagRole"]);
  expect(source).toContain("RoleName: auditRoleName, Tags: [{ Key: markKey,");
});
