import type { Context } from "aws-lambda";
import { createS3ReportStore } from "../shared/report/s3-store.ts";
import { reportKeys } from "../shared/report/store.ts";
import { type ReportDependencies, writeReport } from "../shared/report/write-report.ts";
import { readPlan } from "../shared/sweep/kept-plan.ts";
import { type DigestRequest, parseDigestRequest } from "../shared/sweep/requests.ts";
import { type DigestDependencies, tellDigest } from "../shared/sweep/tell-digest.ts";
import { given, hubAccess, reportBucket, snsNotifier, stores } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/**
 * Tells the digest of a sweep: the run and its accounts in, as `list-accounts` planned them. With `step: "report"` it writes
 * the run's report instead: two steps, so that a report that has to be tried again tells no digest twice.
 */
export const createHandler =
  (dependencies: DigestDependencies & ReportDependencies) =>
  ({ step, ...plan }: DigestRequest, context: Pick<Context, "getRemainingTimeInMillis">): Promise<void> =>
    step === "report"
      ? writeReport(dependencies, plan)
      : tellDigest(dependencies, plan, () => context.getRemainingTimeInMillis());

/** The handler, built from the variables and connections of whatever it runs on: the run's accounts lie in the bucket. */
export const build = withSettings((runtime) => {
  const self = given(runtime, ["AWS_REGION", "HUB_ACCOUNT_ID", "FINDINGS_TABLE", "TOPIC_ARN", "REPORT_BUCKET"]);
  const { telemetry, clock } = self;
  const aws = hubAccess(self);
  const bucket = reportBucket(aws, self);
  const digest = createHandler({
    store: stores(self).store,
    notifier: snsNotifier(aws, self),
    reports: createS3ReportStore(bucket),
    reportOf: (runId) => bucket.address(reportKeys(runId).html),
    telemetry,
    clock,
  });
  return async (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<void> =>
    digest(await readPlan(bucket, parseDigestRequest(event)), context);
});

export const handler = lambdaHandler<unknown, void>("digest", build);
