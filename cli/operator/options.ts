import { Command, InvalidArgumentError, Option } from "commander";
import { print } from "../output.ts";
import { type Ask, createAsk } from "./client.ts";
import { type Target, type TargetOptions, targetOf } from "./target.ts";

/** What every command that asks the operator takes. */
export interface OperatorOptions extends TargetOptions {
  readonly format: "table" | "json";
  readonly profile?: string;
}

/** A command with those options. `args` is as commander has it: `<id>`, `[id]`. */
export const operatorCommand = (name: string, args?: string): Command => {
  const command = new Command(name);
  if (args !== undefined) command.arguments(args);
  return command
    .option(
      "--url <url>",
      "of the operator's function (default: WARDEN_URL); requests are signed with your AWS credentials",
    )
    .addOption(
      new Option(
        "--local [url]",
        "ask a local run, `npm start` (default: WARDEN_LOCAL, http://127.0.0.1:4566)",
      ).conflicts("url"),
    )
    .option("--profile <name>", "a profile of your AWS configuration")
    .addOption(new Option("--format <format>", "of the result").choices(["table", "json"]).default("table"));
};

/**
 * The words of a command line in which `--local` takes the word that follows only if that is a URL: otherwise `--local ID` would
 * take the id for one.
 */
export const withLocalApart = (words: readonly string[]): string[] =>
  words.map((word, index) => (word === "--local" && !/^https?:/i.test(words[index + 1] ?? "") ? "--local=" : word));

/** @throws CommandError */
export const askOf = (options: OperatorOptions): Ask => createAsk(targetFrom(options));

/**
 * Whom the options mean; with the profile that they name from now on.
 * @throws CommandError
 */
export const targetFrom = (options: OperatorOptions): Target => {
  if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
  return targetOf(options, process.env);
};

/** Prints a result in the format that was asked for. */
export const printResult = ({ format }: OperatorOptions, result: unknown, table: () => string): Promise<void> =>
  print(format === "json" ? `${JSON.stringify(result, null, 2)}\n` : table());

export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** A person's reason: said before anything else is done that it may not be empty. @throws InvalidArgumentError */
export const reason = (value: string): string => {
  if (value.trim() !== "") return value;
  throw new InvalidArgumentError("Write why, in a few words: others will read it.");
};

/** @throws InvalidArgumentError */
export const wholeNumber = (value: string): number => {
  if (/^\d{1,6}$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError("Write a whole number above 0.");
};
