import type { OperatorDependencies } from "../shared/operator/dependencies.ts";
import { createHttpOperator } from "../shared/operator/http.ts";
import type { HttpAnswer } from "../shared/operator/over-http.ts";
import { given, repairContext, repairQueue } from "./dependencies.ts";
import { throughUrl } from "./function-url.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

/** Answers what people ask for through the function's URL. */
export const createHandler = (dependencies: OperatorDependencies) =>
  throughUrl(createHttpOperator(dependencies), dependencies.telemetry);

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "WATCHED_REGIONS",
    "FINDINGS_TABLE",
    "REPAIR_QUEUE_URL",
    "TOPIC_ARN",
    "DOCTOR_URL",
  ]);
  const { DOCTOR_URL: doctorUrl } = self.environment;
  return createHandler({
    ...repairContext(self),
    repairs: repairQueue(self),
    ...(doctorUrl !== undefined && { doctorUrl }),
  });
});

export const handler = lambdaHandler<unknown, HttpAnswer>("operator", build);
