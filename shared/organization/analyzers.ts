import { ListDelegatedAdministratorsCommand, type OrganizationsClient } from "@aws-sdk/client-organizations";
import type { AwsAccess } from "../aws/access.ts";
import { AccessDeniedError } from "../errors.ts";
import { readAnalyzersIn } from "../facts/analyzers.ts";
import { known, type UnreadRegion, unknownFact } from "../facts/facts.ts";
import { deniedWhy } from "../facts/reading.ts";
import { byCodeUnit } from "../order.ts";
import { ask, items } from "./ask.ts";
import type { Organization, OrganizationAnalyzer } from "./organization.ts";

const service = "access-analyzer.amazonaws.com";

/**
 * The active analyzers of the whole organization in the watched Regions. They are in the management account, or in those that
 * administer Access Analyzer for it: these are listed in a call, and each is asked in each Region. Where one of them does not
 * tell, there might be one more.
 * @param aws reads accounts
 * @throws ThrottledError
 */
export const readOrganizationAnalyzers = async (
  organizations: OrganizationsClient,
  aws: AwsAccess,
  managementAccountId: string,
): Promise<Pick<Organization, "analyzers" | "unreadAnalyzers">> => {
  try {
    const listed = items(async (at) => {
      const answer = await ask("ListDelegatedAdministrators", () =>
        organizations.send(new ListDelegatedAdministratorsCommand({ ServicePrincipal: service, ...at })),
      );
      return { page: answer.DelegatedAdministrators, next: answer.NextToken };
    });
    const administrators = (await Array.fromAsync(listed)).flatMap(({ Id }) => (Id === undefined ? [] : [Id]));
    const found: OrganizationAnalyzer[] = [];
    const unread: UnreadRegion[] = [];
    for (const accountId of [managementAccountId, ...administrators]) {
      for (const region of aws.watchedRegions) {
        const analyzers = await readAnalyzersIn(aws, accountId, { region, type: "ORGANIZATION", isOneOfMany: true });
        if (!analyzers.known) unread.push({ region, why: `of account ${accountId} ${analyzers.why}` });
        else for (const { arn, status } of analyzers.value) if (status === "ACTIVE") found.push({ arn, region });
      }
    }
    const analyzers = known(found.sort((a, b) => byCodeUnit(a.arn, b.arn)));
    return { analyzers, ...(unread.length > 0 && { unreadAnalyzers: unread }) };
  } catch (error) {
    if (error instanceof AccessDeniedError) return { analyzers: unknownFact(deniedWhy(error)) };
    throw error;
  }
};
