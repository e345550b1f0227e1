import { type ListDependencies, planSweep, type SweepPlan } from "../shared/sweep/list.ts";
import { parseRunRequest } from "../shared/sweep/run.ts";
import { given, hubAccess } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: ListDependencies) =>
  async (event: unknown): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event));

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, ["AWS_REGION", "HUB_ACCOUNT_ID"]);
  const { clock, settings, telemetry } = self;
  return createHandler({ aws: hubAccess(self), clock, settings, telemetry });
});

export const handler = lambdaHandler<unknown, SweepPlan>("list-accounts", build);
