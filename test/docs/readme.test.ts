import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodesHelp } from "../../cli/command-error.ts";
import { configurationNames } from "../../infra/names.ts";
import { auditReads } from "../../shared/aws/audit-reads.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { runWarden } from "../support/warden-process.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const readme = read("README.md");
const block = (language: string, containing = ""): string => {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );
  return blocks.find((text) => text.includes(containing)) ?? "";
};

/** The operations that the program's readers call, by the SDK client that their commands come from. */
const operationsOf = (directories: readonly string[]): string[] => {
  const files = directories.flatMap((directory) =>
    readdirSync(new URL(`../../${directory}`, import.meta.url)).map((file) => read(`${directory}/${file}`)),
  );
  const operations = files.flatMap((source) =>
    [...source.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-(\w+)"/g)].flatMap(([, names = "", service = ""]) =>
      [...names.matchAll(/\b([A-Z]\w+)Command\b/g)].map(([, operation = ""]) => `${service}:${operation}`),
    ),
  );
  return [...new Set(operations)].sort();
};

test("the permissions in the README are the operations that the code calls, no more and no less", () => {
  const policy: { Statement: { Action: string | string[] }[] } = JSON.parse(block("json"));
  const called = operationsOf(["shared/aws", "shared/facts", "shared/organization"]);
  // Of Access Analyzer there is no SDK client.
  const needed = [...auditReads.analyzers, ...auditReads.findings, ...called];
  expect(needed).toContain("iam:GetAccountAuthorizationDetails");
  const notAsked = [
    "sts:GetCallerIdentity", // Everybody may ask who they are.
    // What only owners need: an audit has none.
    "organizations:ListTagsForResource",
    // What is read one by one only after an event: an audit has it from the account's authorization details.
    ...["GetGroup", "GetGroupPolicy", "GetRolePolicy", "GetUserPolicy", "ListGroupsForUser"].map(
      (name) => `iam:${name}`,
    ),
    ...["Group", "Role", "User"].flatMap((kind) => [`iam:List${kind}Policies`, `iam:ListAttached${kind}Policies`]),
  ];
  expect(policy.Statement.flatMap(({ Action }) => Action).sort()).toEqual(
    needed.filter((operation) => !notAsked.includes(operation)),
  );
});

test("the settings in the README are valid", () => {
  const settings = parseSettings(block("yaml"), "README.md");
  expect(settings.controls["stale-access-key"]?.options).toMatchObject({ maxAgeDays: 180 });
});

test("the page on repairs has valid settings, and a row for each control that has a repair", () => {
  const page = read("docs/repairs.md");
  const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  expect(parseSettings(`version: 1\n${yaml}`, "docs/repairs.md").controls["stale-access-key"]?.mode).toBe("remediate");
  const table = page.slice(page.indexOf("| control | repair |"), page.indexOf("## The ladder"));
  const repaired = controls.flatMap((control) => (control.type === "state" && control.repair ? [control.id] : []));
  expect(
    [...table.matchAll(/`([a-z-]+)`(?=[ ,])/g)]
      .map(([, id]) => id)
      .filter((id) => id !== "finish")
      .sort(),
  ).toEqual(repaired);
});

test("the page on settings at run time has valid settings, and the names that are deployed", () => {
  const page = read("docs/settings.md");
  const [, text = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  expect(parseSettings(`version: 1\n${text}`, "settings.md").repairs.held).toBeDefined();
  const { application, environment, profile, strategies } = configurationNames;
  for (const name of [application, environment, profile]) expect(page).toContain(`?Name=='${name}'`);
  for (const name of Object.values(strategies)) expect(page).toContain(`\`${name.replace("iam-warden-", "")}\``);
});

// It starts the command once for each that is named, and a busy machine takes seconds for each.
test("every command and script that the README names exists, with the options that it gives them", {
  timeout: 120_000,
}, async () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  for (const [, script = ""] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
  const named = [...readme.matchAll(/npx warden ((?:settings )?[a-z]+)([^\n`#]*)/g)];
  const names = new Set(named.map(([, name = ""]) => name));
  const helps = new Map(
    await Promise.all(
      [...names].map(async (name) => [name, (await runWarden([...name.split(" "), "--help"])).stdout] as const),
    ),
  );
  for (const [, name = "", rest = ""] of named)
    for (const [option] of rest.matchAll(/--[\w-]+/g)) expect(helps.get(name), `${name} ${option}`).toContain(option);
  expect([...helps.keys()].sort()).toEqual([
    "ack",
    "approve",
    "audit",
    "bootstrap",
    "controls",
    "cost",
    "doctor",
    "exempt",
    "exemptions",
    "explain",
    "findings",
    "history",
    "lint",
    "plan",
    "replay",
    "resume",
    "settings check",
    "settings json",
    "settings push",
    "show",
    "undo",
    "unexempt",
  ]);
});

test("every file that the README links to exists, and it counts the controls right", () => {
  for (const [, target = ""] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(new URL(`../../${target}`, import.meta.url)), target).toBe(true);
  }
  expect(readme).toContain(`${controls.length} controls`);
});

test("the README has the exit codes that --help has", () => {
  for (const code of [0, 1, 2, 3]) {
    expect(exitCodesHelp).toMatch(new RegExp(`^ {2}${code} `, "m"));
    expect(readme).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  }
});
