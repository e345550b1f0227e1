import type { Command } from "commander";
import type { FindingSummary } from "../../shared/operator/summary.ts";
import { formatFindings } from "../operator/format-findings.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { shortId } from "../operator/words.ts";
import { terminalWidth } from "../table.ts";

/** `warden ack`: says that somebody has seen a finding. */
export const ackCommand = (): Command =>
  operatorCommand("ack", "<id>")
    .summary("say that you have seen a finding; that resolves one of the use of root")
    .description(
      "Records that you have seen a finding and take it on. A finding of something that happened, such as the use of root, is " +
        "resolved by that, and the others are told; one of a state stays open as long as the state is there.",
    )
    .addHelpText("after", "\nExample:\n  warden ack 3f0c9a71b2d4")
    .action(async (id: string, options: OperatorOptions) => {
      const answer = await askOf(options)("ack", { id });
      await printResult(
        options,
        answer,
        () => `${formatFindings([answer.finding], terminalWidth())}\n${whatFollows(answer.finding)}\n`,
      );
    });

const whatFollows = ({ id, status }: FindingSummary): string =>
  status === "resolved"
    ? "Acknowledged: it is resolved."
    : "Acknowledged: that is in its history, and changes nothing else. It stays open until what was found is mended, or excused:\n" +
      `  warden show ${shortId(id)}\n  warden exempt ${shortId(id)} --until DATE --reason "…"`;
