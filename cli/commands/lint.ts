import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Severity, severities } from "../../shared/control.ts";
import { type Fact, known, unknownFact } from "../../shared/facts/facts.ts";
import { lint } from "../../shared/lint/lint.ts";
import { type PolicyKind, policyKinds } from "../../shared/lint/read/policy.ts";
import type { LintReport } from "../../shared/lint/report.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";
import { formatSarif } from "../lint/format-sarif.ts";
import { formatTable } from "../lint/format-table.ts";
import { guidanceOf } from "../lint/guidance.ts";
import { readFiles } from "../lint/read-files.ts";
import { checkWritable, note, plainPaint, print, stdoutPaint, writeWhole } from "../output.ts";
import { readSettings } from "../read-settings.ts";
import { terminalWidth } from "../table.ts";

interface LintOptions {
  readonly kind?: PolicyKind;
  readonly settings?: string;
  readonly account: string;
  readonly organizationAccounts?: readonly string[];
  readonly organizationId?: string;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly format: "table" | "json" | "sarif";
  readonly out?: string;
  readonly failOn: Severity | "never";
  readonly strict?: true;
}

/** `warden lint`: the same controls on what is not deployed yet. Needs no AWS account. */
export const lintCommand = (): Command =>
  new Command("lint")
    .summary("judge policies, CloudFormation templates and Terraform plans before they are deployed")
    .description(
      "Judges files by the same controls as accounts, as far as a file can tell, and by IAM's own limits: policy documents, CloudFormation " +
        "templates (JSON or YAML, those of CDK too) and what `terraform show -json` writes. Asks AWS nothing.",
    )
    .argument("<file...>", "files to judge; - is standard input")
    .addOption(
      new Option(
        "--kind <kind>",
        "what policy documents are written for (default: trust where they let somebody assume a role, else identity)",
      ).choices(policyKinds),
    )
    .option("--settings <file>", "a warden.config.yaml (default: every control with its defaults)")
    .addOption(
      new Option("--account <id>", "the account that the files are for").argParser(accountId).default("111122223333"),
    )
    .addOption(
      new Option(
        "--organization-accounts <id...>",
        "the accounts of your organization, so that trust in others can be told",
      ).argParser(accountIds),
    )
    .addOption(
      new Option(
        "--organization-id <id>",
        "the id of that organization, so that conditions on aws:PrincipalOrgID can be told",
      ).argParser(organizationId),
    )
    .addOption(
      new Option(
        "--parameter <name=value>",
        "a value for a parameter of templates (default: its default); may be given again",
      ).argParser(collectParameter),
    )
    .addOption(new Option("--format <format>", "of the result").choices(["table", "json", "sarif"]).default("table"))
    .option("--out <file>", "write the result there instead of standard output")
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 if a finding is this severe, or worse")
        .choices([...severities, "never"])
        .default("high"),
    )
    .option("--strict", "exit with 3 if something at or above --fail-on could not be judged before it is deployed")
    .action(async (files: readonly string[], options: LintOptions) => {
      process.exitCode = await lintFiles(files, options);
    });

const accountId = (value: string): string => {
  if (!/^\d{12}$/.test(value)) throw new InvalidArgumentError("An account id is twelve digits.");
  return value;
};

const accountIds = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  accountId(value),
];

const organizationId = (value: string): string => {
  if (!/^o-[a-z0-9]+$/.test(value)) throw new InvalidArgumentError("An organization's id begins with o-.");
  return value;
};

const collectParameter = (value: string, previous: Readonly<Record<string, string>> = {}) => {
  const [, name, given = ""] = /^([A-Za-z0-9]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError("Write it as Name=value.");
  return { ...previous, [name]: given };
};

const lintFiles = async (names: readonly string[], options: LintOptions): Promise<ExitCode> => {
  const { settings, account, parameter, kind, out } = options;
  const parsed = await readSettings(settings);
  if (out !== undefined) await checkWritable(out);
  const { files, problems } = await readFiles(names);
  const judged = lint(files, {
    settings: parsed,
    accountId: account,
    now: new Date(),
    ...organizationTold(options),
    ...(parameter && { parameters: parameter }),
    ...(kind && { kind }),
  });
  const report: LintReport = { ...judged, problems: [...problems, ...judged.problems] };

  for (const { file, line, column, message } of report.problems) {
    const place = line === undefined ? "" : `:${line}:${column}`;
    note(`warden: ${visibleText(file)}${place}: ${visibleText(message)}`);
  }
  if (out === undefined) await print(format(report, options));
  else await writeWhole(out, format(report, options));
  return exitCodeOf(report, options);
};

/** Only its accounts and its id. A file is judged as if no service control policy limited what it deploys. */
const organizationTold = ({
  account,
  organizationAccounts,
  organizationId: id = "",
}: LintOptions): { readonly organization?: Fact<OrganizationView> } => {
  if (organizationAccounts === undefined) {
    if (id !== "")
      throw new CommandError("--organization-id needs --organization-accounts: which accounts are its own");
    return {};
  }
  const organization: OrganizationView = {
    id,
    managementAccountId: "",
    accountIds: new Set([account, ...organizationAccounts]),
    serviceControl: known([]),
    rootFeatures: unknownFact("lint asks AWS nothing"),
    analyzers: unknownFact("lint asks AWS nothing"),
  };
  return { organization: known(organization) };
};

const format = (report: LintReport, { format: name, out }: LintOptions): string => {
  if (name === "table") return formatTable(report, out === undefined ? stdoutPaint : plainPaint, terminalWidth());
  if (name === "sarif") return formatSarif(report, { version: ownVersion(), folder: process.cwd() });
  const findings = report.findings.map((finding) => ({ ...finding, guidance: guidanceOf(finding.rule).page }));
  return `${JSON.stringify({ ...report, findings }, null, 2)}\n`;
};

const ownVersion = (): string =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

/** Input that cannot be read was not judged: that comes first, as everywhere. */
const exitCodeOf = ({ findings, unknown, unread, problems }: LintReport, { failOn, strict }: LintOptions): ExitCode => {
  if (problems.length > 0) return exitCodes.usage;
  const counts = (severity: Severity): boolean =>
    failOn !== "never" && severities.indexOf(severity) <= severities.indexOf(failOn);
  if (findings.some(({ severity }) => counts(severity))) return exitCodes.findings;
  const isIncomplete = failOn !== "never" && (unread.length > 0 || unknown.some(({ severity }) => counts(severity)));
  return strict && isIncomplete ? exitCodes.incomplete : exitCodes.ok;
};
