import type { Command } from "commander";
import { visibleText } from "../../shared/visible-text.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult, reason, wholeNumber } from "../operator/options.ts";
import { undoCame, waitFor } from "../operator/wait.ts";
import { note } from "../output.ts";

interface UndoOptions extends OperatorOptions {
  readonly why: string;
  readonly force: boolean;
  readonly wait: number | false;
}

/** `warden undo`: brings back what stood there before a repair. */
export const undoCommand = (): Command =>
  operatorCommand("undo", "<id>")
    .summary("undo a repair: bring back exactly what stood there before")
    .description(
      "Undoes the latest repair of a finding, or the remediation of that id, and waits until it is done. What has changed since " +
        "the repair is not written over, unless by --force. The finding is not repaired again until somebody approves it.",
    )
    .requiredOption("--why <text>", "your reason, kept with the undo", reason)
    .option("--force", "write over what has changed since the repair", false)
    .option("--wait <seconds>", "for what comes of it, so long", wholeNumber, 60)
    .option("--no-wait", "do not wait for what comes of it")
    .addHelpText("after", '\nExample:\n  warden undo 3f0c9a71b2d4 --why "The nightly job fails since"')
    .action(async (id: string, options: UndoOptions) => {
      const { why, force, wait } = options;
      const ask = askOf(options);
      // Of a remediation's id the finding's is the first part.
      const before = await ask("show", { id: id.slice(0, 32) });
      const answer = await ask("undo", { id, why, force });
      for (const drift of answer.drift) note(`warden: written over by force: ${visibleText(drift)}`);
      const came = await waitFor(ask, answer.finding.id, wait, undoCame(before, answer.remediation.id));
      await printResult(options, { ...answer, came }, () =>
        [...answer.steps.map((step) => `It ${step}.`), came.what].map((line) => `${visibleText(line)}\n`).join(""),
      );
      process.exitCode = came.exitCode;
    });
