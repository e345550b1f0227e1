import type { Connection } from "../shared/aws/aws-access.ts";
import { createDoctorClients } from "../shared/doctor/clients.ts";
import type { Deployed, DoctorDependencies, Reach } from "../shared/doctor/dependencies.ts";
import { createDoctor } from "../shared/doctor/doctor.ts";
import { type HttpAnswer, overHttp } from "../shared/operator/over-http.ts";
import { managementAccountId } from "../shared/organization/management-account.ts";
import { whyNotKnown } from "../shared/settings/settings.ts";
import { activeAccounts, auditAccess, given, markStore, stores } from "./dependencies.ts";
import type { Environment } from "./environment.ts";
import { throughUrl } from "./function-url.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Tells people through the function's URL whether every account is watched. */
export const createHandler = (dependencies: DoctorDependencies) =>
  throughUrl(overHttp(createDoctor(dependencies), dependencies.telemetry), dependencies.telemetry);

const variables = [
  "AWS_REGION",
  "HUB_ACCOUNT_ID",
  "TOPIC_ARN",
  "OPERATIONS_TOPIC_ARN",
  "EVENT_BUS_ARN",
  "STACK_SET_NAME",
  "WATCHED_REGIONS",
  "DEAD_LETTER_URLS",
] as const;

/** How iam-warden is deployed, by the function's environment. */
export const deployedAs = (environment: Environment<(typeof variables)[number]>): Deployed => ({
  hubAccountId: environment.HUB_ACCOUNT_ID,
  region: environment.AWS_REGION,
  watchedRegions: environment.WATCHED_REGIONS,
  eventBusArn: environment.EVENT_BUS_ARN,
  stackSet: environment.STACK_SET_NAME,
  topics: [
    { name: "alerts", at: environment.TOPIC_ARN },
    { name: "operations", at: environment.OPERATIONS_TOPIC_ARN },
  ],
  deadLetters: environment.DEAD_LETTER_URLS,
});

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [...variables, "AUDIT_ROLE_NAME", "FINDINGS_TABLE"]);
  const { environment, connection, telemetry, clock } = self;
  const region = environment.AWS_REGION;
  const reach = (through: Connection): Reach => {
    const audit = auditAccess({ ...self, connection: through });
    return { aws: audit, clients: createDoctorClients({ audit, region, connection: through }) };
  };
  const { aws, clients } = reach(connection);
  // All of them through the same sockets.
  const shared = { ...connection, requestHandler: aws.sts().config.requestHandler };
  const { settings } = self;
  const settingsProblem = whyNotKnown(settings);
  const { store, breakers } = stores(self);
  return createHandler({
    ...{ aws, clients },
    reachAnew: () => reach(shared),
    deployed: deployedAs(environment),
    listAccounts: activeAccounts(aws),
    managementAccountId: () => managementAccountId(aws),
    ...{ store, breakers, marks: markStore(self), settings, telemetry, clock },
    ...(settingsProblem !== undefined && { settingsProblem }),
  });
});

export const handler = lambdaHandler<unknown, HttpAnswer>("doctor", build);
