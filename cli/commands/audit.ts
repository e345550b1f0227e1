import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { iamRegionOf } from "../../shared/aws/arn.ts";
import { type CallerIdentity, callerIdentity, createAwsAccess } from "../../shared/aws/aws-access.ts";
import { type Severity, severities } from "../../shared/control.ts";
import { controlById } from "../../shared/controls/catalogue.ts";
import { sweptTrailReading } from "../../shared/facts/trails.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { listMembers, type Member } from "../../shared/organization/members.ts";
import { createPlaces, type Places } from "../../shared/organization/places.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { unknownScopes, unknownScopeWords } from "../../shared/settings/unknown-scopes.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { checkEndpoints, explain } from "../audit/explain.ts";
import { formatCsv } from "../audit/format-csv.ts";
import { formatTable } from "../audit/format-table.ts";
import { liveOrganization } from "../audit/live-organization.ts";
import type { AuditReport } from "../audit/report.ts";
import { runAudit } from "../audit/run-audit.ts";
import { onlyControls } from "../choose-controls.ts";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";
import { checkWritable, createProgress, note, plainPaint, print, stdoutPaint, writeWhole } from "../output.ts";
import { readSettings } from "../read-settings.ts";
import { terminalWidth } from "../table.ts";

interface AuditOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly org?: true;
  readonly roleName?: string;
  readonly account?: readonly string[];
  readonly settings?: string;
  readonly control?: readonly string[];
  readonly format: "table" | "json" | "csv";
  readonly out?: string;
  readonly failOn?: Severity;
}

const defaultRole = "OrganizationAccountAccessRole";

/** `warden audit`: the sweep's judgement on any account that the caller's credentials can read. */
export const auditCommand = (): Command =>
  new Command("audit")
    .summary("judge the IAM of your account, some accounts or the whole organization")
    .description(
      "Judges the IAM of AWS accounts, reading only, with your own credentials (AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL " +
        "work as in the AWS CLI). Without --org or --account: the account that the credentials belong to.",
    )
    .option("--profile <name>", "a profile of your AWS configuration")
    .option("--region <region>", "tells the partition (default: as configured, else us-east-1)")
    .option("--org", "every active account of the organization")
    .addOption(new Option("--account <id...>", "these accounts").argParser(collectAccounts).conflicts("org"))
    .option("--role-name <name>", `the role to assume in each account but your own (default: "${defaultRole}")`)
    .option("--settings <file>", "a warden.config.yaml (default: every control with its defaults)")
    .option("--control <id...>", "only these controls")
    .addOption(new Option("--format <format>", "of the result").choices(["table", "json", "csv"]).default("table"))
    .option("--out <file>", "write the result there instead of standard output")
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 if a finding is this severe, or worse").choices(severities),
    )
    .action(async (options: AuditOptions) => {
      process.exitCode = await audit(options);
    });

const collectAccounts = (value: string, previous: readonly string[] = []): readonly string[] => {
  if (!/^\d{12}$/.test(value)) throw new InvalidArgumentError("An account id is twelve digits.");
  return previous.includes(value) ? previous : [...previous, value];
};

const audit = async (options: AuditOptions): Promise<ExitCode> => {
  if (options.roleName !== undefined && !options.org && !options.account)
    throw new CommandError("--role-name is the role to assume in other accounts: it needs --org or --account");
  const settings = onlyControls(await readSettings(options.settings), options.control ?? []);
  if (options.out !== undefined) await checkWritable(options.out);
  checkEndpoints(process.env);

  // Not as a client's option: the SDK would take credentials and Region of it, but not its `endpoint_url`, and so send
  // what is meant for a test server to AWS.
  if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
  const connection = options.region === undefined ? {} : { region: options.region };
  const clock = (): Date => new Date();
  const caller = await explained(() => callerIdentity(connection));
  const aws = createAwsAccess({
    ...connection,
    region: caller.region,
    partition: caller.partition,
    ownAccountId: caller.accountId,
    roleName: options.roleName ?? defaultRole,
    sessionName: "warden-audit",
    watchedRegions: regionsOf(caller.partition, settings),
    trails: sweptTrailReading,
    clock,
  });
  const listed = options.org ? await explained(() => membersOf(aws)) : {};
  const accounts = await explained(() => accountsToRead(aws, caller, options, listed));
  for (const one of options.org ? unknownScopes(settings, accounts) : [])
    note(`warden: ${visibleText(`${options.settings ?? "the settings"}: ${unknownScopeWords(one)}`)}`);
  const organization = await liveOrganization(aws, caller.accountId, { clock, ...listed });

  const progress = createProgress();
  const showProgress = (done: number): void => progress.show(`read ${done} of ${accounts.length} accounts`);
  showProgress(0);
  const report = await runAudit({
    aws,
    earlierCalls: { [caller.accountId]: { "sts:GetCallerIdentity": caller.calls } },
    accounts,
    organization,
    settings,
    clock,
    sleep: async (ms) => sleep(ms),
    onProgress: showProgress,
  });
  progress.clear();

  // A table on the terminal says it itself.
  const shown = options.format === "table" && options.out === undefined && process.stdout.isTTY;
  for (const { id, error } of shown ? [] : report.accounts.filter(({ status }) => status === "failed"))
    note(`warden: account ${id} could not be read: ${visibleText(error ?? "")}`);
  if (options.out === undefined) await print(format(report, options));
  else await writeWhole(options.out, format(report, options));
  return exitCodeOf(report, options.failOn);
};

/** Where IAM's events appear, and where the settings say that iam-warden hears of others. */
const regionsOf = (partition: string, { deployment }: Settings): readonly string[] => [
  iamRegionOf(partition),
  ...(deployment.regions ?? []),
];

const explained = async <T>(step: () => Promise<T>): Promise<T> => {
  try {
    return await step();
  } catch (error) {
    throw explain(error);
  }
};

/** What the listing of accounts and the reading of the organization ask alike. */
interface Listed {
  readonly members?: readonly Member[];
  readonly places?: Places;
}

const membersOf = async (aws: AwsAccess): Promise<Listed> => {
  const organizations = aws.organizations();
  return { members: await listMembers(organizations), places: createPlaces(organizations) };
};

const accountsToRead = async (
  aws: AwsAccess,
  caller: CallerIdentity,
  options: AuditOptions,
  listed: Listed,
): Promise<readonly AccountRef[]> => {
  if (options.org) {
    const accounts = await listAccounts(aws, listed);
    // A result about no account at all would read as a clean one.
    if (accounts.length === 0) throw new CommandError("The organization lists no active account.");
    return accounts;
  }
  return (options.account ?? [caller.accountId]).map((id) => ({ id }));
};

const format = (report: AuditReport, { format: name, out }: AuditOptions): string => {
  if (name === "json") return `${JSON.stringify(report, null, 2)}\n`;
  if (name === "csv") return formatCsv(report);
  return formatTable(report, out === undefined ? stdoutPaint : plainPaint, terminalWidth());
};

/** With a threshold, a control that could not be judged is not a pass: a gate that could not look does not open. */
const exitCodeOf = (report: AuditReport, failOn: Severity | undefined): ExitCode => {
  const counts = (severity: Severity): boolean =>
    failOn !== undefined && severities.indexOf(severity) <= severities.indexOf(failOn);
  if (report.findings.some(({ severity }) => counts(severity))) return exitCodes.findings;
  const unjudged = report.unknown.some(({ control }) => {
    const severity = controlById(control)?.severity;
    return severity !== undefined && counts(severity);
  });
  return unjudged || report.accounts.some(({ status }) => status === "failed") ? exitCodes.incomplete : exitCodes.ok;
};
