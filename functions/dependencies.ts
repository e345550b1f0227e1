import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { listAccounts } from "../shared/accounts/list-accounts.ts";
import { createDynamoDbWatchStore } from "../shared/after-care/dynamodb-watch-store.ts";
import type { AwsAccess } from "../shared/aws/access.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { createDynamoDbExemptionStore } from "../shared/exemptions/dynamodb-store.ts";
import { createDynamoDbStore } from "../shared/findings/dynamodb-store.ts";
import type { Notifier } from "../shared/notify/notice.ts";
import { createSnsNotifier } from "../shared/notify/sns.ts";
import { createDynamoDbBreakerStore } from "../shared/remediation/dynamodb-breaker-store.ts";
import { createDynamoDbRemediationStore } from "../shared/remediation/dynamodb-store.ts";
import { noRepairQueue } from "../shared/remediation/no-queue.ts";
import type { RepairQueue } from "../shared/remediation/queue.ts";
import { createSqsRepairQueue } from "../shared/remediation/sqs-queue.ts";
import { parseSettings } from "../shared/settings/parse.ts";
import { defaultSettings, type Settings } from "../shared/settings/settings.ts";
import type { AccountRef } from "../shared/subject.ts";
import type { Telemetry } from "../shared/telemetry.ts";
import type { Environment } from "./environment.ts";

export const now = (): Date => new Date();

/** Reads every account, the hub included, with the audit role: what a function may do besides does not widen what it reads. */
export const auditAccess = (environment: Environment<"AWS_REGION" | "HUB_ACCOUNT_ID" | "AUDIT_ROLE_NAME">): AwsAccess =>
  createAwsAccess({
    region: environment.AWS_REGION,
    ownAccountId: environment.HUB_ACCOUNT_ID,
    roleName: environment.AUDIT_ROLE_NAME,
    assumeInOwnAccount: true,
    clock: now,
  });

/** A connection that died is noticed in seconds and the call tried again, not when the invocation's own time is up. */
export const dynamoDbClient = (region: string): DynamoDBClient =>
  new DynamoDBClient({
    region,
    ...(process.env.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: 6 }),
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });

/** Everything that is kept, in one table. */
export const stores = ({ AWS_REGION, FINDINGS_TABLE: table }: Environment<"AWS_REGION" | "FINDINGS_TABLE">) => {
  const client = dynamoDbClient(AWS_REGION);
  return {
    store: createDynamoDbStore({ client, table }),
    exemptions: createDynamoDbExemptionStore({ client, table }),
    remediations: createDynamoDbRemediationStore({ client, table }),
    breakers: createDynamoDbBreakerStore({ client, table }),
    watches: createDynamoDbWatchStore({ client, table }),
  };
};

/** Lists the organization's active accounts, with the OUs and owners that they have now. */
export const activeAccounts =
  (aws: AwsAccess, { owners }: Settings) =>
  (): Promise<readonly AccountRef[]> =>
    listAccounts(aws, { ownerTag: owners.accountTag });

export const repairQueue = ({
  AWS_REGION,
  REPAIR_QUEUE_URL: url,
}: Environment<"AWS_REGION" | "REPAIR_QUEUE_URL">): RepairQueue =>
  url === undefined ? noRepairQueue : createSqsRepairQueue({ client: new SQSClient({ region: AWS_REGION }), url });

export const snsNotifier = (aws: AwsAccess, environment: Environment<"TOPIC_ARN">): Notifier =>
  createSnsNotifier({ client: aws.sns(), topicArn: environment.TOPIC_ARN });

/**
 * The settings of the bundle. Settings that cannot be read are no reason to stop watching: every control then notifies by
 * its defaults, none repairs, and the log says why.
 */
export const bundledSettings = (environment: Environment<"SETTINGS_FILE">, telemetry: Telemetry): Settings => {
  const file = environment.SETTINGS_FILE;
  if (file === undefined) return defaultSettings();
  try {
    return parseSettings(readFileSync(file, "utf8"), file);
  } catch (error) {
    telemetry.error("The settings cannot be used: every control notifies by its defaults", { error, file });
    return defaultSettings();
  }
};
