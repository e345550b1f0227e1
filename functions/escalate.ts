import type { Context } from "aws-lambda";
import type { EscalationDependencies } from "../shared/escalation/dependencies.ts";
import { escalate } from "../shared/escalation/escalate.ts";
import { activeAccounts, auditAccess, given, markStore, repairQueue, snsNotifier, stores } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Does, every hour, what has become due: untold notices, reminders, repairs, exemptions that end, blind accounts. Takes no input. */
export const createHandler =
  (dependencies: EscalationDependencies) =>
  (_event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<void> =>
    escalate(dependencies, () => context.getRemainingTimeInMillis());

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "REPAIR_QUEUE_URL",
    "WATCHED_REGIONS",
  ]);
  const aws = auditAccess(self);
  const { settings } = self;
  const { store, exemptions } = stores(self);
  return createHandler({
    aws,
    auditRoleName: self.environment.AUDIT_ROLE_NAME,
    store,
    exemptions,
    marks: markStore(self),
    repairs: repairQueue(self),
    notifier: snsNotifier(aws, self),
    settings,
    listAccounts: activeAccounts(aws),
    telemetry: self.telemetry,
    clock: self.clock,
  });
});

export const handler = lambdaHandler<unknown, void>("escalate", build);
