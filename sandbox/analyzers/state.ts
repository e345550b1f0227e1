/** What an analyzer found of a resource, as plain data; of unused access it says less. */
export interface ExternalFinding {
  readonly id: string;
  /** The ARN. */
  readonly resource: string;
  /** `AWS::S3::Bucket` */
  readonly resourceType: string;
  /** The account that has the resource. */
  readonly owner: string;
  readonly principal: Readonly<Record<string, string>>;
  readonly action: readonly string[];
  readonly condition: Readonly<Record<string, string>>;
  readonly isPublic: boolean;
  readonly status: "ACTIVE" | "ARCHIVED" | "RESOLVED";
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Present where the resource could not be analyzed: then nothing is known of who has access. */
  readonly error?: string;
}

/** An analyzer of IAM Access Analyzer, as plain data. */
export interface Analyzer {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly type: string;
  status: "ACTIVE" | "CREATING" | "DISABLED" | "FAILED";
  readonly createdAt: Date;
  readonly tags: ReadonlyMap<string, string>;
  /** By their id. */
  readonly findings: Map<string, ExternalFinding>;
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
  ...{ createdAt, tags: new Map(), findings: new Map() },
  ...of,
});
