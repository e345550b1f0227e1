import { Command, InvalidArgumentError } from "commander";
import { iamRegionOf } from "../../shared/aws/arn.ts";
import { callerIdentity, createAwsAccess } from "../../shared/aws/aws-access.ts";
import { createCloudFormation } from "../../shared/aws/cloudformation.ts";
import { askYes, canAsk } from "../ask.ts";
import { checkEndpoints, explain } from "../audit/explain.ts";
import { formatDone, formatStandings, notDone } from "../bootstrap/format.ts";
import { observe } from "../bootstrap/observe.ts";
import { checkOrganization } from "../bootstrap/organization.ts";
import { perform, standingsOf } from "../bootstrap/perform.ts";
import { stepsFor } from "../bootstrap/steps.ts";
import { CommandError, type ExitCode, exitCodes, RefusedError } from "../command-error.ts";
import { note, print } from "../output.ts";
import { terminalWidth } from "../table.ts";

interface BootstrapOptions {
  readonly hub: string;
  readonly rootAccess: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly profile?: string;
}

const accountId = (value: string): string => {
  if (/^\d{12}$/.test(value)) return value;
  throw new InvalidArgumentError("An account id is twelve digits.");
};

/** `warden bootstrap`: switches on in the organization what a deployment needs. */
export const bootstrapCommand = (): Command =>
  new Command("bootstrap")
    .summary("prepare an organization for a deployment, with the management account's credentials")
    .description(
      "Gives CloudFormation StackSets and IAM trusted access to the organization, makes the hub's account the delegated " +
        "administrator of both, and switches central root access on. Shows first what is so already and what it will do, asks, " +
        "and does only what is missing.",
    )
    .requiredOption("--hub <account>", "the account that iam-warden will run in", accountId)
    .option("--no-root-access", "leave central root access, and IAM's delegated administrator, as they are")
    .option("--dry-run", "show what would be done, and do nothing", false)
    .option("--yes", "do not ask", false)
    .option("--profile <name>", "a profile of your AWS configuration")
    .addHelpText(
      "after",
      "\nExamples:\n  warden bootstrap --hub 111122223333 --dry-run --profile management\n" +
        "  warden bootstrap --hub 111122223333 --profile management",
    )
    .action(async (options: BootstrapOptions) => {
      process.exitCode = await bootstrap(options);
    });

/** @throws CommandError where it could not begin; RefusedError where the answer was no */
const bootstrap = async ({ hub, rootAccess, dryRun, yes, profile }: BootstrapOptions): Promise<ExitCode> => {
  checkEndpoints(process.env);
  // Not as a client's option: the SDK would take credentials and Region of it, but not its `endpoint_url`.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const caller = await callerIdentity().catch((error: unknown) => {
    throw explain(error);
  });
  const { accountId: ownAccountId, partition, region } = caller;
  const aws = createAwsAccess({ region, partition, ownAccountId });
  const clients = {
    organizations: aws.organizations(),
    iam: aws.iam(ownAccountId),
    // The Region of IAM is one of those in which StackSets take delegated administrators.
    cloudFormation: createCloudFormation({ region: iamRegionOf(partition) }),
  };
  const organization = await checkOrganization(clients.organizations, caller, hub);
  if (organization.hubIsManagement)
    note(
      `warden: ${hub} is the management account. The hub deploys to the members as a delegated administrator, which it ` +
        "cannot be: write a member account after --hub.",
    );

  const standings = standingsOf(stepsFor(hub, { rootAccess }), await observe(clients, hub), organization);
  await print(`Organization ${organization.id}, hub ${hub}\n\n${formatStandings(standings, terminalWidth())}\n`);
  const missing = standings.filter(({ state }) => state === "missing").length;
  const unclear = standings.filter(({ state }) => state === "unknown" || state === "impossible").length;
  if (missing === 0 || dryRun) {
    for (const line of notDone(standings.filter((one) => "why" in one))) note(line);
    await print(missing > 0 ? `${missing} to do; nothing was done.\n` : "Nothing to do.\n");
    return unclear > 0 ? exitCodes.incomplete : exitCodes.ok;
  }
  await confirm(missing, yes);

  const outcomes = await perform(standings, clients, ownAccountId);
  await print(formatDone(outcomes));
  const failures = notDone(outcomes);
  for (const line of failures) note(line);
  return failures.length > 0 ? exitCodes.incomplete : exitCodes.ok;
};

const confirm = async (missing: number, yes: boolean): Promise<void> => {
  if (yes) return;
  if (!canAsk()) throw new CommandError("Nobody can be asked without a terminal: add --yes if this is to be done.");
  if (!(await askYes(`Do these ${missing} things in the organization? [y/N] `)))
    throw new RefusedError("Nothing was done.");
};
