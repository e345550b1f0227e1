import type { Command } from "commander";
import { formatHistory } from "../operator/format-show.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { terminalWidth } from "../table.ts";

/** `warden history`: what happened to a finding, and what was done about it. */
export const historyCommand = (): Command =>
  operatorCommand("history", "<id>")
    .summary("tell what happened to a finding, with every repair and its before-images")
    .description(
      "Tells what happened to a finding, who did it and when; and of every repair its steps, with what stood there before.",
    )
    .addHelpText("after", "\nExample:\n  warden history 3f0c9a71b2d4 --format json")
    .action(async (id: string, options: OperatorOptions) => {
      const told = await askOf(options)("history", { id });
      await printResult(options, told, () => formatHistory(told, terminalWidth()));
    });
