import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { listAccounts } from "../shared/accounts/list-accounts.ts";
import { createAccountDirectory } from "../shared/intake/account-directory.ts";
import { createIntake, type IntakeDependencies, type Message } from "../shared/intake/intake.ts";
import { auditAccess, bundledSettings, findingStore, now, snsNotifier } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Judges a batch of forwarded events: an SQS batch in, the messages that failed out. */
export const createHandler = (
  dependencies: IntakeDependencies,
): ((event: { readonly Records: readonly Message[] }) => Promise<SQSBatchResponse>) => createIntake(dependencies);

export const handler = lambdaHandler<SQSEvent, SQSBatchResponse>("intake", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "SETTINGS_FILE",
  ]);
  const aws = auditAccess(environment);
  return createHandler({
    aws,
    hubAccountId: environment.HUB_ACCOUNT_ID,
    store: findingStore(environment),
    notifier: snsNotifier(aws, environment),
    settings: bundledSettings(environment, telemetry),
    accounts: createAccountDirectory({ list: () => listAccounts(aws), clock: now, telemetry }),
    telemetry,
    clock: now,
  });
});
