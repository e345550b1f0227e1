import type { AwsAccess } from "../shared/aws/access.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { planSweep, type SweepPlan } from "../shared/sweep/list.ts";
import { parseRunRequest } from "../shared/sweep/run.ts";
import { bundledSettings, given, hubAccess } from "./dependencies.ts";
import { lambdaHandler, type Runtime } from "./runtime.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: { readonly aws: AwsAccess; readonly clock: () => Date; readonly settings: Settings }) =>
  async (event: unknown): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event));

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = (runtime: Runtime) => {
  const self = given(runtime, ["AWS_REGION", "HUB_ACCOUNT_ID", "SETTINGS_FILE"]);
  return createHandler({ aws: hubAccess(self), clock: self.clock, settings: bundledSettings(self) });
};

export const handler = lambdaHandler<unknown, SweepPlan>("list-accounts", build);
