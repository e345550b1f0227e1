import type { Context } from "aws-lambda";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import type { EscalationDependencies } from "../shared/escalation/dependencies.ts";
import { escalate } from "../shared/escalation/escalate.ts";
import { activeAccounts, bundledSettings, now, repairQueue, snsNotifier, stores } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Does, every hour, what has become due: untold notices, reminders, repairs, exemptions that end. Takes no input. */
export const createHandler =
  (dependencies: EscalationDependencies) =>
  (_event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<void> =>
    escalate(dependencies, () => context.getRemainingTimeInMillis());

export const handler = lambdaHandler<unknown, void>("escalate", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "SETTINGS_FILE",
    "REPAIR_QUEUE_URL",
  ]);
  const aws = createAwsAccess({ region: environment.AWS_REGION, ownAccountId: environment.HUB_ACCOUNT_ID });
  const settings = bundledSettings(environment, telemetry);
  const { store, exemptions } = stores(environment);
  return createHandler({
    store,
    exemptions,
    repairs: repairQueue(environment),
    notifier: snsNotifier(aws, environment),
    settings,
    listAccounts: activeAccounts(aws, settings),
    telemetry,
    clock: now,
  });
});
