import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createDynamoDbWatchStore } from "../shared/after-care/dynamodb-watch-store.ts";
import type { AwsAccess } from "../shared/aws/access.ts";
import { type AwsAccessOptions, type Connection, createAwsAccess } from "../shared/aws/aws-access.ts";
import { createS3Bucket, type S3Bucket } from "../shared/aws/s3-bucket.ts";
import { messageOf } from "../shared/errors.ts";
import { createDynamoDbExemptionStore } from "../shared/exemptions/dynamodb-store.ts";
import { createDynamoDbStore } from "../shared/findings/dynamodb-store.ts";
import { forgetFindingAt, forgetRemediationAt } from "../shared/history/forget.ts";
import { createDynamoDbMarkStore } from "../shared/marks/dynamodb-mark-store.ts";
import type { MarkStore } from "../shared/marks/mark-store.ts";
import type { Notifier } from "../shared/notify/notice.ts";
import { createSnsNotifier } from "../shared/notify/sns.ts";
import { createDynamoDbOrganizationStore } from "../shared/organization/dynamodb-store.ts";
import { createTagReader, listAccounts } from "../shared/organization/list-accounts.ts";
import { managementAccountId } from "../shared/organization/management-account.ts";
import type { OrganizationStore } from "../shared/organization/store.ts";
import { createStoredViews, type OrganizationViews } from "../shared/organization/stored-views.ts";
import { createDynamoDbBreakerStore } from "../shared/remediation/dynamodb-breaker-store.ts";
import { createDynamoDbRemediationStore } from "../shared/remediation/dynamodb-store.ts";
import { noRepairQueue } from "../shared/remediation/no-queue.ts";
import type { RepairQueue } from "../shared/remediation/queue.ts";
import { createSqsRepairQueue } from "../shared/remediation/sqs-queue.ts";
import { parseSettingsJson } from "../shared/settings/parse-json.ts";
import { defaultSettings, type Settings } from "../shared/settings/settings.ts";
import type { AccountRef } from "../shared/subject.ts";
import { type Environment, readEnvironment, type Variable } from "./environment.ts";
import type { Runtime } from "./runtime.ts";
import type { Configured } from "./with-settings.ts";

/** A function's runtime with those variables of its environment, checked, that it needs. */
export type Given<V extends Variable> = Runtime & { readonly environment: Environment<V> };

/** @throws EnvironmentError that names every variable that is missing or wrong */
export const given = <R extends Runtime, const V extends Variable>(
  runtime: R,
  variables: readonly V[],
): R & Given<V> => ({
  ...runtime,
  environment: readEnvironment(variables, runtime.variables),
});

type InHub = "AWS_REGION" | "HUB_ACCOUNT_ID";
type ForAccounts = InHub | "AUDIT_ROLE_NAME" | "WATCHED_REGIONS";

const accessAs = (
  { environment, connection, clock }: Given<InHub>,
  role: Pick<AwsAccessOptions, "roleName" | "sessionName" | "assumeInOwnAccount" | "trails" | "watchedRegions"> = {},
): AwsAccess =>
  createAwsAccess({
    ...connection,
    region: environment.AWS_REGION,
    ownAccountId: environment.HUB_ACCOUNT_ID,
    clock,
    ...role,
  });

/** Calls as the function itself, in the hub. */
export const hubAccess = (self: Given<InHub>): AwsAccess => accessAs(self);

/** Reads every account, the hub included, with the audit role: what a function may do besides does not widen what it reads. */
export const auditAccess = (self: Given<ForAccounts>, more: Pick<AwsAccessOptions, "trails"> = {}): AwsAccess =>
  accessAs(self, {
    roleName: self.environment.AUDIT_ROLE_NAME,
    assumeInOwnAccount: true,
    watchedRegions: self.environment.WATCHED_REGIONS,
    ...more,
  });

/** Writes in every account, the hub included, with the remediation role. */
export const remediationAccess = (self: Given<InHub | "REMEDIATION_ROLE_NAME">): AwsAccess =>
  accessAs(self, {
    roleName: self.environment.REMEDIATION_ROLE_NAME,
    sessionName: "iam-warden-remediate",
    assumeInOwnAccount: true,
  });

/** A connection that died is noticed in seconds and the call tried again, not when the invocation's own time is up. */
export const dynamoDbClient = (region: string, connection: Connection = {}): DynamoDBClient =>
  new DynamoDBClient({
    region,
    ...(process.env.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: 6 }),
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...connection,
  });

/** Everything that is kept, in one table, for as long as the settings say. */
export const stores = ({
  environment,
  connection,
  settings: { history },
}: Given<"AWS_REGION" | "FINDINGS_TABLE"> & Pick<Configured, "settings">) => {
  const client = dynamoDbClient(environment.AWS_REGION, connection);
  const table = environment.FINDINGS_TABLE;
  const remediations = createDynamoDbRemediationStore({ client, table, forgetAt: forgetRemediationAt(history) });
  return {
    store: createDynamoDbStore({ client, table, forgetAt: forgetFindingAt(history, remediations) }),
    exemptions: createDynamoDbExemptionStore({ client, table }),
    remediations,
    breakers: createDynamoDbBreakerStore({ client, table }),
    watches: createDynamoDbWatchStore({ client, table }),
  };
};

