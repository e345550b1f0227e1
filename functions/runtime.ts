import { setTimeout as sleep } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { Connection } from "../shared/aws/aws-access.ts";
import type { Telemetry } from "../shared/telemetry.ts";
import type { Variables } from "./environment.ts";

/** What is used of the standard `fetch`. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What a function is built with: what Lambda gives it, or, on a laptop, what stands for Lambda. */
export interface Runtime {
  readonly telemetry: Telemetry;
  readonly variables: Variables;
  /** How AWS is reached; on Lambda as the SDK finds it. */
  readonly connection: Connection;
  /** For the one service that no client of the SDK is loaded for. Absent: the standard one. */
  readonly fetch?: Fetch;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

export type LambdaHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * A Lambda handler that builds what it needs at its first invocation, once: importing the module reads no environment,
 * and a failed start is tried again by the next invocation. Metrics go out as EMF log lines after every invocation,
 * failed ones included.
 */
export const lambdaHandler = <Event, Result>(
  service: string,
  build: (runtime: Runtime) => LambdaHandler<Event, Result>,
): LambdaHandler<Event, Result> => {
  let started: { run: LambdaHandler<Event, Result>; logger: Logger; metrics: Metrics } | undefined;
  const start = () => {
    const logger = new Logger({ serviceName: service });
    const metrics = new Metrics({ namespace: "IamWarden", serviceName: service });
    const run = build({
      telemetry: powertoolsTelemetry(logger, metrics),
      variables: process.env,
      connection: {},
      clock: () => new Date(),
      sleep: (ms) => sleep(ms),
    });
    return { run, logger, metrics };
  };
  return async (event, context) => {
    started ??= start();
    started.logger.addContext(context);
    try {
      return await started.run(event, context);
    } finally {
      if (started.metrics.hasStoredMetrics()) started.metrics.publishStoredMetrics();
    }
  };
};

const powertoolsTelemetry = (logger: Logger, metrics: Metrics): Telemetry => ({
  info: (message, fields = {}) => logger.info(message, fields),
  warn: (message, fields = {}) => logger.warn(message, fields),
  error: (message, fields = {}) => logger.error(message, fields),
  count: (metric, value = 1) => {
    if (process.env.AWS_LAMBDA_FUNCTION_NAME) metrics.addMetric(metric, MetricUnit.Count, value);
  },
  measure: (metric, seconds) => {
    if (process.env.AWS_LAMBDA_FUNCTION_NAME) metrics.addMetric(metric, MetricUnit.Seconds, seconds);
  },
});
