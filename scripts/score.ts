import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { MalformedInputError, messageOf } from "../shared/errors.ts";
import { readCases } from "./score/case.ts";
import { figure, scorePage } from "./score/page.ts";
import { reasons } from "./score/reasons.ts";
import { scoreCases } from "./score/tally.ts";

const page = "docs/policy-score.md";
const usage = `usage: npm run score -- PATH
Judges the decisions of a peer tool (JSON Lines: id, family, check, input, expected) as we would, and writes ${page}.`;

const main = async (): Promise<number> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    console.error(usage);
    return 2;
  }
  const score = scoreCases(readCases(await readFile(path, "utf8")), reasons);
  console.table(Object.fromEntries(score.families.map(({ family, ...counts }) => [family, counts])));
  for (const { check, cases, why } of score.notJudged) console.log(`not judged: ${check} (${cases}): ${why}`);
  console.log(`We agree on ${figure(score)}.`);
  for (const problem of score.problems) console.error(problem);
  if (score.problems.length > 0) return 1;
  await writeFile(page, scorePage(score));
  console.log(`wrote ${page}`);
  return 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  const isInput = error instanceof MalformedInputError || (error instanceof Error && "code" in error);
  console.error(isInput ? messageOf(error) : error);
  process.exitCode = 2;
}
