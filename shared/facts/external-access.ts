import type { ExternalFinding } from "../analyzers/access-analyzer.ts";
import type { AwsAccess } from "../aws/access.ts";
import { parseArn } from "../aws/arn.ts";
import { call, isServiceFault } from "../aws/errors.ts";
import { AccessDeniedError, MalformedInputError, messageOf, ThrottledError, WardenError } from "../errors.ts";
import { byCodeUnit } from "../order.ts";
import { analyzersIn, type OrganizationView } from "../organization/view.ts";
import type { AccountRef } from "../subject.ts";
import { readAnalyzersIn } from "./analyzers.ts";
import {
  type ExternalAccess,
  type Fact,
  type RegionAnalyzers,
  type ResourceFacts,
  type UnreadRegion,
  unknownFact,
} from "./facts.ts";
import { deniedWhy } from "./reading.ts";

const permission = "access-analyzer:ListFindings";

/** What is read of an account's resources, in one go. */
export interface ExternalAccessReading {
  /** Those of which something was found, ordered by ARN. */
  readonly resources: readonly ResourceFacts[];
  /** Where more may have been found. */
  readonly unread: readonly UnreadRegion[];
}

/** An analyzer to be asked, in the account that has it. */
interface Asked {
  readonly arn: string;
  readonly zone: ExternalAccess["zone"];
}

/** Where nobody analyzes, nobody finds: that nothing is found there says nothing. */
const notAnalyzed = "no analyzer for external access is active";

/** The Region in a resource's ARN: no analyzer of another tells of it. A bucket's ARN has none. */
const regionOf = (resource: string): string | undefined => parseArn(resource).region || undefined;

interface Found {
  readonly finding: ExternalFinding;
  readonly access: Pick<ExternalAccess, "region" | "analyzerArn" | "zone">;
}

/** What one Region tells: what was found, and why there may be more. */
interface RegionReading {
  readonly found: readonly Found[];
  readonly unread: readonly UnreadRegion[];
}

interface Reader {
  readonly aws: AwsAccess;
  readonly account: AccountRef;
  readonly organization: Fact<OrganizationView> | undefined;
  readonly resource?: string;
}

/** Only what is read of this account alone, one thing after the other, is worth another try as a whole. */
const mayFail = (error: unknown, { resource }: Reader, analyzer: Asked): boolean => {
  if (error instanceof AccessDeniedError) return error.permission === permission || analyzer.zone === "organization";
  if (error instanceof ThrottledError) return isServiceFault(error) || resource === undefined;
  return !(error instanceof WardenError);
};

const whyOf = (error: unknown): string => {
  if (error instanceof AccessDeniedError) return deniedWhy(error);
  if (isServiceFault(error)) return `${permission} failed in AWS`;
  if (error instanceof ThrottledError) return `${permission} was throttled`;
  return `${permission} failed: ${messageOf(error)}`;
};

const askAnalyzer = async (reader: Reader, region: string, asked: Asked): Promise<RegionReading> => {
  const { aws, account, resource } = reader;
  const { accountId } = parseArn(asked.arn);
  try {
    const findings = await call(permission, accountId, () =>
      aws.accessAnalyzer(accountId, region).findings(asked.arn, { owner: account.id, resource }),
    );
    const access = { region, analyzerArn: asked.arn, zone: asked.zone };
    return { found: findings.map((finding) => ({ finding, access })), unread: [] };
  } catch (error) {
    if (!mayFail(error, reader, asked)) throw error;
    return { found: [], unread: [{ region, why: whyOf(error), isFailure: true }] };
  }
};

const readRegion = async (reader: Reader, { region, analyzers: own }: RegionAnalyzers): Promise<RegionReading> => {
  const { organization = unknownFact("the organization was not read") } = reader;
  const organizations = analyzersIn(organization, region);
  const asked: readonly Asked[] = [
    ...(own.known ? own.value : [])
      .filter(({ status }) => status === "ACTIVE")
      .map(({ arn }) => ({ arn, zone: "account" as const })),
    ...organizations.analyzers.map(({ arn }) => ({ arn, zone: "organization" as const })),
  ];
  const unknown = [...(own.known ? [] : [own.why]), ...organizations.unknown].map((why) => ({ region, why }));
  const unread = unknown.length === 0 && asked.length === 0 ? [{ region, why: notAnalyzed }] : unknown;
  const answers: RegionReading[] = [];
  for (const analyzer of asked) answers.push(await askAnalyzer(reader, region, analyzer));
  return {
    found: answers.flatMap(({ found }) => found),
    unread: [...unread, ...answers.flatMap((answer) => answer.unread)],
  };
};

