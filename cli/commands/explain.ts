import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { callerIdentity, createAwsAccess } from "../../shared/aws/aws-access.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Asked } from "../../shared/explain/asked.ts";
import { heldPolicy } from "../../shared/explain/layers.ts";
import { checkEndpoints, explain as explained } from "../audit/explain.ts";
import { liveOrganization } from "../audit/live-organization.ts";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";
import { askedByOptions, contextOf } from "../explain/asked-by-options.ts";
import { formatExplanation } from "../explain/format.ts";
import type { Sources } from "../explain/read-layers.ts";
import { type RefusedCalls, readRefusedCalls } from "../explain/read-records.ts";
import type { ExplainReport } from "../explain/report.ts";
import { explainAsked, explainRecord, type Given } from "../explain/run-explain.ts";
import { collect, wholeNumber } from "../operator/options.ts";
import { targetOf } from "../operator/target.ts";
import { note, print, stdoutPaint } from "../output.ts";

interface ExplainOptions {
  readonly principal?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly context?: readonly string[];
  readonly externalId?: string;
  readonly duration?: number;
  readonly sessionPolicy?: readonly string[];
  readonly limit: number;
  readonly local?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly roleName: string;
  readonly format: "text" | "json";
}

const defaultRole = "OrganizationAccountAccessRole";

/** `warden explain`: why a call was denied, and what the smallest change would be that allows it. */
export const explainCommand = (): Command =>
  new Command("explain")
    .summary("tell why a call was denied, and what the smallest change would be")
    .description(
      "Reads everything that has a say in a call (the caller's policies and groups, the boundary, service control policies, the trust policy " +
        "of a role) and tells which layer decides, by which statement, and what would allow it, or why nothing should. Of a refused call in a " +
        "CloudTrail record, or of one that --principal and --action describe. It only reads, with your own credentials.",
    )
    .argument("[file]", "a CloudTrail record or log; - is standard input")
    .option("--principal <arn>", "who calls: ARN of a user, role, role's session, root or identity provider")
    .option("--action <action>", "what, e.g. s3:GetObject")
    .option("--resource <arn>", "on what (default: the record's, else *)")
    .option(
      "--context <key=value>",
      "a condition key of the request; several times for several; KEY= for one without it",
      collect,
    )
    .option("--external-id <id>", "the ExternalId of an sts:AssumeRole")
    .option("--duration <seconds>", "of the session that is asked for", wholeNumber)
    .option(
      "--session-policy <file>",
      "a policy that the caller's session was given; several times for several",
      collect,
    )
    .option("--limit <number>", "at most so many refused calls of a log", wholeNumber, 10)
    .addOption(
      new Option("--local [url]", "ask a local run, `npm start` (default: WARDEN_LOCAL, http://127.0.0.1:4566)"),
    )
    .option("--profile <name>", "a profile of your AWS configuration")
    .option("--region <region>", "tells the partition (default: as configured, else us-east-1)")
    .option("--role-name <name>", "the role to assume in each account but your own", defaultRole)
    .addOption(new Option("--format <format>", "of the result").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      "\nExit codes of explain:\n  0  allowed, as the policies stand now\n  1  denied, and explained\n  2  could not start or read its input\n" +
        "  3  not certain: it depends on what could not be read, or is not known of the request" +
        "\n\nExamples:\n  warden explain record.json\n  warden explain --principal arn:aws:iam::111122223333:user/bob --action s3:GetObject --resource 'arn:aws:s3:::reports/q3.csv'",
    )
    .action(async (file: string | undefined, options: ExplainOptions) => {
      process.exitCode = await run(file, options);
    });

const noCalls: RefusedCalls = { calls: [], failedOtherwise: 0 };

const run = async (file: string | undefined, options: ExplainOptions): Promise<ExitCode> => {
  if (file !== undefined && options.principal !== undefined)
    throw new CommandError(`A file and --principal name two calls: leave out either ${file} or --principal`);
  if (file === undefined && options.principal === undefined)
    throw new CommandError("Name a file with a CloudTrail record, or say who and what with --principal and --action");
  const asked = file === undefined ? askedByOptions(options) : undefined;
  const given = await givenBy(options, asked);
  const { calls, failedOtherwise } = file === undefined ? noCalls : await readRefusedCalls(file);
  const sources = await connect(options);

  const reports: ExplainReport[] = [];
  if (asked) reports.push(await reading(() => explainAsked(sources, asked, given)));
  for (const { record, raw } of calls.slice(0, options.limit))
    reports.push(await reading(() => explainRecord(sources, record, raw, given)));
  if (options.format === "json") await print(`${JSON.stringify({ version: 1, explanations: reports }, null, 2)}\n`);
  else await print(reports.map((report) => formatExplanation(report, stdoutPaint)).join("\n"));
  if (calls.length > options.limit)
    note(`warden: ${calls.length - options.limit} more refused calls in the file; ask for them with --limit`);
  if (failedOtherwise > 0) note(`warden: ${failedOtherwise} more calls in the file failed for what no policy decides`);
  return exitCodeOf(reports);
};

/** What is uncertain of one of several counts before what is known of the others. */
const exitCodeOf = (reports: readonly ExplainReport[]): ExitCode => {
  if (reports.some(({ verdict }) => verdict === "depends" || verdict === "unknown")) return exitCodes.incomplete;
  return reports.every(({ verdict }) => verdict === "allowed") ? exitCodes.ok : exitCodes.refused;
};

const reading = async <T>(step: () => Promise<T>): Promise<T> => {
  try {
    return await step();
  } catch (error) {
    throw error instanceof CommandError ? error : explained(error);
  }
};

const connect = async ({ local, profile, region, roleName }: ExplainOptions): Promise<Sources> => {
  if (local !== undefined) process.env.AWS_ENDPOINT_URL = targetOf({ local }, process.env).url.origin;
  checkEndpoints(process.env);
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const connection = region === undefined ? {} : { region };
  const clock = (): Date => new Date();
  const caller = await reading(() => callerIdentity(connection));
  const aws = createAwsAccess({
    ...connection,
    region: caller.region,
    partition: caller.partition,
    ownAccountId: caller.accountId,
    roleName,
    sessionName: "warden-explain",
    clock,
  });
  return { aws, viewOf: await liveOrganization(aws, caller.accountId, { clock }) };
};

const givenBy = async (options: ExplainOptions, asked: Asked | undefined): Promise<Given> => {
  const { action, resource, sessionPolicy } = options;
  const context = contextOf(options);
  return {
    ...(asked === undefined && action !== undefined && { action }),
    ...(asked === undefined && resource !== undefined && { resource }),
    ...(context.size > 0 && { context }),
    ...(sessionPolicy && { sessionPolicies: await Promise.all(sessionPolicy.map(sessionPolicyIn)) }),
  };
};

const sessionPolicyIn = async (file: string) => {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new CommandError(`Cannot read the session policy ${file}: ${messageOf(cause)}`, { cause });
  }
  const policy = heldPolicy(file, text);
  if (policy.unread !== undefined) throw new CommandError(`${file} is no session policy: ${policy.unread}`);
  return policy;
};
