import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Settings } from "../../shared/settings/settings.ts";
import { configurationNames } from "../names.ts";
import { acceptWildcard } from "./accepted.ts";
import type { FindingsTable } from "./findings-table.ts";

/** What the functions of the hub share. */
export interface Wiring {
  readonly organizationId: string;
  readonly auditRoleName: string;
  /** The Regions that are watched, with commas between them. */
  readonly regions: string;
  readonly table: FindingsTable;
  readonly topic: ITopic;
  /** Where the scheduler lays aside what it could not start. */
  readonly notStarted: IQueue;
  /** The operator's settings as a file of JSON, where there are any: what the functions have beside their code. */
  readonly bundledSettings: string | undefined;
  /** What they say. */
  readonly settings: Settings;
  /** Where repairs and undos are asked for; absent where nothing is opted in. */
  readonly repairQueue?: IQueue;
}

/** Permission to assume a role, by its name, in accounts of the organization only. */
export const assumeInMembers = (
  scope: Construct,
  { organizationId }: Pick<Wiring, "organizationId">,
  roleName: string,
): PolicyStatement => {
  const role = `arn:${Stack.of(scope).partition}:iam::*:role/${roleName}`;
  acceptWildcard(
    scope,
    role,
    "Accounts join without a deployment: the condition keeps it to the organization's, the name to one role in each.",
  );
  return new PolicyStatement({
    actions: ["sts:AssumeRole"],
    resources: [role],
    conditions: { StringEquals: { "aws:ResourceOrgID": organizationId } },
  });
};

export const assumeAuditRole = (scope: Construct, wiring: Wiring): PolicyStatement =>
  assumeInMembers(scope, wiring, wiring.auditRoleName);

/** Permission to list the organization's accounts with their OUs. */
export const listOrganization = (more: readonly string[] = []): PolicyStatement =>
  new PolicyStatement({
    actions: [
      "organizations:DescribeOrganizationalUnit",
      "organizations:ListAccounts",
      "organizations:ListParents",
      "organizations:ListRoots",
      ...more,
    ],
    resources: ["*"], // What is listed has no ARN that could be known before, and ListAccounts and ListRoots take none.
  });

/** The same, and to read who owns an account, where a tag names them. */
export const listOwned = ({ settings }: Pick<Wiring, "settings">): PolicyStatement =>
  listOrganization(settings.owners.accountTag === undefined ? [] : ["organizations:ListTagsForResource"]);

/** Permission to ask which account is the management account. */
export const describeOrganization = (): PolicyStatement =>
  new PolicyStatement({ actions: ["organizations:DescribeOrganization"], resources: ["*"] }); // It takes no resource.

/** Permission to read, besides its accounts, what limits the organization's members, what is centralized of root, and who administers Access Analyzer. */
export const readOrganization = (): PolicyStatement =>
  new PolicyStatement({
    actions: [
      "iam:ListOrganizationsFeatures",
      "organizations:DescribeOrganization",
      "organizations:DescribePolicy",
      "organizations:ListDelegatedAdministrators",
      "organizations:ListPolicies",
      "organizations:ListTargetsForPolicy",
    ],
    resources: ["*"], // Policies are known only once they are listed; the others take no resource.
  });

/** Permission to ask for repairs and undos, where something is deployed that makes them. */
export const askForRepairs = ({ repairQueue }: Pick<Wiring, "repairQueue">): PolicyStatement[] =>
  repairQueue === undefined
    ? []
    : [new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [repairQueue.queueArn] })];

/** The variables of `functions/environment.ts` that say where findings are kept, told and repaired. */
export const environmentOf = (
  scope: Construct,
  { auditRoleName, regions, table, topic, repairQueue }: Wiring,
): Record<string, string> => ({
  HUB_ACCOUNT_ID: Stack.of(scope).account,
  AUDIT_ROLE_NAME: auditRoleName,
  WATCHED_REGIONS: regions,
  FINDINGS_TABLE: table.tableName,
  TOPIC_ARN: topic.topicArn,
  SETTINGS_CONFIGURATION: [
    configurationNames.application,
    configurationNames.environment,
    configurationNames.profile,
  ].join("/"),
  ...(repairQueue && { REPAIR_QUEUE_URL: repairQueue.queueUrl }),
});
