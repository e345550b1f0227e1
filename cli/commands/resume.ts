import type { Command } from "commander";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";

/** `warden resume`: lets a circuit breaker begin anew. */
export const resumeCommand = (): Command =>
  operatorCommand("resume", "<account>")
    .summary("let repairs go on where a circuit breaker tripped")
    .description(
      "Lets the circuit breaker of an account, or of the `organization`, begin anew before its hour is over. What it held is " +
        "repaired within the hour.",
    )
    .option("--why <text>", "your reason, for the log")
    .addHelpText(
      "after",
      '\nExamples:\n  warden resume 111122223333 --why "All of these were wanted"\n  warden resume organization',
    )
    .action(async (scope: string, options: OperatorOptions & { readonly why?: string }) => {
      const answer = await askOf(options)("resume", { scope, ...(options.why !== undefined && { why: options.why }) });
      const where = scope === "organization" ? "the organization" : `account ${scope}`;
      await printResult(options, answer, () =>
        answer.resumed
          ? `Resumed: repairs in ${where} go on.\n`
          : `Nothing to resume: no circuit breaker of ${where} has tripped in this hour.\n`,
      );
    });
