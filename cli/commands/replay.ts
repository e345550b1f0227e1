import { createReadStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { Command, Option } from "commander";
import { messageOf } from "../../shared/errors.ts";
import type { UnreadableText } from "../../shared/events/log-records.ts";
import { createReplayer, type ReplayedRecord, replayLog } from "../../shared/events/replay.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { CommandError, exitCodes } from "../command-error.ts";
import { note, print, stdoutPaint } from "../output.ts";
import { readSettings } from "../read-settings.ts";
import { createReplaySummary } from "../replay/summary.ts";
import { nameOfInput, standardInput } from "../standard-input.ts";
import { terminalWidth } from "../table.ts";

interface ReplayOptions {
  readonly settings?: string;
  readonly format: "table" | "json";
  readonly strict?: true;
}

/** Of a file that is no log, each line is unreadable. */
const unreadableToldOfAFile = 10;

/** `warden replay`: what recorded events would have set off. Needs no AWS account. */
export const replayCommand = (): Command =>
  new Command("replay")
    .summary("try CloudTrail logs on the event patterns and activity controls")
    .description(
      'Reads your own CloudTrail logs (JSON Lines of records or EventBridge events, {"Records":[…]}, plain or gzip) and tells ' +
        "which records the deployed rules would deliver, whom they hint at, and which are findings by themselves.",
    )
    .argument("<file...>", "log files, in order; - is standard input")
    .option("--settings <file>", "a warden.config.yaml (default: every control with its defaults)")
    .addOption(
      new Option("--format <format>", "of the result; json is a line for each record, in order")
        .choices(["table", "json"])
        .default("table"),
    )
    .option("--strict", "exit with 2 if anything could not be read, not only if nothing could")
    .action(replay);

const replay = async (files: readonly string[], { settings, format, strict }: ReplayOptions): Promise<void> => {
  const replayRecord = createReplayer(await readSettings(settings));
  for (const file of files) await checkReadable(file);

  const summary = createReplaySummary();
  for (const file of files) {
    const before = summary.unreadable;
    for await (const line of linesOf(file, replayRecord)) {
      if (!("error" in line)) summary.add(line);
      else {
        summary.addUnreadable();
        if (format === "table" && summary.unreadable - before <= unreadableToldOfAFile)
          note(`warden: ${visibleText(file)}:${line.line}: ${visibleText(line.error)}`);
      }
      if (format === "json") await print(`${JSON.stringify(line)}\n`);
    }
    const untold = summary.unreadable - before - unreadableToldOfAFile;
    if (format === "table" && untold > 0)
      note(`warden: ${visibleText(file)}: ${untold} more of the kind (--format json tells all)`);
  }
  if (format === "table") await print(summary.table(stdoutPaint, terminalWidth()));
  note(`warden: ${summary.counts()}`);
  const isFailure = summary.unreadable > 0 && (strict || summary.records === 0);
  process.exitCode = isFailure ? exitCodes.usage : exitCodes.ok;
};

const checkReadable = async (file: string): Promise<void> => {
  if (file === "-") return;
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new CommandError(`Cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
};

async function* linesOf(
  file: string,
  replayRecord: ReturnType<typeof createReplayer>,
): AsyncGenerator<ReplayedRecord | UnreadableText> {
  try {
    yield* replayLog(file === "-" ? standardInput() : createReadStream(file), replayRecord);
  } catch (cause) {
    throw new CommandError(`Cannot read ${nameOfInput(file)} to its end: ${messageOf(cause)}`, { cause });
  }
}