const accessOf = ({ finding, access }: Found): ExternalAccess => ({
  principal: finding.principal,
  actions: finding.actions.toSorted(byCodeUnit),
  condition: finding.condition,
  isPublic: finding.isPublic,
  ...access,
});

const inOrder = (entries: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(entries).toSorted(([a], [b]) => byCodeUnit(a, b)));

/** Whatever order analyzers tell it in. */
const orderOf = ({ principal, condition, actions, analyzerArn }: ExternalAccess): string =>
  [inOrder(principal), inOrder(condition), actions.join(","), analyzerArn].join("\n");

/** What was found of one resource, by whichever analyzers, and where there may be more of it. */
const resourceFacts = (
  account: AccountRef,
  arn: string,
  { found, unread }: { readonly found: readonly Found[]; readonly unread: readonly UnreadRegion[] },
): ResourceFacts => {
  const region = regionOf(arn);
  const failed = found.flatMap(({ finding: { error }, access }) =>
    error === undefined
      ? []
      : [{ region: access.region, why: `Access Analyzer could not analyze the resource (${error})` }],
  );
  return {
    ...{ kind: "resource", account, name: arn, arn, type: found[0]?.finding.resourceType ?? null },
    access: found
      .filter(({ finding }) => finding.error === undefined)
      .map(accessOf)
      .sort((a, b) => byCodeUnit(orderOf(a), orderOf(b))),
    unread: [...unread.filter((one) => region === undefined || one.region === region), ...failed],
  };
};

const isArn = (text: string): boolean => {
  try {
    return parseArn(text).service !== "";
  } catch (error) {
    if (error instanceof MalformedInputError) return false;
    throw error;
  }
};

const joined = (readings: readonly RegionReading[]): RegionReading => ({
  found: readings.flatMap(({ found }) => found),
  unread: readings.flatMap(({ unread }) => unread),
});

/**
 * What the account's analyzers and its organization's found of the account's resources, in each watched Region: a call for each
 * analyzer, more by the page; those of roles aside. Those of the organization are asked in the account that has them, for this account alone. What one
 * does not tell is not known of its Region alone.
 * @throws AccessDeniedError where not even the role can be assumed
 */
export const readExternalAccess = async (
  { aws, account, organization }: Omit<Reader, "resource">,
  analyzers: Promise<readonly RegionAnalyzers[]>,
): Promise<ExternalAccessReading> => {
  const reader = { aws, account, organization };
  const { found, unread } = joined(await Promise.all((await analyzers).map((one) => readRegion(reader, one))));
  const byArn = Map.groupBy(
    found.filter(({ finding }) => isArn(finding.resource)),
    ({ finding }) => finding.resource,
  );
  const strange = found.filter(({ finding }) => !isArn(finding.resource));
  return {
    resources: [...byArn]
      .map(([arn, of]) => resourceFacts(account, arn, { found: of, unread }))
      .sort((a, b) => byCodeUnit(a.arn, b.arn)),
    unread: [
      ...unread,
      ...strange.map(({ access: { region } }) => ({ region, why: `${permission} named a resource without an ARN` })),
    ],
  };
};

/**
 * The same of one resource by its ARN, whatever was found of it or not: of the Region in its ARN, if it has one.
 * @throws AccessDeniedError where not even the role can be assumed; ThrottledError
 */
export const readResource = async (
  { aws, account, organization }: Omit<Reader, "resource">,
  resource: string,
): Promise<ResourceFacts> => {
  const reader = { aws, account, organization, resource };
  const only = regionOf(resource);
  const regions = aws.watchedRegions.filter((region) => only === undefined || region === only);
  const readings = await Promise.all(
    regions.map(async (region) =>
      readRegion(reader, {
        region,
        analyzers: await readAnalyzersIn(aws, account.id, { region, type: "ACCOUNT" }),
      }),
    ),
  );
  const { found, unread } = joined(readings);
  const unwatched = only !== undefined && regions.length === 0 ? [{ region: only, why: "it is not watched" }] : [];
  return resourceFacts(account, resource, { found, unread: [...unread, ...unwatched] });
};
