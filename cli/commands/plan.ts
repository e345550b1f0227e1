import { type Command, Option } from "commander";
import { visibleText } from "../../shared/visible-text.ts";
import { CommandError, exitCodes } from "../command-error.ts";
import { formatPlanSum, formatPlans } from "../operator/format-plan.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult, wholeNumber } from "../operator/options.ts";
import { collectPages } from "../operator/pages.ts";
import { note } from "../output.ts";
import { terminalWidth } from "../table.ts";

interface PlanOptions extends OperatorOptions {
  readonly control?: string;
  readonly account?: string;
  readonly stage: "repair" | "final";
  readonly limit: number;
}

/** `warden plan`: the dry run. */
export const planCommand = (): Command =>
  operatorCommand("plan", "[id]")
    .summary("tell what repairing a finding, or all of a control, would do: the dry run")
    .description(
      "Tells for a finding, or for all that could be repaired, what would be done on the state of this moment, everything that " +
        "would stop it, what it would cut off, and when the ladder comes to it. It writes nothing.",
    )
    .option("--control <id>", "only findings of this control")
    .option("--account <id>", "only findings in this account")
    .addOption(new Option("--stage <stage>", "of the repair").choices(["repair", "final"]).default("repair"))
    .option("--limit <number>", "at most so many findings", wholeNumber, 50)
    .addHelpText(
      "after",
      "\nExamples:\n  warden plan 3f0c9a71b2d4\n  warden plan --control stale-access-key --format json",
    )
    .action(async (id: string | undefined, options: PlanOptions) => {
      const { control, account, stage, limit } = options;
      if (id !== undefined && (control !== undefined || account !== undefined))
        throw new CommandError("An id names one finding: leave out --control and --account");
      const ask = askOf(options);
      const found =
        id === undefined
          ? await collectPages(limit, 20, (page) => ask("plan", { control, account, stage, ...page }))
          : { ...(await ask("plan", { id, stage })), more: false };
      await printResult(options, found, () =>
        found.items.length === 0
          ? "No findings that could be repaired.\n"
          : [formatPlans(found.items, terminalWidth()), ...(id === undefined ? [formatPlanSum(found.items)] : [])].join(
              "\n",
            ),
      );
      for (const { account: gap, why } of found.unreadable)
        note(`warden: the findings of account ${gap} cannot be read: ${visibleText(why)}`);
      if (found.more) note("warden: there may be more; ask for them with --limit");
      if (found.unreadable.length > 0 || found.items.some(({ outcome }) => outcome === "unknown"))
        process.exitCode = exitCodes.incomplete;
    });
