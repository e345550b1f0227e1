/** An analyzer of IAM Access Analyzer, as plain data. */
export interface Analyzer {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly type: string;
  status: "ACTIVE" | "CREATING" | "DISABLED" | "FAILED";
  readonly createdAt: Date;
  readonly tags: ReadonlyMap<string, string>;
}

/** The Regions in which a new account has an analyzer: those where iam-warden hears of changes, and one where much runs. */
export const analyzedRegions = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2", "eu-west-1"] as const;

export const analyzerArn = (accountId: string, region: string, name: string): string =>
  `arn:aws:access-analyzer:${region}:${accountId}:analyzer/${name}`;

/** An active analyzer for access from outside an account, or its organization. */
export const analyzerIn = (
  accountId: string,
  region: string,
  { createdAt, name = "account", ...of }: { readonly createdAt: Date } & Partial<Analyzer>,
): Analyzer => ({
  ...{ arn: analyzerArn(accountId, region, name), name, region, type: "ACCOUNT", status: "ACTIVE" },
  ...{ createdAt, tags: new Map() },
  ...of,
});
