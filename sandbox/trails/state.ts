/** A trail of CloudTrail's, as plain data. An organization's trail is seen in every member. */
export interface Trail {
  readonly arn: string;
  readonly name: string;
  /** Whose it is: of an organization's trail, the management account or a delegated administrator. */
  readonly accountId: string;
  readonly homeRegion: string;
  isMultiRegion: boolean;
  isOrganization: boolean;
  isLogging: boolean;
  /** Which management events it logs. */
  managementEvents: "All" | "ReadOnly" | "WriteOnly" | "None";
  /** It says so by advanced event selectors. */
  hasAdvancedSelectors: boolean;
  /** What S3 answered when it last wrote to its bucket. Absent: it could. */
  deliveryError?: string;
}

export const trailArn = (accountId: string, region: string, name: string): string =>
  `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`;

/** A trail of the whole organization, logging every management event of every Region. */
export const organizationTrail = (accountId: string, homeRegion = "us-east-1"): Trail => ({
  arn: trailArn(accountId, homeRegion, "organization"),
  name: "organization",
  ...{ accountId, homeRegion, isMultiRegion: true, isOrganization: true, isLogging: true },
  managementEvents: "All",
  hasAdvancedSelectors: false,
});
