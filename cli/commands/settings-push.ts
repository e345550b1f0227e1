import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { Command } from "commander";
import { SettingsError, WardenError } from "../../shared/errors.ts";
import { settingsAsJson } from "../../shared/settings/as-json.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { askYes, canAsk } from "../ask.ts";
import { explain } from "../audit/explain.ts";
import { CommandError, exitCodes, RefusedError } from "../command-error.ts";
import { reason } from "../operator/options.ts";
import { note, print } from "../output.ts";
import { readSettingsText } from "../read-settings.ts";
import { deployedSettings } from "../settings/deployed.ts";
import { differences } from "../settings/differences.ts";

interface PushOptions {
  readonly why: string;
  readonly atOnce: boolean;
  readonly yes: boolean;
  readonly profile?: string;
  readonly region?: string;
}

/** `warden settings push FILE`: changes the settings of a deployed iam-warden without a deployment of the stack. */
export const settingsPushCommand = (): Command =>
  new Command("push")
    .summary("change the settings of a deployed iam-warden")
    .description(
      "Checks a settings file, shows what it changes of the settings in AppConfig, asks, and deploys it there: with your AWS " +
        "credentials, in the account and the Region that iam-warden runs in.",
    )
    .argument("<file>", "the warden.config.yaml to deploy")
    .requiredOption("--why <text>", "your reason, kept with the version", reason)
    .option("--at-once", "all functions at once, and no alarm takes it back: to pause or lower something", false)
    .option("--yes", "do not ask", false)
    .option("--profile <name>", "a profile of your AWS configuration")
    .option("--region <region>", "that iam-warden runs in (default: as configured)")
    .action(async (file: string, options: PushOptions) => {
      if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
      const next = await checked(file);
      if (next === undefined) return;
      const client = new AppConfigClient(options.region === undefined ? {} : { region: options.region });
      try {
        await push(client, next, options);
      } catch (error) {
        throw error instanceof WardenError ? error : explain(error);
      }
    });

/** The file as AppConfig takes it; `undefined`, with its problems said, if it cannot be used. */
const checked = async (file: string): Promise<string | undefined> => {
  try {
    return settingsAsJson(await readSettingsText(file), file);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(error.problems.map((problem) => `${visibleText(problem)}\n`).join(""));
    process.exitCode = exitCodes.usage;
    return undefined;
  }
};

const push = async (client: AppConfigClient, next: string, { why, atOnce, yes }: PushOptions): Promise<void> => {
  const deployed = await deployedSettings(client);
  const changes = differences(parsed(deployed.content), JSON.parse(next));
  if (changes.length === 0) {
    await print("Nothing changes: AppConfig has these settings.\n");
    return;
  }
  note(changes.map((change) => visibleText(change)).join("\n"));
  if (!yes) await confirm(changes.length);
  const pace = atOnce ? "at-once" : "gradually";
  const { version, deployment, stop } = await deployed.replace(next, { pace, why });
  await print(
    `Version ${version} is being deployed ${pace}, as deployment ${deployment}. To take it back:\n  ${stop}\n`,
  );
  note("warden: commit the file too: the next cdk deploy that changes it deploys it as it is.");
};

/** What AppConfig has may be no JSON, if somebody put it there by hand. */
const parsed = (content: string): unknown => {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
};

const confirm = async (count: number): Promise<void> => {
  if (!canAsk())
    throw new CommandError("Nobody can be asked without a terminal: if these are the changes that you want, add --yes");
  if (await askYes(`Deploy ${count === 1 ? "this change" : `these ${count} changes`}? (y/N) `)) return;
  throw new RefusedError("Nothing is deployed.");
};
