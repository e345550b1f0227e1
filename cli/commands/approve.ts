import { type Command, Option } from "commander";
import { whyFirm } from "../../shared/operator/firm.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { askYes, canAsk } from "../ask.ts";
import { CommandError, RefusedError } from "../command-error.ts";
import type { Ask } from "../operator/client.ts";
import { formatPlans } from "../operator/format-plan.ts";
import { askOf, type OperatorOptions, operatorCommand, printResult, reason, wholeNumber } from "../operator/options.ts";
import { repairCame, waitFor } from "../operator/wait.ts";
import { stopWords } from "../operator/words.ts";
import { note } from "../output.ts";
import { terminalWidth } from "../table.ts";

interface ApproveOptions extends OperatorOptions {
  readonly digest?: string;
  readonly stage: "repair" | "final";
  readonly why: string;
  readonly wait: number | false;
}

/** `warden approve`: lets one plan happen. */
export const approveCommand = (): Command =>
  operatorCommand("approve", "<id>")
    .summary("let a repair happen that waits for a person, or before its time")
    .description(
      "Approves one plan, by its digest, and waits until it is carried out. Without --digest it shows the plan and asks. An " +
        "approval is void as soon as the plan would be another one; it lifts no mode, exemption, protection or tripped breaker.",
    )
    .option("--digest <digest>", "of the plan that you approve, as `warden plan` shows it")
    .addOption(new Option("--stage <stage>", "of the repair").choices(["repair", "final"]).default("repair"))
    .requiredOption("--why <text>", "your reason, kept with the approval", reason)
    .option("--wait <seconds>", "for what comes of it, so long", wholeNumber, 60)
    .option("--no-wait", "do not wait for what comes of it")
    .addHelpText(
      "after",
      '\nExamples:\n  warden approve 3f0c9a71b2d4 --why "Agreed with the team in ticket 4711"\n' +
        '  warden approve 3f0c9a71b2d4 --stage final --digest 0a1b2c3d4e5f60718293 --why "Unused for a year"',
    )
    .action(async (id: string, options: ApproveOptions) => {
      const { stage, why, wait } = options;
      const ask = askOf(options);
      const before = await ask("show", { id });
      const finding = before.finding.id;
      const digest = options.digest ?? (await confirmed(ask, finding, stage));
      const answer = await ask("approve", { id: finding, digest, stage, why });
      for (const hold of answer.plan.holds)
        note(`warden: approved, but ${stopWords(hold.interlock)} still stops it: ${visibleText(hold.why)}`);
      const came = await waitFor(ask, finding, wait, repairCame(before, stage));
      await printResult(options, { ...answer, came }, () => `${visibleText(came.what)}\n`);
      process.exitCode = came.exitCode;
    });

/**
 * Shows the plan and asks whether it is approved; gives back its digest.
 * @throws RefusedError if there is no plan, or it is not approved; CommandError where nobody can be asked
 */
const confirmed = async (ask: Ask, id: string, stage: "repair" | "final"): Promise<string> => {
  const [plan] = (await ask("plan", { id, stage })).items;
  if (plan?.digest === undefined) throw new RefusedError(`There is no plan to approve. ${plan?.why ?? ""}`.trim());
  // The result goes to standard output; this is a question.
  note(formatPlans([plan], terminalWidth()));
  if (plan.holds.length > 0) note(await liftedBy(ask, id, stage, plan.digest));
  if (!canAsk())
    throw new CommandError(
      `Nobody can be asked without a terminal: if this is the plan that you approve, add --digest ${plan.digest}`,
    );
  if (await askYes("Approve this plan? (y/N) ")) return plan.digest;
  throw new RefusedError("Not approved.");
};

/**
 * What becomes of what stops a plan, once it is approved.
 * @throws RefusedError if no approval lifts it
 */
const liftedBy = async (ask: Ask, id: string, stage: "repair" | "final", approved: string): Promise<string> => {
  const [plan] = (await ask("plan", { id, stage, approved })).items;
  const why = plan && whyFirm(plan);
  if (why !== undefined) throw new RefusedError(visibleText(why));
  const breaker = plan?.holds.map((hold) => visibleText(hold.why)) ?? [];
  return breaker.length === 0
    ? "Approved, it is repaired now: nothing else stops it."
    : `Approved, it waits for the circuit breaker: ${breaker.join(" ")}`;
};
