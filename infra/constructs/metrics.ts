import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Metric as Counted } from "../../shared/telemetry.ts";

/** What a function counts itself, as its logs hand it to CloudWatch: sums of five minutes. */
export const counted = (service: string, metricName: Counted, label?: string): Metric =>
  new Metric({
    namespace: "IamWarden",
    metricName,
    dimensionsMap: { service },
    statistic: "Sum",
    period: Duration.minutes(5),
    ...(label !== undefined && { label }),
  });
