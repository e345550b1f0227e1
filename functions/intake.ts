import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { heardTrailReading } from "../shared/facts/trails.ts";
import { createAccountDirectory } from "../shared/intake/account-directory.ts";
import type { IntakeDependencies } from "../shared/intake/dependencies.ts";
import { createIntake } from "../shared/intake/intake.ts";
import type { Message } from "../shared/intake/receive.ts";
import { accountRefs } from "../shared/organization/account-refs.ts";
import { readOrganization } from "../shared/organization/read-organization.ts";
import { refreshOrganization } from "../shared/organization/refresh.ts";
import {
  auditAccess,
  type Given,
  given,
  hubAccess,
  markStore,
  organizationStore,
  organizationViews,
  ownedAccounts,
  repairQueue,
  snsNotifier,
  stores,
} from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Time that is kept back to answer. */
const marginMs = 10_000;

/** Judges a batch of forwarded events: an SQS batch in, the messages that failed, or that time was too short for, out. */
export const createHandler = (dependencies: IntakeDependencies) => {
  const intake = createIntake(dependencies);
  return async (
    event: { readonly Records: readonly Message[] },
    context: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> => {
    const { promise: outOfTime, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, context.getRemainingTimeInMillis() - marginMs));
    try {
      return await intake(event, outOfTime);
    } finally {
      clearTimeout(timer);
    }
  };
};

/** How long one batch reads the organization: what it does not come through with, it may in another try, or the next sweep. */
const organizationMs = 60_000;

/** Reads the organization as the function itself: the audit role knows only its own account. */
const organizationRefresher = (
  self: Given<"AWS_REGION" | "HUB_ACCOUNT_ID" | "FINDINGS_TABLE" | "AUDIT_ROLE_NAME" | "WATCHED_REGIONS">,
): IntakeDependencies["refreshOrganization"] => {
  const { clock, environment } = self;
  const aws = hubAccess(self);
  const store = organizationStore(self);
  return (changes) => {
    const until = clock().getTime() + organizationMs;
    const remainingMs = (): number => until - clock().getTime();
    const own = {
      ...{ organizations: aws.organizations(), iam: aws.iam(environment.HUB_ACCOUNT_ID), clock, remainingMs },
      aws: auditAccess(self),
    };
    return refreshOrganization({ store, read: (given) => readOrganization({ ...own, ...given }), clock }, changes);
  };
};

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "REPAIR_QUEUE_URL",
    "ACTIVITY_QUEUE_ARN",
    "WATCHED_REGIONS",
  ]);
  const { telemetry, clock } = self;
  const aws = auditAccess(self, { trails: heardTrailReading });
  const { settings } = self;
  const kept = async () => {
    const { organization } = (await organizationStore(self).latest()) ?? {};
    return organization?.known === true ? accountRefs(organization.value) : [];
  };
  return createHandler({
    aws,
    hubAccountId: self.environment.HUB_ACCOUNT_ID,
    auditRoleName: self.environment.AUDIT_ROLE_NAME,
    ...(self.environment.ACTIVITY_QUEUE_ARN !== undefined && { activityQueueArn: self.environment.ACTIVITY_QUEUE_ARN }),
    ...stores(self),
    marks: markStore(self),
    repairs: repairQueue(self),
    organization: organizationViews(self),
    refreshOrganization: organizationRefresher(self),
    notifier: snsNotifier(aws, self),
    settings,
    accounts: createAccountDirectory({ list: ownedAccounts(aws, self), kept, clock, telemetry }),
    telemetry,
    clock,
  });
});

export const handler = lambdaHandler<SQSEvent, SQSBatchResponse>("intake", build);
