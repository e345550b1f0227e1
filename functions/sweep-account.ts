import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "aws-lambda";
import { parseSweepRequest, type SweepAnswer } from "../shared/sweep/run.ts";
import { type SweepDependencies, sweepAccount } from "../shared/sweep/sweep-account.ts";
import { auditAccess, bundledSettings, now, snsNotifier, stores } from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** Sweeps one account as far as the time allows; an answer that is not `done` is the next request. */
export const createHandler =
  (dependencies: SweepDependencies) =>
  (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SweepAnswer> =>
    sweepAccount(dependencies, parseSweepRequest(event), () => context.getRemainingTimeInMillis());

export const handler = lambdaHandler<unknown, SweepAnswer>("sweep-account", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "TOPIC_ARN",
    "SETTINGS_FILE",
  ]);
  const aws = auditAccess(environment);
  return createHandler({
    aws,
    ...stores(environment),
    notifier: snsNotifier(aws, environment),
    settings: bundledSettings(environment, telemetry),
    telemetry,
    clock: now,
    sleep: (ms) => sleep(ms),
  });
});
