import { MalformedInputError } from "../errors.ts";

/** The parts of `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** All after the account, colons and slashes included, e.g. `user/team/alice`. */
  readonly resource: string;
}

/** @throws MalformedInputError if the text is not an ARN */
export const parseArn = (text: string): Arn => {
  const [prefix, partition, service, region, accountId, ...resource] = text.split(":");
  if (prefix !== "arn" || !partition || !service || region === undefined || accountId === undefined || !resource.length)
    throw new MalformedInputError(`not an ARN: ${JSON.stringify(text)}`);
  return { partition, service, region, accountId, resource: resource.join(":") };
};

/** The friendly name at the end of an IAM ARN: `alice` of `arn:aws:iam::111122223333:user/team/alice`. */
export const nameOfArn = (text: string): string => {
  const { resource } = parseArn(text);
  return resource.slice(resource.lastIndexOf("/") + 1);
};

export const rootArn = (partition: string, accountId: string): string => `arn:${partition}:iam::${accountId}:root`;

/** `role` is a name, with its path if it has one: `iam-warden-audit`, `security/audit`. */
export const roleArn = (partition: string, accountId: string, role: string): string =>
  `arn:${partition}:iam::${accountId}:role/${role.replace(/^\//, "")}`;

/** `user` as `role` above. */
export const userArn = (partition: string, accountId: string, user: string): string =>
  `arn:${partition}:iam::${accountId}:user/${user.replace(/^\//, "")}`;

/** `group` likewise. */
export const groupArn = (partition: string, accountId: string, group: string): string =>
  `arn:${partition}:iam::${accountId}:group/${group.replace(/^\//, "")}`;

/** Of a customer managed policy: `policy` is its name, with its path if it has one: `TeamBoundary`, `/team/boundary`. */
export const policyArn = (partition: string, accountId: string, policy: string): string =>
  `arn:${partition}:iam::${accountId}:policy/${policy.replace(/^\//, "")}`;

/** @param issuer the issuer's URL without `https://` */
export const oidcProviderArn = (partition: string, accountId: string, issuer: string): string =>
  `arn:${partition}:iam::${accountId}:oidc-provider/${issuer}`;

/** The partition that a Region belongs to. */
export const partitionOf = (region: string): string => {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("us-isob-")) return "aws-iso-b";
  if (region.startsWith("us-iso-")) return "aws-iso";
  return "aws";
};

/** What ends the names of AWS's hosts, in each partition. */
export const dnsSuffixOf = (partition: string): string => dnsSuffixes[partition] ?? "amazonaws.com";
const dnsSuffixes: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
};

/** The Region that IAM's calls are signed for, in each partition. */
const iamRegions: Readonly<Record<string, string>> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
};

/** The Region that Organizations answers in, in each partition, where it is not IAM's. */
const organizationsRegions: Readonly<Record<string, string>> = { "aws-cn": "cn-northwest-1" };

const inPartition = (regions: Readonly<Record<string, string>>, partition: string): string | undefined =>
  Object.hasOwn(regions, partition) ? regions[partition] : undefined;

/** @throws MalformedInputError for a partition that is not known */
export const iamRegionOf = (partition: string): string => {
  const region = inPartition(iamRegions, partition);
  if (region === undefined) throw new MalformedInputError(`unknown AWS partition ${JSON.stringify(partition)}`);
  return region;
};

/** @throws MalformedInputError for a partition that is not known */
export const organizationsRegionOf = (partition: string): string =>
  inPartition(organizationsRegions, partition) ?? iamRegionOf(partition);
