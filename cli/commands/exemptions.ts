import type { Command } from "commander";
import { visibleText } from "../../shared/visible-text.ts";
import { exitCodes } from "../command-error.ts";
import { formatExemptions } from "../operator/format-exemptions.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { collectPages } from "../operator/pages.ts";
import { note } from "../output.ts";
import { terminalWidth } from "../table.ts";

/** `warden exemptions`: who is excused from what. */
export const exemptionsCommand = (): Command =>
  operatorCommand("exemptions")
    .summary("list the exemptions, the next to end first")
    .description("Lists the exemptions that hold, the next to end first. `expiring` ones end within seven days.")
    .option("--all", "those that are over, too", false)
    .addHelpText("after", "\nExample:\n  warden exemptions --all --format json")
    .action(async (options: OperatorOptions & { readonly all: boolean }) => {
      const ask = askOf(options);
      const { items, unreadable: repeated } = await collectPages(Number.POSITIVE_INFINITY, 500, (page) =>
        ask("exemptions", { all: options.all, ...page }),
      );
      // Every page names them.
      const unreadable = [...new Map(repeated.map((one) => [one.id, one])).values()];
      await printResult(options, { items, unreadable }, () => formatExemptions(items, terminalWidth()));
      for (const { id, why } of unreadable) note(`warden: exemption ${id} cannot be read: ${visibleText(why)}`);
      if (unreadable.length > 0) process.exitCode = exitCodes.incomplete;
    });
