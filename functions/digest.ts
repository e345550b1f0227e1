import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { parseDigestRequest } from "../shared/sweep/run.ts";
import { type DigestDependencies, tellDigest } from "../shared/sweep/tell-digest.ts";
import { now, snsNotifier, stores } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Tells the digest of a sweep: the run and its accounts in, as `list-accounts` planned them. */
export const createHandler =
  (dependencies: DigestDependencies) =>
  (event: unknown): Promise<void> =>
    tellDigest(dependencies, parseDigestRequest(event));

export const handler = lambdaHandler<unknown, void>("digest", ({ telemetry }) => {
  const environment = readEnvironment(["AWS_REGION", "HUB_ACCOUNT_ID", "FINDINGS_TABLE", "TOPIC_ARN"]);
  const aws = createAwsAccess({ region: environment.AWS_REGION, ownAccountId: environment.HUB_ACCOUNT_ID });
  return createHandler({
    store: stores(environment).store,
    notifier: snsNotifier(aws, environment),
    telemetry,
    clock: now,
  });
});
