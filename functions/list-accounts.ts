import type { Context } from "aws-lambda";
import { type PlanDependencies, planSweep, type SweepPlan } from "../shared/sweep/list.ts";
import { parseRunRequest } from "../shared/sweep/run.ts";
import { auditAccess, given, hubAccess, organizationStore } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: PlanDependencies) =>
  (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event), () => context.getRemainingTimeInMillis());

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, ["AWS_REGION", "HUB_ACCOUNT_ID", "AUDIT_ROLE_NAME", "FINDINGS_TABLE", "WATCHED_REGIONS"]);
  return createHandler({
    aws: hubAccess(self),
    audit: auditAccess(self),
    hubAccountId: self.environment.HUB_ACCOUNT_ID,
    organizations: organizationStore(self),
    settings: self.settings,
    telemetry: self.telemetry,
    clock: self.clock,
  });
});

export const handler = lambdaHandler<unknown, SweepPlan>("list-accounts", build);
