import { type Command, Option } from "commander";
import { severities } from "../../shared/control.ts";
import { shownStatuses } from "../../shared/findings/standing-of.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { exitCodes } from "../command-error.ts";
import { formatFindings } from "../operator/format-findings.ts";
import {
  askOf,
  collect,
  type OperatorOptions,
  operatorCommand,
  printResult,
  wholeNumber,
} from "../operator/options.ts";
import { collectPages } from "../operator/pages.ts";
import { note } from "../output.ts";
import { terminalWidth } from "../table.ts";

interface FindingsOptions extends OperatorOptions {
  readonly status?: readonly string[];
  readonly severity?: readonly string[];
  readonly control?: readonly string[];
  readonly account?: readonly string[];
  readonly limit: number;
}

/** `warden findings`: what is open, by account, worst first. */
export const findingsCommand = (): Command =>
  operatorCommand("findings")
    .summary("list the findings of a deployed iam-warden")
    .description("Lists findings by account, in each the worst first. Without --status: all but the resolved ones.")
    .addOption(new Option("--status <status...>", "only these").choices(shownStatuses))
    .addOption(new Option("--severity <severity...>", "only these").choices(severities))
    .option("--control <id...>", "only of these controls", collect)
    .option("--account <id...>", "only in these accounts", collect)
    .option("--limit <number>", "at most so many", wholeNumber, 200)
    .addHelpText(
      "after",
      "\nExamples:\n  warden findings --severity critical high\n  warden findings --status held --control role-without-boundary\n" +
        "  warden findings --account 111122223333 --format json --limit 5000",
    )
    .action(async (options: FindingsOptions) => {
      const { status, severity, control, account, limit } = options;
      const ask = askOf(options);
      const found = await collectPages(limit, 500, (page) =>
        ask("findings", { status, severity, control, account, ...page }),
      );
      await printResult(options, found, () => formatFindings(found.items, terminalWidth()));
      for (const { account: id, why } of found.unreadable)
        note(`warden: the findings of account ${id} cannot be read: ${visibleText(why)}`);
      if (found.more) note(`warden: there may be more; ask for them with --limit, or for fewer kinds`);
      if (found.unreadable.length > 0) process.exitCode = exitCodes.incomplete;
    });
