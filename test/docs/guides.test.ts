import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HubStack } from "../../infra/hub-stack.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { everythingRepairs, resourcesOf, settingsFileOf, templateOf } from "../infra/templates.ts";
import { describeWithPeers, runPython } from "../support/peers.ts";
import { runWarden } from "../support/warden-process.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const guides = ["install", "operate", "cost", "roles", "lint"].map((name) => [name, read(`docs/${name}.md`)] as const);
const page = (wanted: string): string => guides.find(([name]) => name === wanted)?.[1] ?? "";

/** The shell commands of a guide's blocks, a line each, without comments and pipes. */
const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
    .flatMap(([, block = ""]) => block.replaceAll(/\\\n\s*/g, " ").split("\n"))
    .map((line) => line.trim().replace(/\s+#.*$/, ""));

const template = templateOf((app) => new HubStack(app, "hub", { settingsFile: settingsFileOf(everythingRepairs) }));

describe.each(guides)("docs/%s.md", (_name, text) => {
  it("links to what exists", () => {
    for (const [, target = ""] of text.matchAll(/\]\((?!https:)([^)#]+)\)/g))
      expect(existsSync(new URL(`../../docs/${target}`, import.meta.url)), target).toBe(true);
  });

  it("names commands that exist, with options that they take", { timeout: 120_000 }, async () => {
    const helps = new Map<string, string>();
    for (const [, name = "", rest = ""] of text.matchAll(/npx warden ((?:settings )?[a-z]+)([^\n`#]*)/g)) {
      const help = helps.get(name) ?? (await runWarden([...name.split(" "), "--help"])).stdout;
      helps.set(name, help);
      expect(help, name).toContain(`Usage: warden ${name}`);
      for (const [option] of rest.matchAll(/--[\w-]+/g)) expect(help, `${name} ${option}`).toContain(option);
    }
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
    for (const [, script = ""] of text.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
  });
});

describe("the installation", () => {
  const text = page("install");

  it("has valid settings, which change no control and repair nothing", () => {
    const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(text) ?? [];
    const { deployment, controls, subscribers } = parseSettings(yaml, "docs/install.md");
    expect(Object.keys(deployment).sort()).toEqual(
      ["hubAccountId", "hubRegion", "members", "operationsEmail", "organizationId", "regions", "targets"].sort(),
    );
    const off = Object.values(controls).filter(({ mode }) => mode === "off").length;
    expect(controls).toEqual(defaultSettings().controls);
    expect(subscribers).toHaveLength(1);
    expect(text).toContain(`ok; ${Object.keys(controls).length - off} controls on, ${off} off; nothing is repaired`);
  });

  it("has the permissions of the calls that bootstrap makes, no more and no less", () => {
    const source = ["observe", "organization", "steps"].map((name) => read(`cli/bootstrap/${name}.ts`)).join("\n");
    const called = [...source.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-(\w+)"/g)].flatMap(
      ([, names = "", service = ""]) =>
        [...names.matchAll(/\bpaginate(\w+)|\b([A-Z]\w+)Command\b/g)].map(
          ([, paged, operation]) => `${service}:${paged ?? operation}`,
        ),
    );
    const [, json = "{}"] = /^```json\n([\s\S]*?)^```$/m.exec(text) ?? [];
    const policy: { Statement: { Sid: string; Action: string[] }[] } = JSON.parse(json);
    expect(policy.Statement.find(({ Sid }) => Sid === "PrepareTheOrganization")?.Action).toEqual(
      [...new Set(called)].sort(),
    );
  });

  it("shows what bootstrap shows of each step, and names the stack's outputs", async () => {
    const steps = [...text.matchAll(/^will be done {2}.*\((\w+:\w+)\)$/gm)].map(([, permission]) => permission);
    const source = read("cli/bootstrap/steps.ts");
    expect(steps).toHaveLength(7);
    for (const permission of steps) expect(source).toContain(`"${permission}"`);
    const outputs = Object.keys(template.toJSON().Outputs).filter((name) => text.includes(name));
    expect(outputs).toEqual(Object.keys(template.toJSON().Outputs));
  });
});

describe("the operation", () => {
  it("says what to do for each alarm, and for none that is not there", () => {
    const named = [...page("operate").matchAll(/`(iam-warden-[\w-]+)`(?=[,|\s])/g)].map(([, name]) => name);
    const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties.AlarmName);
    const rows = page("operate")
      .split("\n")
      .filter((line) => line.startsWith("| `iam-warden-"))
      .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(rows.toSorted()).toEqual(alarms.toSorted());
    expect(named).toEqual(expect.arrayContaining(alarms));
  });
});

describe("the cost", () => {
  it("shows what the command says", async () => {
    const [, example = ""] = /^```\n(200 accounts[\s\S]*?)^```$/m.exec(page("cost")) ?? [];
    const { stdout } = await runWarden(["cost", "--accounts", "200", "--events-per-day", "5000"]);
    expect(stdout.startsWith(example)).toBe(true);
    expect(example).toMatch(/^Total +22\.\d\d\n$/m);
  });
});

/** Whatever is wrong with commands of the AWS CLI, by the models of the services that it is made from. */
const checkCommands = `
import json, sys
import botocore.session
from botocore import xform_name
session = botocore.session.get_session()
own = {"query", "output", "region", "max-items"}
problems = []
for words in json.load(sys.stdin):
    service, name, *rest = words
    model = session.get_service_model(service)
    operations = {xform_name(each, "-"): each for each in model.operation_names}
    if name not in operations:
        problems.append([service, name]); continue
    shape = model.operation_model(operations[name]).input_shape
    members = {xform_name(each, "-"): each for each in (shape.members if shape else {})}
    given = {word[2:] for word in rest if word.startswith("--")}
    flags = {"no-" + each for each, member in members.items() if shape.members[member].type_name == "boolean"}
    required = {xform_name(each, "-") for each in (shape.required_members if shape else [])}
    wrong = sorted(given - set(members) - flags - own) + sorted("missing " + each for each in required - given)
    if wrong: problems.append([service, name, *wrong])
print(json.dumps({"problems": problems}))
`;

describeWithPeers(["boto3"], "the AWS CLI in the guides", () => {
  const commands = guides.flatMap(([, text]) =>
    commandsIn(text).flatMap((line) => {
      const [, command] = /(?:^|\$\()aws ([^|]*?)(?:\s*\||\)?$)/.exec(line) ?? [];
      // What the AWS CLI adds to the services' own operations is in no model.
      if (command === undefined || /^(?:cloudformation deploy|logs tail|s3 cp|\w+ wait) /.test(command)) return [];
      return [
        command
          .replace(/ --profile \w+/, "")
          // The AWS CLI's name for the operations themselves.
          .replace(/^s3api /, "s3 ")
          .trim()
          .split(/\s+/),
      ];
    }),
  );

  it("is all of operations and options that exist, and no required one is missing", async () => {
    expect(commands.length).toBeGreaterThan(30);
    expect(await runPython(checkCommands, commands)).toEqual({ problems: [] });
  });

  it("would be refused if it were not", async () => {
    const wrong = [
      ["iam", "list-role"],
      ["iam", "list-roles", "--scope", "Local"],
      ["sqs", "list-queues", "--no-such"],
      ["iam", "attach-role-policy", "--role-name", "x"],
    ];
    expect(await runPython(checkCommands, wrong)).toEqual({
      problems: [
        ["iam", "list-role"],
        ["iam", "list-roles", "scope"],
        ["sqs", "list-queues", "no-such"],
        ["iam", "attach-role-policy", "missing policy-arn"],
      ],
    });
  });
});
