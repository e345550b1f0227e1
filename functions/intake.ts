import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { createAccountDirectory } from "../shared/intake/account-directory.ts";
import type { IntakeDependencies } from "../shared/intake/dependencies.ts";
import { createIntake } from "../shared/intake/intake.ts";
import type { Message } from "../shared/intake/receive.ts";
import { activeAccounts, auditAccess, bundledSettings, now, repairQueue, snsNotifier, stores } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Time that is kept back to answer. */
const marginMs = 10_000;

/** Judges a batch of forwarded events: an SQS batch in, the messages that failed, or that time was too short for, out. */
export const createHandler = (dependencies: IntakeDependencies) => {
  const intake = createIntake(dependencies);
  return async (
    event: { readonly Records: readonly Message[] },
    context: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> => {
    const { promise: outOfTime, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, context.getRemainingTimeInMillis() - marginMs));
    try {
      return await intake(event, outOfTime);
    } finally {
      clearTimeout(timer);
    }
  };
};

export const handler = lambdaHandler<SQSEvent, SQSBatchResponse>("intake", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "SETTINGS_FILE",
    "REPAIR_QUEUE_URL",
  ]);
  const aws = auditAccess(environment);
  const settings = bundledSettings(environment, telemetry);
  return createHandler({
    aws,
    hubAccountId: environment.HUB_ACCOUNT_ID,
    ...stores(environment),
    repairs: repairQueue(environment),
    notifier: snsNotifier(aws, environment),
    settings,
    accounts: createAccountDirectory({ list: activeAccounts(aws, settings), clock: now, telemetry }),
    telemetry,
    clock: now,
  });
});
