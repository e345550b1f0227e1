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

/** The other Regions, in each partition, where sign-ins appear: where a browser was sent decides which one. */
const otherSignInRegions: { readonly [partition in (typeof partitions)[number]]: readonly string[] } = {
  aws: ["us-east-2", "eu-north-1", "ap-southeast-2"],
  "aws-cn": ["cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1"],
};

/** The Regions besides the home Region in which sign-ins appear, with commas between them. */
export const signInRegions = (scope: Construct): string =>
  new CfnMapping(scope, "SignInRegions", {
    mapping: Object.fromEntries(
      Object.entries(otherSignInRegions).map(([partition, regions]) => [partition, { regions: regions.join(",") }]),
    ),
  }).findInMap(Aws.PARTITION, "regions");

/** Holds in the home Region alone. */
export const isHome = (scope: Construct): CfnCondition =>
  new CfnCondition(scope, "IsHome", { expression: Fn.conditionEquals(Aws.REGION, homeRegion(scope)) });
