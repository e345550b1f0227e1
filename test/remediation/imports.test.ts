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

const remediation = (file: string): boolean => file.startsWith("shared/remediation/");
/** Steps are data, which controls are made of. */
const data = new Set(["shared/remediation/step.ts"]);
/** What may write, or leads to it. None of them is there yet but the executor itself. */
const writers: readonly string[] = [];

const detection = ["functions", "cli", "shared"]
  .flatMap(sourcesIn)
  .filter((file) => !remediation(file) && !writers.includes(file));

it("sees what a file imports", () => {
  expect([...reachable("shared/remediation/undo.ts")]).toContain("shared/remediation/perform.ts");
  expect([...reachable("functions/intake.ts")]).toContain("shared/controls/console-user-without-mfa.ts");
  expect(detection.length).toBeGreaterThan(80);
});

it.each(detection)("%s leads to nothing that can write", (file) => {
  expect([...reachable(file)].filter((found) => remediation(found) && !data.has(found))).toEqual([]);
});

it("only one file makes IAM's writes", () => {
  const writing =
    /import \{[^}]*\b(?:Add|Attach|Create|Deactivate|Delete|Detach|Put|Remove|Set|Tag|Untag|Update|Upload)\w*Command\b[^}]*\} from "@aws-sdk\/client-iam"/;
  const files = ["functions", "cli", "shared"]
    .flatMap(sourcesIn)
    .filter((file) => writing.test(readFileSync(file, "utf8")));
  expect(files).toEqual(["shared/remediation/perform.ts"]);
});
