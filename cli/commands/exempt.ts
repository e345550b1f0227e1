import type { Command } from "commander";
import type { Results } from "../../shared/operator/operator.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { CommandError } from "../command-error.ts";
import { whomWords } from "../operator/format-exemptions.ts";
import { askOf, collect, type OperatorOptions, operatorCommand, printResult } from "../operator/options.ts";
import { note } from "../output.ts";

interface ExemptOptions extends OperatorOptions {
  readonly control?: readonly string[];
  readonly account?: string;
  readonly ou?: string;
  readonly organization?: true;
  readonly subject?: string;
  readonly until: string;
  readonly reason: string;
}

/** `warden exempt`: leaves subjects alone until a date. */
export const exemptCommand = (): Command =>
  operatorCommand("exempt", "[id]")
    .summary("excuse the subject of a finding, or whom a scope names, until a date")
    .description(
      "Excuses the subject of a finding from its control; or, without an id, whom --subject names in --account, --ou or " +
        "--organization from the controls of --control. Findings that are excused stay open and are listed, but nobody is told " +
        "and nothing is repaired.",
    )
    .option("--control <id...>", "the controls, or all", collect)
    .option("--account <id>", "in this account")
    .option("--ou <path>", "in this OU and below, such as Root/Workloads/Prod")
    .option("--organization", "everywhere")
    .option("--subject <kind/name>", "only subjects of that kind and name, such as role/ci-* or accessKey/AKIA…")
    .requiredOption(
      "--until <date>",
      "when it ends, at most a year ahead, such as 2027-01-31: the first moment of that day in UTC",
    )
    .requiredOption("--reason <text>", "why, in 10 characters or more; others will read it")
    .addHelpText(
      "after",
      '\nExamples:\n  warden exempt 3f0c9a71b2d4 --until 2027-01-31 --reason "Rotated with the next release"\n' +
        "  warden exempt --control role-without-boundary --ou Root/Sandbox --subject 'role/ci-*' \\\n" +
        '    --until 2027-01-31 --reason "The pipeline moves to the new roles"',
    )
    .action(async (id: string | undefined, options: ExemptOptions) => {
      const { until, reason } = options;
      const answer = await askOf(options)("exempt", {
        ...(id === undefined ? whom(options) : only(id, options)),
        until,
        reason,
      });
      await printResult(options, answer, () => exemptedWords("Excused", answer));
      if (answer.doubt !== undefined)
        note(
          `warden: ${visibleText(answer.doubt)} If that is a mistake, end it with: warden unexempt ${answer.exemption.id}`,
        );
    });

/** `warden unexempt`: ends an exemption before its time. */
export const unexemptCommand = (): Command =>
  operatorCommand("unexempt", "<exemption>")
    .summary("end an exemption before its time")
    .description("Ends an exemption, by its own id as `warden exemptions` lists it. What it excused is told anew.")
    .addHelpText("after", "\nExample:\n  warden unexempt 9d41c07be8a25f36")
    .action(async (id: string, options: OperatorOptions) => {
      const answer = await askOf(options)("unexempt", { id });
      await printResult(options, answer, () => exemptedWords("No longer excused", answer));
    });

const only = (id: string, { control, account, ou, organization, subject }: ExemptOptions): object => {
  if ([control, account, ou, organization, subject].some((given) => given !== undefined))
    throw new CommandError(
      "An id says whom and from what: leave out --control, --account, --ou, --organization and --subject",
    );
  return { id };
};

const whom = ({ control, account, ou, organization, subject }: ExemptOptions): object => {
  if (control === undefined) throw new CommandError("Name a finding by its id, or the controls with --control");
  const scopes = [
    ...(account === undefined ? [] : [{ account }]),
    ...(ou === undefined ? [] : [{ ou }]),
    ...(organization === undefined ? [] : [{ organization }]),
  ];
  if (scopes.length !== 1) throw new CommandError("Say where: one of --account, --ou and --organization");
  return {
    controls: control.length === 1 && control[0] === "all" ? "all" : control,
    scope: scopes[0],
    ...(subject !== undefined && { subject: subjectOf(subject) }),
  };
};

const subjectOf = (text: string): object => {
  const slash = text.indexOf("/");
  if (slash < 1)
    throw new CommandError(`--subject is ${JSON.stringify(text)}; write a kind and a name, such as role/ci-*`);
  return { kind: text.slice(0, slash), pattern: text.slice(slash + 1) };
};

const exemptedWords = (what: string, { exemption, marked }: Results["exempt"]): string => {
  const { findings, isWhole } = marked;
  const count = `${findings} ${findings === 1 ? "finding" : "findings"}`;
  const rest = isWhole ? "" : "; the others follow within the hour";
  return `${what}: ${visibleText(whomWords(exemption))}, until ${exemption.endedAt ?? exemption.until} (exemption ${exemption.id}).\n${count} marked${rest}.\n`;
};
