import type { Context } from "aws-lambda";
import { sweptTrailReading } from "../shared/facts/trails.ts";
import { parseSweepRequest, type SweepAnswer } from "../shared/sweep/requests.ts";
import { type SweepDependencies, sweepAccount } from "../shared/sweep/sweep-account.ts";
import { auditAccess, given, markStore, organizationViews, snsNotifier, stores } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Sweeps one account as far as the time allows; an answer that is not `done` is the next request. */
export const createHandler =
  (dependencies: SweepDependencies) =>
  (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SweepAnswer> =>
    sweepAccount(dependencies, parseSweepRequest(event), () => context.getRemainingTimeInMillis());

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "WATCHED_REGIONS",
  ]);
  const aws = auditAccess(self, { trails: sweptTrailReading });
  return createHandler({
    aws,
    auditRoleName: self.environment.AUDIT_ROLE_NAME,
    ...stores(self),
    marks: markStore(self),
    organization: organizationViews(self),
    notifier: snsNotifier(aws, self),
    settings: self.settings,
    telemetry: self.telemetry,
    clock: self.clock,
    sleep: self.sleep,
  });
});

export const handler = lambdaHandler<unknown, SweepAnswer>("sweep-account", build);
