import { Command } from "commander";
import { SettingsError } from "../../shared/errors.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { exitCodes } from "../command-error.ts";
import { print } from "../output.ts";
import { readSettings } from "../read-settings.ts";

/** `warden settings check FILE`. */
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
        const repairs = repairing === 0 ? "nothing is repaired" : `${repairing} repaired, everywhere or in parts`;
        await print(`${visibleText(file)}: ok; ${count - off} controls on, ${off} off; ${repairs}\n`);
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        await print(error.problems.map((problem) => `${visibleText(problem)}\n`).join(""));
        process.exitCode = exitCodes.usage;
      }
    });
  return new Command("settings")
    .summary("check a settings file")
    .description("Works on settings files.")
    .addCommand(check);
};
