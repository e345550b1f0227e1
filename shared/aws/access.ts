import type { IAMClient } from "@aws-sdk/client-iam";
import type { OrganizationsClient } from "@aws-sdk/client-organizations";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import type { AccessAnalyzer } from "../analyzers/access-analyzer.ts";
import type { Fact, TrailCoverage } from "../facts/facts.ts";

/** Wire calls made, by account and operation: `{"111122223333": {"iam:GetUser": 2}}`. Retries count. */
export type CallCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The one place that hands out SDK clients. */
export interface AwsAccess {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  /** Of the audit role in an account, the caller's own among them; renewed before they end. */
  credentials(accountId: string): AwsCredentialIdentityProvider;
  /** IAM in an account, with that account's audit role (or the caller's own credentials, where it is the caller's account). */
  iam(accountId: string): IAMClient;
  /** IAM in an account with other credentials, e.g. those of a central root session. A new client each time. */
  iamWith(accountId: string, credentials: AwsCredentialIdentity): IAMClient;
  sts(): STSClient;
  organizations(): OrganizationsClient;
  sns(): SNSClient;
  /**
   * Looks at the trails that log in an account; absent where nobody judges whole accounts.
   * @throws ThrottledError
   */
  readonly trails?: (accountId: string) => Promise<Fact<TrailCoverage>>;
  /** The Regions that are watched: what there has to be in each Region is looked for in these. */
  readonly watchedRegions: readonly string[];
  /** IAM Access Analyzer of an account, in one Region. */
  accessAnalyzer(accountId: string, region: string): AccessAnalyzer;
  calls(): CallCounts;
}
