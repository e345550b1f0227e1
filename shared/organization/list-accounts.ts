import { ListTagsForResourceCommand, type OrganizationsClient } from "@aws-sdk/client-organizations";
import type { AwsAccess } from "../aws/access.ts";
import { AccessDeniedError } from "../errors.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import { ask, items } from "./ask.ts";
import { isActive, listMembers, type Member } from "./members.ts";
import { createPlaces, ouPathOf, type Places } from "./places.ts";

/** Reads one tag of an account; after a denial, which it tells, it asks no more. */
export const createTagReader = (organizations: OrganizationsClient, telemetry: Telemetry | undefined) => {
  let mayAsk = true;
  return async (accountId: string, key: string): Promise<string | undefined> => {
    if (!mayAsk) return undefined;
    try {
      const tags = items(async (at) => {
        const answer = await ask("ListTagsForResource", () =>
          organizations.send(new ListTagsForResourceCommand({ ResourceId: accountId, ...at })),
        );
        return { page: answer.Tags, next: answer.NextToken };
      });
      for await (const { Key, Value } of tags) if (Key === key) return Value;
      return undefined;
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      mayAsk = false;
      telemetry?.count("OwnersUnknown");
      telemetry?.warn("The tags of accounts may not be read: nobody is told as the owner of one", { error });
      return undefined;
    }
  };
};

/**
 * The organization's active accounts, ordered by id, with names and OU paths (`Root/Workloads/Prod`; a slash within a
 * unit's name is written `%2F`). The paths come with the accounts where Organizations says them, else from a walk up the
 * tree; where that is denied they are absent.
 * @param options.ownerTag the account tag that names an owner: reading it is one more call for each account; where that is
 *   denied, accounts have no owner
 * @param options.members all accounts, where somebody has listed them; `places` likewise: what was asked for once
 * @param options.telemetry is told that owners are unknown
 * @throws AccessDeniedError if `organizations:ListAccounts` is denied
 */
export const listAccounts = async (
  aws: AwsAccess,
  {
    ownerTag,
    members,
    places = createPlaces(aws.organizations()),
    telemetry,
  }: {
    readonly ownerTag?: string | undefined;
    readonly members?: readonly Member[];
    readonly places?: Places;
    readonly telemetry?: Telemetry;
  } = {},
): Promise<AccountRef[]> => {
  const organizations = aws.organizations();
  const accounts: AccountRef[] = [];
  const tagOf = createTagReader(organizations, telemetry);
  let mayWalk = true;
  for (const account of (members ?? (await listMembers(organizations))).filter(isActive)) {
    let ouPath: string | undefined;
    try {
      if (mayWalk) ouPath = ouPathOf(await places.above(account));
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      mayWalk = false;
    }
    const owner = ownerTag === undefined ? undefined : await tagOf(account.Id, ownerTag);
    accounts.push({
      id: account.Id,
      ...(account.Name !== undefined && { name: account.Name }),
      ...(ouPath !== undefined && { ouPath }),
      ...(owner !== undefined && { owner }),
    });
  }
  return accounts;
};
