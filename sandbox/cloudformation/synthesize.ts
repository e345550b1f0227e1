import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type CfnResource, type Stack } from "aws-cdk-lib";
import { WardenFunction } from "../../infra/constructs/warden-function.ts";
import { GuardrailsStack } from "../../infra/guardrails-stack.ts";
import { HubStack } from "../../infra/hub-stack.ts";
import { ManagementAccountStack } from "../../infra/management-account-stack.ts";
import { writeBundledSettings } from "../../infra/settings-file.ts";
import type { Template } from "../../shared/cloudformation/template.ts";

/** What `cdk synth` makes, but for the functions' bundles. */
export interface Templates {
  readonly hub: Template;
  readonly managementAccount: Template;
  readonly guardrails: Template;
  /** The file of `functions/` behind each function of the hub, by logical id. */
  readonly entries: ReadonlyMap<string, string>;
  /** The directory with what a bundle has beside the code: the settings. */
  readonly taskRoot: string;
}

/** Directories of this process, gone when it ends. */
const newDirectory = (): string => {
  const made = mkdtempSync(join(tmpdir(), "iam-warden-synth-"));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
};

const cache = new Map<string, Templates>();

/**
 * The templates of a settings file (its text; absent: none), synthesized once in a process. Whoever changes what it answers
 * changes a copy.
 * @throws SettingsError
 */
export const synthesize = (settings?: string): Templates => {
  const key = settings ?? "";
  const found = cache.get(key) ?? synthesizeNow(settings);
  cache.set(key, found);
  return structuredClone(found);
};

const synthesizeNow = (settings: string | undefined): Templates => {
  const taskRoot = newDirectory();
  const settingsFile = join(taskRoot, "warden.config.yaml");
  if (settings !== undefined) {
    writeFileSync(settingsFile, settings);
    writeBundledSettings(settingsFile, taskRoot);
  }
  const props = settings === undefined ? {} : { settingsFile };
  const outdir = join(taskRoot, "cdk.out");
  return withoutValidation(() => {
    const app = new App({ outdir, analyticsReporting: false, treeMetadata: false, context: noBundles });
    const hub = new HubStack(app, "iam-warden-hub", props);
    const managementAccount = new ManagementAccountStack(app, "iam-warden-management-account", props);
    const guardrails = new GuardrailsStack(app, "iam-warden-guardrails", props);
    app.synth();
    const templateOf = ({ templateFile }: Stack): Template =>
      JSON.parse(readFileSync(join(outdir, templateFile), "utf8"));
    const templates = {
      ...{ hub: templateOf(hub), managementAccount: templateOf(managementAccount), guardrails: templateOf(guardrails) },
      entries: entriesOf(hub),
      taskRoot,
    };
    rmSync(outdir, { recursive: true });
    return templates;
  });
};

const noBundles = { "aws:cdk:bundling-stacks": [] };

const entriesOf = (hub: Stack): ReadonlyMap<string, string> =>
  new Map(
    hub.node
      .findAll()
      .filter((construct) => construct instanceof WardenFunction)
      .map(({ node, entry }) => [hub.getLogicalId(node.defaultChild as CfnResource), entry]),
  );

/** The validation of templates takes five times as long as making them, and is done where they are made for AWS. */
const withoutValidation = <T>(run: () => T): T => {
  const before = process.env.CDK_VALIDATION;
  process.env.CDK_VALIDATION = "false";
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
};
