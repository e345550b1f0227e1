import type { ExternalType } from "../analyzers/access-analyzer.ts";
import type { AwsAccess } from "../aws/access.ts";
import { call, isServiceFault } from "../aws/errors.ts";
import { AccessDeniedError, messageOf, ThrottledError, WardenError } from "../errors.ts";
import { type AnalyzerFacts, type Fact, known, type RegionAnalyzers, unknownFact } from "./facts.ts";
import { deniedWhy } from "./reading.ts";

const permission = "access-analyzer:ListAnalyzers";

interface Asking {
  readonly region: string;
  readonly type: ExternalType;
  /** Much else is read beside it, which must not be lost where Access Analyzer does not answer in one Region. */
  readonly isOneOfMany?: boolean;
}

/**
 * The analyzers of one type that an account has in a Region. What one Region does not tell (it is denied there, or the account
 * has not enabled it) is not known of that Region alone.
 * @throws ThrottledError unless it is one read of many; AccessDeniedError where not even the role can be assumed
 */
export const readAnalyzersIn = async (
  aws: AwsAccess,
  accountId: string,
  { region, type, isOneOfMany = false }: Asking,
): Promise<Fact<readonly AnalyzerFacts[]>> => {
  try {
    const listed = await call(permission, accountId, () => aws.accessAnalyzer(accountId, region).list(type));
    return known(listed.map(({ arn, name, status }) => ({ arn, name, status })));
  } catch (error) {
    if (error instanceof AccessDeniedError && error.permission === permission) return unknownFact(deniedWhy(error));
    if (isServiceFault(error)) return unknownFact(`${permission} failed in AWS`);
    if (isOneOfMany && error instanceof ThrottledError) return unknownFact(`${permission} was not answered`);
    if (!(error instanceof WardenError)) return unknownFact(`${permission} failed in ${region}: ${messageOf(error)}`);
    throw error;
  }
};

/** The analyzers for access from outside the account that it has in each watched Region: a call for each. */
export const readAnalyzers = (
  aws: AwsAccess,
  accountId: string,
  options: Pick<Asking, "isOneOfMany"> = {},
): Promise<readonly RegionAnalyzers[]> =>
  Promise.all(
    aws.watchedRegions.map(async (region) => ({
      region,
      analyzers: await readAnalyzersIn(aws, accountId, { region, type: "ACCOUNT", ...options }),
    })),
  );
