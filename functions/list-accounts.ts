import type { Context } from "aws-lambda";
import { type KeptPlan, keepPlan } from "../shared/sweep/kept-plan.ts";
import { type PlanDependencies, planSweep, type SweepPlan } from "../shared/sweep/plan.ts";
import { parseRunRequest } from "../shared/sweep/requests.ts";
import { auditAccess, given, hubAccess, organizationStore, reportBucket } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: PlanDependencies) =>
  (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event), () => context.getRemainingTimeInMillis());

/** The handler, built from the variables and connections of whatever it runs on: the accounts lie in the bucket. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "REPORT_BUCKET",
    "WATCHED_REGIONS",
  ]);
  const aws = hubAccess(self);
  const bucket = reportBucket(aws, self);
  const plan = createHandler({
    aws,
    audit: auditAccess(self),
    hubAccountId: self.environment.HUB_ACCOUNT_ID,
    organizations: organizationStore(self),
    settings: self.settings,
    telemetry: self.telemetry,
    clock: self.clock,
    sleep: self.sleep,
  });
  return async (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<KeptPlan> =>
    keepPlan(bucket, await plan(event, context));
});

export const handler = lambdaHandler<unknown, KeptPlan>("list-accounts", build);
