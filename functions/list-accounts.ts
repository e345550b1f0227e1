import type { AwsAccess } from "../shared/aws/access.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { planSweep, type SweepPlan } from "../shared/sweep/list.ts";
import { parseRunRequest } from "../shared/sweep/run.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Plans a sweep: `{ runId?: string }` in, the run and its accounts out. */
export const createHandler =
  (dependencies: { readonly aws: AwsAccess; readonly clock: () => Date }) =>
  async (event: unknown): Promise<SweepPlan> =>
    planSweep(dependencies, parseRunRequest(event));

export const handler = lambdaHandler<unknown, SweepPlan>("list-accounts", () => {
  const { AWS_REGION, HUB_ACCOUNT_ID } = readEnvironment(["AWS_REGION", "HUB_ACCOUNT_ID"]);
  const aws = createAwsAccess({ region: AWS_REGION, ownAccountId: HUB_ACCOUNT_ID });
  return createHandler({ aws, clock: () => new Date() });
});
