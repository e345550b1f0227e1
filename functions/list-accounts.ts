import type { AwsAccess } from "../shared/aws/access.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { planSweep, type SweepPlan } from "../shared/sweep/list.ts";
import { parseRunRequest } from "../shared/sweep/run.ts";
import { bundledSettings, now } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: { readonly aws: AwsAccess; readonly clock: () => Date; readonly settings: Settings }) =>
  async (event: unknown): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event));

export const handler = lambdaHandler<unknown, SweepPlan>("list-accounts", ({ telemetry }) => {
  const environment = readEnvironment(["AWS_REGION", "HUB_ACCOUNT_ID", "SETTINGS_FILE"]);
  const aws = createAwsAccess({ region: environment.AWS_REGION, ownAccountId: environment.HUB_ACCOUNT_ID });
  return createHandler({ aws, clock: now, settings: bundledSettings(environment, telemetry) });
});
