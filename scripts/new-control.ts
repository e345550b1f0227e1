import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type SubjectKind, subjectKinds } from "../shared/subject.ts";
import { controlFile, kinds, registered, testFile } from "./control-template.ts";

const usage = `usage: npm run new-control -- ID --subject ${subjectKinds.join("|")}
ID names the bad state in lower-case words with hyphens, e.g. user-with-attached-policy.`;

class UsageError extends Error {}

const isKind = (value: string | undefined): value is SubjectKind => value !== undefined && Object.hasOwn(kinds, value);

const readArguments = (): { readonly id: string; readonly subject: SubjectKind } | "help" => {
  const { values, positionals } = parseArgs({
    options: { subject: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
    allowPositionals: true,
  });
  if (values.help) return "help";
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) throw new UsageError("give one id");
  if (!/^[a-z]+(?:-[a-z]+)+$/.test(id))
    throw new UsageError(`"${id}" is not two or more lower-case words with hyphens`);
  if (!isKind(values.subject)) throw new UsageError(`--subject is ${values.subject ?? "missing"}`);
  return { id, subject: values.subject };
};

const main = (): void => {
  const asked = readArguments();
  if (asked === "help") {
    console.log(usage);
    return;
  }
  const { id, subject } = asked;
  const control = `shared/controls/${id}.ts`;
  const test = `test/controls/${id}.test.ts`;
  const catalogue = "shared/controls/catalogue.ts";
  for (const path of [control, test]) if (existsSync(path)) throw new UsageError(`${path} exists already`);
  const withControl = registered(readFileSync(catalogue, "utf8"), id);
  writeFileSync(control, controlFile(id, subject));
  writeFileSync(test, testFile(id, subject));
  writeFileSync(catalogue, withControl);
  const files = [control, test, catalogue];
  const biome = ["node_modules/@biomejs/biome/bin/biome", "check", "--write", ...files];
  const formatted = spawnSync(process.execPath, biome, { encoding: "utf8" });
  if (formatted.status !== 0) throw new Error(`biome could not format ${files.join(", ")}:\n${formatted.stderr}`);
  console.log(`wrote ${control}
wrote ${test}
registered ${id} in ${catalogue}

Next: write evaluate, its table and the guidance, wherever it says TODO. Until then the control answers "unknown", and
  npx vitest run ${test} test/controls/catalogue.test.ts
fails. Then "npm run docs" writes its page, and "npm run check" looks at everything.`);
};

try {
  main();
} catch (error) {
  const misused = error instanceof UsageError || error instanceof TypeError;
  console.error(misused ? `${error.message}\n${usage}` : error);
  process.exitCode = misused ? 2 : 1;
}
