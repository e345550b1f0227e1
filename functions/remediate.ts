import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { RepairDependencies } from "../shared/remediation/dependencies.ts";
import { createRepairs, type RepairDelivery } from "../shared/remediation/receive.ts";
import { accountOwner, given, remediationAccess, repairContext } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Repairs and undoes: an SQS batch in, the messages that failed, or that time was too short for, out. */
export const createHandler = (dependencies: RepairDependencies) => {
  const repairs = createRepairs(dependencies);
  return (
    event: { readonly Records: readonly RepairDelivery[] },
    context: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> => repairs(event.Records, () => context.getRemainingTimeInMillis());
};

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "WATCHED_REGIONS",
    "REMEDIATION_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
  ]);
  const { AUDIT_ROLE_NAME, REMEDIATION_ROLE_NAME } = self.environment;
  const context = repairContext(self);
  return createHandler({
    ...context,
    ownerOf: accountOwner(context.audit, self),
    remediate: remediationAccess(self),
    ownRoles: [AUDIT_ROLE_NAME, REMEDIATION_ROLE_NAME],
  });
});

export const handler = lambdaHandler<SQSEvent, SQSBatchResponse>("remediate", build);
