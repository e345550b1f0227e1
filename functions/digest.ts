import { parseDigestRequest } from "../shared/sweep/run.ts";
import { type DigestDependencies, tellDigest } from "../shared/sweep/tell-digest.ts";
import { given, hubAccess, snsNotifier, stores } from "./dependencies.ts";
import { lambdaHandler, type Runtime } from "./runtime.ts";

/** Tells the digest of a sweep: the run and its accounts in, as `list-accounts` planned them. */
export const createHandler =
  (dependencies: DigestDependencies) =>
  (event: unknown): Promise<void> =>
    tellDigest(dependencies, parseDigestRequest(event));

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = (runtime: Runtime) => {
  const self = given(runtime, ["AWS_REGION", "HUB_ACCOUNT_ID", "FINDINGS_TABLE", "TOPIC_ARN"]);
  const { telemetry, clock } = self;
  return createHandler({ store: stores(self).store, notifier: snsNotifier(hubAccess(self), self), telemetry, clock });
};

export const handler = lambdaHandler<unknown, void>("digest", build);
