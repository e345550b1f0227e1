import { Command, Option } from "commander";
import { controls } from "../../shared/controls/catalogue.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { paintSeverity, print, stdoutPaint } from "../output.ts";
import { readSettings } from "../read-settings.ts";
import { renderTable, terminalWidth } from "../table.ts";

/** `warden controls`: the catalogue, with what the settings make of each control. */
export const controlsCommand = (): Command =>
  new Command("controls")
    .summary("list the controls, with their modes")
    .description("Lists every control: its severity, what it judges, and its mode and options under the settings.")
    .option("--settings <file>", "a warden.config.yaml (default: every control with its defaults)")
    .addOption(new Option("--format <format>", "of the result").choices(["table", "json"]).default("table"))
    .action(async ({ settings: file, format }: { readonly settings?: string; readonly format: "table" | "json" }) => {
      const settings = await readSettings(file);
      const catalogue = controls.map(({ id, title, severity, subject, type, frameworks }) => ({
        id,
        title,
        severity,
        subject,
        type,
        frameworks,
        mode: settings.controls[id]?.mode ?? "off",
        options: settings.controls[id]?.options ?? {},
        scopes: settings.controls[id]?.scopes ?? [],
      }));
      if (format === "json") return print(`${JSON.stringify(catalogue, null, 2)}\n`);
      const rows = catalogue.flatMap((control) => [
        [
          control.id,
          paintSeverity(stdoutPaint, control.severity),
          control.mode,
          `${control.title}${optionsText(control.options)}`,
        ],
        ...control.scopes.map(({ scope, mode, options }) => [
          "",
          "",
          mode,
          `in ${"ou" in scope ? visibleText(scope.ou) : scope.account}${optionsText(options)}`,
        ]),
      ]);
      return print(renderTable(["CONTROL", "SEVERITY", "MODE", "TITLE"], rows, terminalWidth()));
    });

const optionsText = (options: unknown): string => {
  const entries = Object.entries(options ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return entries.length === 0 ? "" : ` (${entries.join(", ")})`;
};
