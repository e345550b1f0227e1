import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { describeWithPeers, run } from "../support/peers.ts";

// What `cdk` is given: the app as it runs, without bundles.

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.looseObject({ templateFile: z.string().optional() }).optional() }),
  ),
});

let outdir: string;
let templates: ReadonlyMap<string, string>;
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), "iam-warden-app-"));
  const context = JSON.stringify({ "aws:cdk:bundling-stacks": [] });
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: context };
  const { status, stderr } = await run(process.execPath, ["infra/app.ts"], { env });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const { artifacts } = manifestSchema.parse(JSON.parse(await readFile(join(outdir, "manifest.json"), "utf8")));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  templates = new Map(
    await Promise.all(
      stacks.map(
        async ([id, { properties }]): Promise<[string, string]> => [
          id,
          await readFile(join(outdir, properties?.templateFile ?? ""), "utf8"),
        ],
      ),
    ),
  );
});
afterAll(() => rm(outdir, { recursive: true }));

describe("the app", () => {
  it("has the hub, and what is deployed by hand beside it", () => {
    expect([...templates.keys()].toSorted()).toEqual([
      "iam-warden-deploy-role",
      "iam-warden-guardrails",
      "iam-warden-hub",
      "iam-warden-management-account",
    ]);
  });
});

const stepSchema = z.object({ uses: z.string().optional(), run: z.string().optional(), with: z.unknown().optional() });
const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      environment: z.string().optional(),
      permissions: z.record(z.string(), z.string()).optional(),
      steps: z.array(stepSchema),
    }),
  ),
});

describe("the sample workflow", async () => {
  const { permissions, concurrency, jobs } = workflowSchema.parse(
    parse(await readFile(".github/workflows/deploy.yml", "utf8")),
  );
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile("package.json", "utf8")));
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run: command = "" }) => command.split("\n").filter((line) => line !== ""));

  it("runs npm scripts that there are, and deploys stacks that there are", () => {
    const named = (pattern: RegExp) => commands.flatMap((command) => pattern.exec(command)?.[1] ?? []);
    const ran = named(/^npm run (\S+)/);
    expect(ran).toEqual(["check"]);
    expect(ran.filter((name) => scripts[name] === undefined)).toEqual([]);
    const deployed = named(/^npx cdk (?:diff|deploy) (\S+)/);
    expect(deployed).toHaveLength(2);
    expect(deployed.filter((id) => !templates.has(id))).toEqual([]);
    expect(commands.filter((command) => !/^npm (?:ci$|run )|^npx cdk (?:diff|deploy) /.test(command))).toEqual([]);
  });

  it("gives parameters that the hub takes, from the environment's variables", async () => {
    const text = await readFile(".github/workflows/deploy.yml", "utf8");
    const given = Array.from(text.matchAll(/--parameters (\w+)=\$\{\{ vars\.\w+ \}\}/g), ([, name = ""]) => name);
    const { Parameters } = z
      .object({ Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })) })
      .parse(JSON.parse(templates.get("iam-warden-hub") ?? ""));
    const needed = Object.entries(Parameters).flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));
    expect(given.toSorted()).toEqual(needed.toSorted());
  });

  it("has GitHub's token for AWS only in the environment that the role trusts, and writes nothing", () => {
    const { Parameters } = JSON.parse(templates.get("iam-warden-deploy-role") ?? "");
    expect(permissions).toEqual({ contents: "read" });
    for (const { environment, permissions: own = {}, needs } of Object.values(jobs)) {
      expect(Object.entries(own).filter(([name, level]) => level === "write" && name !== "id-token")).toEqual([]);
      if (own["id-token"] === undefined) continue;
      expect(`environment:${environment}`).toBe(Parameters.DeploysFrom.Default);
      expect(needs).toBe("check");
    }
    const unasked = Object.values(jobs).filter((job) =>
      job.steps.some(({ run: line }) => line?.includes("--require-approval never")),
    );
    expect(unasked).toHaveLength(1);
    expect(unasked.map(({ environment }) => environment)).toEqual(["iam-warden"]);
  });

  it("deploys one at a time, shows what changes first, and pins its actions", () => {
    expect(concurrency).toEqual({ group: "deploy-iam-warden", "cancel-in-progress": false });
    const order = commands.map((command) => command.split(" ").slice(0, 3).join(" "));
    expect(order.indexOf("npx cdk diff")).toBeLessThan(order.indexOf("npx cdk deploy"));
    const uses = steps.flatMap((step) => step.uses ?? []);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@(?:v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
  });
});

describeWithPeers(["cfn-lint"], "the app's templates in cfn-lint's eyes", () => {
  it.each([
    ["iam-warden-hub", ["--ignore-checks", "W3005"]], // Dependencies that the CDK spells out twice.
    ["iam-warden-deploy-role", []],
    ["iam-warden-guardrails", ["--regions", "us-east-1"]],
    ["iam-warden-management-account", ["--regions", "us-east-1"]],
  ])("%s has no error and no warning", async (id, options) => {
    const { status, stdout } = await run("cfn-lint", options, { input: templates.get(id) ?? "" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
