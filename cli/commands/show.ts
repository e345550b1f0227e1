import { type Command, Option } from "commander";
import { formatFix, tools } from "../operator/format-fix.ts";
import { formatShown } from "../operator/format-show.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { print } from "../output.ts";
import { terminalWidth } from "../table.ts";

/** `warden show`: all that is known of a finding. */
export const showCommand = (): Command =>
  operatorCommand("show", "<id>")
    .summary("show a finding")
    .description("Shows all that is known of a finding, by its id or at least the first 8 characters of that.")
    .addOption(new Option("--fix <tool>", "how to mend it yourself, and nothing else").choices(tools))
    .addHelpText("after", "\nExamples:\n  warden show 3f0c9a71b2d4\n  warden show 3f0c9a71b2d4 --fix terraform")
    .action(async (id: string, options: OperatorOptions & { readonly fix?: (typeof tools)[number] }) => {
      const shown = await askOf(options)("show", { id });
      const { fix: tool } = options;
      if (tool !== undefined) return print(formatFix(shown.finding, tool));
      await printResult(options, shown, () => formatShown(shown, terminalWidth()));
    });
