import { type Account, ListAccountsCommand, type OrganizationsClient } from "@aws-sdk/client-organizations";
import { byCodeUnit } from "../order.ts";
import { ask, items } from "./ask.ts";

/** An account as Organizations describes it. */
export type Member = Omit<Account, "Id"> & { readonly Id: string };

/** `Status` was to retire in September 2026; some endpoints still know nothing else. */
export const isActive = ({ State, Status }: Member): boolean => (State ?? Status) === "ACTIVE";

/**
 * Every account of the organization, whatever its state, ordered by id.
 * @throws AccessDeniedError if `organizations:ListAccounts` is denied
 */
export const listMembers = async (organizations: OrganizationsClient): Promise<readonly Member[]> => {
  const members: Member[] = [];
  const listed = items(async (at) => {
    const answer = await ask("ListAccounts", () => organizations.send(new ListAccountsCommand(at)));
    return { page: answer.Accounts, next: answer.NextToken };
  });
  for await (const { Id, ...rest } of listed) if (Id !== undefined) members.push({ ...rest, Id });
  return members.sort((a, b) => byCodeUnit(a.Id, b.Id));
};
