import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { messageOf, WardenError } from "../shared/errors.ts";
import { visibleText } from "../shared/visible-text.ts";
import { exitCodes, exitCodesHelp } from "./command-error.ts";
import { auditCommand } from "./commands/audit.ts";
import { controlsCommand } from "./commands/controls.ts";
import { replayCommand } from "./commands/replay.ts";
import { settingsCommand } from "./commands/settings.ts";
import { endQuietlyOnBrokenPipe, note } from "./output.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const program = new Command("warden")
  .description("Judges IAM by iam-warden's controls, in accounts and in CloudTrail logs. Changes nothing.")
  .version(version)
  .addHelpText("afterAll", exitCodesHelp)
  .showHelpAfterError("(add --help for more)")
  .exitOverride();
for (const command of [auditCommand(), replayCommand(), controlsCommand(), settingsCommand()])
  program.addCommand(command);

/** Commands that are added ready-made do not take over their parent's ways by themselves. */
const inherit = (parent: Command): void => {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent));
};
inherit(program);

endQuietlyOnBrokenPipe(process.stdout);
endQuietlyOnBrokenPipe(process.stderr);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const message = error instanceof WardenError ? error.message : messageOf(error);
    for (const line of message.split("\n")) note(`warden: ${visibleText(line)}`);
    process.exitCode = exitCodes.usage;
  }
}
