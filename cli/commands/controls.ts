import { Command, Option } from "commander";
import { controls } from "../../shared/controls/catalogue.ts";
import { showDuration } from "../../shared/settings/durations.ts";
import { nearestFirst } from "../../shared/settings/resolve.ts";
import type { Ladder, ScopedSettings } from "../../shared/settings/settings.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { paintSeverity, print, stdoutPaint } from "../output.ts";
import { readSettings } from "../read-settings.ts";
import { renderTable, terminalWidth } from "../table.ts";

/** `warden controls`: the catalogue, with what the settings make of each control. */
export const controlsCommand = (): Command =>
  new Command("controls")
    .summary("list the controls, with their modes")
    .description(
      "Lists every control: its severity, what it judges, and its mode, options and ladder under the settings.",
    )
    .option("--settings <file>", "a warden.config.yaml (default: every control with its defaults)")
    .addOption(new Option("--format <format>", "of the result").choices(["table", "json"]).default("table"))
    .action(async ({ settings: file, format }: { readonly settings?: string; readonly format: "table" | "json" }) => {
      const settings = await readSettings(file);
      const catalogue = controls.map(({ id, title, severity, subjects, type, frameworks }) => ({
        id,
        title,
        severity,
        subjects,
        type,
        frameworks,
        mode: settings.controls[id]?.mode ?? "off",
        ladder: settings.controls[id]?.ladder ?? [],
        options: settings.controls[id]?.options ?? {},
        scopes: settings.controls[id]?.scopes ?? [],
      }));
      if (format === "json") return print(`${JSON.stringify(catalogue, null, 2)}\n`);
      const rows = catalogue.flatMap((control) => [
        [control.id, paintSeverity(stdoutPaint, control.severity), control.mode, `${control.title}${detail(control)}`],
        ...control.scopes.map((scoped) => [
          "",
          "",
          scoped.mode,
          `in ${"ou" in scoped.scope ? visibleText(scoped.scope.ou) : scoped.scope.account}${detail({ ...scoped, ladder: ladderIn(control, scoped) })}`,
        ]),
      ]);
      return print(renderTable(["CONTROL", "SEVERITY", "MODE", "TITLE"], rows, terminalWidth()));
    });

/** The ladder that holds in a scope; an account's may besides depend on its OU. */
const ladderIn = (
  { ladder, scopes }: { readonly ladder: Ladder; readonly scopes: readonly ScopedSettings[] },
  { scope, ladder: own }: ScopedSettings,
): Ladder => {
  if (own !== undefined || !("ou" in scope)) return own ?? ladder;
  return (nearestFirst(scopes, scope.ou).find((one) => one.ladder !== undefined) ?? { ladder }).ladder ?? ladder;
};

/** A long list is in the JSON. */
const short = (value: unknown): string => {
  const text = JSON.stringify(value);
  return Array.isArray(value) && text.length > 40 ? `${value.length} entries` : text;
};

/** Options, and the ladder where it says when something is repaired. */
const detail = ({ mode, options, ladder = [] }: Omit<ScopedSettings, "scope">): string => {
  const entries = [
    ...Object.entries(options ?? {}).map(([name, value]) => `${name}: ${short(value)}`),
    ...(mode === "remediate" ? ladder.map((step) => `${step.do} at ${showDuration(step.afterHours)}`) : []),
  ];
  return entries.length === 0 ? "" : ` (${entries.join(", ")})`;
};
