import type { Command } from "commander";
import { formatShown } from "../operator/format-show.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { terminalWidth } from "../table.ts";

/** `warden show`: all that is known of a finding. */
export const showCommand = (): Command =>
  operatorCommand("show", "<id>")
    .summary("show a finding")
    .description("Shows all that is known of a finding, by its id or at least the first 8 characters of that.")
    .addHelpText("after", "\nExample:\n  warden show 3f0c9a71b2d4")
    .action(async (id: string, options: OperatorOptions) => {
      const shown = await askOf(options)("show", { id });
      await printResult(options, shown, () => formatShown(shown, terminalWidth()));
    });
