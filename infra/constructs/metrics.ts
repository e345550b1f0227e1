import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Metric as Counted, Measure } from "../../shared/telemetry.ts";

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

/** What a function measures itself, in seconds: the longest of five minutes. */
export const measured = (service: string, metricName: Measure, label?: string): Metric =>
  new Metric({
    namespace: "IamWarden",
    metricName,
    dimensionsMap: { service },
    statistic: "Maximum",
    period: Duration.minutes(5),
    ...(label !== undefined && { label }),
  });
