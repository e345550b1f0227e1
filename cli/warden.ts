import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { messageOf, WardenError } from "../shared/errors.ts";
import { visibleText } from "../shared/visible-text.ts";
import { exitCodes, exitCodesHelp, RefusedError } from "./command-error.ts";
import { ackCommand } from "./commands/ack.ts";
import { approveCommand } from "./commands/approve.ts";
import { auditCommand } from "./commands/audit.ts";
import { bootstrapCommand } from "./commands/bootstrap.ts";
import { controlsCommand } from "./commands/controls.ts";
import { costCommand } from "./commands/cost.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exemptCommand, unexemptCommand } from "./commands/exempt.ts";
import { exemptionsCommand } from "./commands/exemptions.ts";
import { findingsCommand } from "./commands/findings.ts";
import { historyCommand } from "./commands/history.ts";
import { lintCommand } from "./commands/lint.ts";
import { planCommand } from "./commands/plan.ts";
import { replayCommand } from "./commands/replay.ts";
import { resumeCommand } from "./commands/resume.ts";
import { settingsCommand } from "./commands/settings.ts";
import { showCommand } from "./commands/show.ts";
import { undoCommand } from "./commands/undo.ts";
import { withLocalApart } from "./operator/options.ts";
import { endQuietlyOnBrokenPipe, note } from "./output.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const program = new Command("warden")
  .description(
    "Judges IAM by iam-warden's controls, in accounts, in files and in CloudTrail logs, asks a deployed iam-warden about its findings, and prepares " +
      "an organization for it.",
  )
  .version(version)
  .addHelpText("afterAll", exitCodesHelp)
  .showHelpAfterError("(add --help for more)")
  .exitOverride();
const commands = [
  auditCommand(),
  lintCommand(),
  replayCommand(),
  controlsCommand(),
  settingsCommand(),
  findingsCommand(),
  showCommand(),
  planCommand(),
  historyCommand(),
  ackCommand(),
  approveCommand(),
  undoCommand(),
  exemptCommand(),
  unexemptCommand(),
  exemptionsCommand(),
  resumeCommand(),
  bootstrapCommand(),
  costCommand(),
  doctorCommand(),
];
for (const command of commands) program.addCommand(command);

/** Commands that are added ready-made do not take over their parent's ways by themselves. */
const inherit = (parent: Command): void => {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent));
};
inherit(program);

endQuietlyOnBrokenPipe(process.stdout);
endQuietlyOnBrokenPipe(process.stderr);
try {
  await program.parseAsync(withLocalApart(process.argv));
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const message = error instanceof WardenError ? error.message : messageOf(error);
    for (const line of message.split("\n")) note(`warden: ${visibleText(line)}`);
    process.exitCode = error instanceof RefusedError ? exitCodes.refused : exitCodes.usage;
  }
}
