import { setTimeout as sleep } from "node:timers/promises";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { managementAccountId } from "../shared/accounts/management-account.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import type { RepairDependencies } from "../shared/remediation/dependencies.ts";
import { createRepairs, type RepairDelivery } from "../shared/remediation/receive.ts";
import { activeAccounts, auditAccess, bundledSettings, now, snsNotifier, stores } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Repairs and undoes: an SQS batch in, the messages that failed, or that time was too short for, out. */
export const createHandler = (dependencies: RepairDependencies) => {
  const repairs = createRepairs(dependencies);
  return (
    event: { readonly Records: readonly RepairDelivery[] },
    context: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> => repairs(event.Records, () => context.getRemainingTimeInMillis());
};

export const handler = lambdaHandler<SQSEvent, SQSBatchResponse>("remediate", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "REMEDIATION_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "SETTINGS_FILE",
  ]);
  const audit = auditAccess(environment);
  const settings = bundledSettings(environment, telemetry);
  return createHandler({
    audit,
    remediate: createAwsAccess({
      region: environment.AWS_REGION,
      ownAccountId: environment.HUB_ACCOUNT_ID,
      roleName: environment.REMEDIATION_ROLE_NAME,
      sessionName: "iam-warden-remediate",
      assumeInOwnAccount: true,
      clock: now,
    }),
    ...stores(environment),
    notifier: snsNotifier(audit, environment),
    settings,
    ownRoles: [environment.AUDIT_ROLE_NAME, environment.REMEDIATION_ROLE_NAME],
    listAccounts: activeAccounts(audit, settings),
    managementAccountId: () => managementAccountId(audit),
    telemetry,
    clock: now,
    sleep: (ms) => sleep(ms),
  });
});