/** How accounts stand with their marks, in the same table; few functions need it. */
export const markStore = ({ environment, connection }: Given<"AWS_REGION" | "FINDINGS_TABLE">): MarkStore =>
  createDynamoDbMarkStore({
    client: dynamoDbClient(environment.AWS_REGION, connection),
    table: environment.FINDINGS_TABLE,
  });

/** The organization as it was read last, in the same table. */
export const organizationStore = ({
  environment,
  connection,
}: Given<"AWS_REGION" | "FINDINGS_TABLE">): OrganizationStore =>
  createDynamoDbOrganizationStore({
    client: dynamoDbClient(environment.AWS_REGION, connection),
    table: environment.FINDINGS_TABLE,
  });

/** That organization, as accounts see it. */
export const organizationViews = (self: Given<"AWS_REGION" | "FINDINGS_TABLE">): OrganizationViews =>
  createStoredViews({ store: organizationStore(self), clock: self.clock, telemetry: self.telemetry });

/**
 * Lists the organization's active accounts, with the OUs that they have now. Not with their owners: tags are one more call for
 * each account, minutes for thousands.
 */
export const activeAccounts = (aws: AwsAccess) => (): Promise<readonly AccountRef[]> => listAccounts(aws);

/** The same with owners, for who tells them and can wait. */
export const ownedAccounts =
  (aws: AwsAccess, { settings, telemetry }: Pick<Configured, "settings" | "telemetry">) =>
  (): Promise<readonly AccountRef[]> =>
    listAccounts(aws, { ownerTag: settings.owners.accountTag, telemetry });

/** The owner of one account, by the tag that the settings name. */
export const accountOwner = (aws: AwsAccess, { settings, telemetry }: Pick<Configured, "settings" | "telemetry">) => {
  const { accountTag } = settings.owners;
  return async (accountId: string): Promise<string | undefined> =>
    accountTag === undefined ? undefined : createTagReader(aws.organizations(), telemetry)(accountId, accountTag);
};

export const repairQueue = ({
  environment,
  connection,
}: Pick<Given<"AWS_REGION" | "REPAIR_QUEUE_URL">, "environment" | "connection">): RepairQueue => {
  const { AWS_REGION: region, REPAIR_QUEUE_URL: url } = environment;
  return url === undefined
    ? noRepairQueue
    : createSqsRepairQueue({ client: new SQSClient({ region, ...connection }), url });
};

export const snsNotifier = (aws: AwsAccess, { environment }: Given<"TOPIC_ARN">): Notifier =>
  createSnsNotifier({ client: aws.sns(), topicArn: environment.TOPIC_ARN });

/** The bucket of reports and of the plans of sweeps. */
export const reportBucket = (
  aws: AwsAccess,
  {
    environment: { AWS_REGION: region, REPORT_BUCKET: bucket },
    connection,
    variables,
    fetch,
  }: Given<"AWS_REGION" | "REPORT_BUCKET">,
): S3Bucket => {
  const { credentials, sha256 } = aws.sns().config;
  const endpoint = connection.endpoint ?? variables.AWS_ENDPOINT_URL_S3 ?? variables.AWS_ENDPOINT_URL;
  return createS3Bucket({ bucket, region, endpoint, credentials, sha256, fetch });
};

/**
 * The settings of the bundle, as they were deployed. Settings that cannot be read are no reason to stop watching: every
 * control then notifies by its defaults, none repairs, and the log says why.
 */
export const bundledSettings = (self: Pick<Given<"SETTINGS_FILE">, "environment" | "telemetry">): Settings =>
  readBundledSettings(self).settings;

/** The same, and why they are not those of the bundle where they are not. */
export const readBundledSettings = ({
  environment,
  telemetry,
}: Pick<Given<"SETTINGS_FILE">, "environment" | "telemetry">): {
  readonly settings: Settings;
  readonly problem?: string;
} => {
  const file = environment.SETTINGS_FILE;
  if (file === undefined) return { settings: defaultSettings() };
  try {
    return { settings: parseSettingsJson(readFileSync(file, "utf8"), file) };
  } catch (error) {
    telemetry.error("The settings cannot be used: every control notifies by its defaults", { error, file });
    return { settings: defaultSettings(), problem: messageOf(error) };
  }
};

/** What a plan, a repair and an undo are judged with, whoever asks. */
export const repairContext = (runtime: Configured & Given<ForAccounts | "FINDINGS_TABLE" | "TOPIC_ARN">) => {
  const audit = auditAccess(runtime);
  const { settings } = runtime;
  return {
    audit,
    ...stores(runtime),
    notifier: snsNotifier(audit, runtime),
    settings,
    listAccounts: activeAccounts(audit),
    organization: organizationViews(runtime),
    managementAccountId: () => managementAccountId(audit),
    telemetry: runtime.telemetry,
    clock: runtime.clock,
    sleep: runtime.sleep,
  };
};
