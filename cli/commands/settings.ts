import { Command } from "commander";
import { SettingsError } from "../../shared/errors.ts";
import { settingsAsJson } from "../../shared/settings/as-json.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { exitCodes } from "../command-error.ts";
import { print } from "../output.ts";
import { readSettings, readSettingsText } from "../read-settings.ts";
import { settingsPushCommand } from "./settings-push.ts";

/** `warden settings check FILE`, `json FILE` and `push FILE`. */
export const settingsCommand = (): Command => {
  const check = new Command("check")
    .summary("check a settings file")
    .description(
      "Checks a settings file and prints a line for each problem: FILE:LINE:COLUMN, where, what, and what would be right.",
    )
    .argument("<file>", "the warden.config.yaml to check")
    .action(async (file: string) => {
      try {
        const settings = await readSettings(file);
        const off = Object.values(settings.controls).filter(({ mode }) => mode === "off").length;
        const count = Object.keys(settings.controls).length;
        const repairing = Object.values(settings.controls).filter(({ mode, scopes = [] }) =>
          [mode, ...scopes.map((scoped) => scoped.mode)].includes("remediate"),
        ).length;
        const where = settings.repairs.held === undefined ? "everywhere or in parts" : "but repairs are paused";
        const repairs = repairing === 0 ? "nothing is repaired" : `${repairing} repaired, ${where}`;
        await print(`${visibleText(file)}: ok; ${count - off} controls on, ${off} off; ${repairs}\n`);
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        await print(problemsOf(error));
        process.exitCode = exitCodes.usage;
      }
    });
  const json = new Command("json")
    .summary("print a settings file as AppConfig takes it")
    .description(
      "Checks a settings file, and prints it as the JSON that AppConfig is given to change settings without a deployment.",
    )
    .argument("<file>", "the warden.config.yaml to print")
    .action(async (file: string) => {
      try {
        await print(settingsAsJson(await readSettingsText(file), file));
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        // What is piped on must not be taken for settings.
        process.stderr.write(problemsOf(error));
        process.exitCode = exitCodes.usage;
      }
    });
  return new Command("settings")
    .summary("check a settings file, or change the settings of a deployed iam-warden")
    .description("Works on settings files.")
    .addCommand(check)
    .addCommand(json)
    .addCommand(settingsPushCommand());
};

const problemsOf = ({ problems }: SettingsError): string =>
  problems.map((problem) => `${visibleText(problem)}\n`).join("");
