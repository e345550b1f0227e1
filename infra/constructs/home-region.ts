import { Aws, CfnCondition, CfnMapping, Fn } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { iamRegionOf } from "../../shared/aws/arn.ts";

/** The partitions that iam-warden is deployed in. */
const partitions = ["aws", "aws-cn", "aws-us-gov"] as const;

/**
 * The Region of each partition in which IAM's own events appear: every account has its rules there, and there, once, what an
 * account needs only once.
 */
export const homeRegion = (scope: Construct): string =>
  new CfnMapping(scope, "HomeRegions", {
    mapping: Object.fromEntries(partitions.map((partition) => [partition, { region: iamRegionOf(partition) }])),
  }).findInMap(Aws.PARTITION, "region");

/** Holds in the home Region alone. */
export const isHome = (scope: Construct): CfnCondition =>
  new CfnCondition(scope, "IsHome", { expression: Fn.conditionEquals(Aws.REGION, homeRegion(scope)) });
