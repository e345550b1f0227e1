import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../command-error.ts";
import { examineAll } from "../doctor/examine.ts";
import { formatReport } from "../doctor/format.ts";
import { type DoctorReport, reportOf } from "../doctor/report.ts";
import { createDoctorAsk } from "../operator/client.ts";
import { collect, type OperatorOptions, operatorCommand, printResult, targetFrom } from "../operator/options.ts";
import { createProgress } from "../output.ts";
import { terminalWidth } from "../table.ts";

interface DoctorOptions extends OperatorOptions {
  readonly account?: readonly string[];
  readonly json?: boolean;
}

/** `warden doctor`: is every account watched, and what is wrong where it is not. */
export const doctorCommand = (): Command =>
  operatorCommand("doctor")
    .summary("tell whether every account is watched, and what is wrong")
    .description(
      "Looks at the hub and at every active account: whether events arrive (by the mark that iam-warden leaves daily), rules, " +
        "trail, roles and stacks are as they should be, the sweep runs, and somebody is told. Changes nothing.",
    )
    .option("--account <id...>", "only these accounts, and not the hub", collect)
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      "\nExit codes:\n  0  all is well\n  1  something is wrong\n  2  the doctor could not be asked\n  3  nothing is wrong, but something could not be told" +
        "\n\nExamples:\n  warden doctor\n  warden doctor --account 111122223333\n  warden doctor --json | jq '.troubles[].what'",
    )
    .action(async (options: DoctorOptions) => {
      const ask = await createDoctorAsk(targetFrom(options));
      const progress = createProgress();
      const examined = await examineAll(ask, {
        ...(options.account && { only: options.account }),
        tell: (done, of) => progress.show(`looked at ${done} of ${of} accounts`),
      }).finally(() => progress.clear());
      const report = reportOf(examined);
      await printResult(options.json ? { ...options, format: "json" } : options, report, () =>
        formatReport(report, terminalWidth()),
      );
      process.exitCode = exitCodeOf(report);
    });

const exitCodeOf = ({ troubles }: DoctorReport): ExitCode => {
  if (troubles.some(({ status }) => status === "problem")) return exitCodes.findings;
  return troubles.length > 0 ? exitCodes.incomplete : exitCodes.ok;
};
