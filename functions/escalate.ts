import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { type DigestDependencies, tellLeftOver } from "../shared/sweep/tell-digest.ts";
import { findingStore, now, snsNotifier } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Tells, every hour, what could not be told when it was due. Takes no input. */
export const createHandler =
  (dependencies: DigestDependencies) =>
  (_event: unknown): Promise<void> =>
    tellLeftOver(dependencies);

export const handler = lambdaHandler<unknown, void>("escalate", ({ telemetry }) => {
  const environment = readEnvironment(["AWS_REGION", "HUB_ACCOUNT_ID", "FINDINGS_TABLE", "TOPIC_ARN"]);
  const aws = createAwsAccess({ region: environment.AWS_REGION, ownAccountId: environment.HUB_ACCOUNT_ID });
  return createHandler({
    store: findingStore(environment),
    notifier: snsNotifier(aws, environment),
    telemetry,
    clock: now,
  });
});
