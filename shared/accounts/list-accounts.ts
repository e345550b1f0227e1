import {
  type Account,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type OrganizationsClient,
} from "@aws-sdk/client-organizations";
import type { AwsAccess } from "../aws/access.ts";
import { call } from "../aws/errors.ts";
import { AccessDeniedError, MalformedInputError } from "../errors.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";

/** All items of an Organizations list, whose pages may be empty and yet not the last. */
async function* items<T>(
  send: (at: { NextToken?: string }) => Promise<{ readonly page: readonly T[]; readonly next: string | undefined }>,
): AsyncGenerator<T> {
  let at: { NextToken?: string } = {};
  for (;;) {
    const { page, next } = await send(at);
    yield* page;
    if (!next) return;
    at = { NextToken: next };
  }
}

/** Names an OU path, each unit and each parent asked for once. */
const ouPaths = (organizations: OrganizationsClient) => {
  const asked = new Map<string, Promise<string>>();
  const once = (key: string, ask: () => Promise<string>): Promise<string> => {
    const answer = asked.get(key) ?? ask();
    asked.set(key, answer);
    return answer;
  };
  const send = <T>(operation: string, ask: () => Promise<T>): Promise<T> =>
    call(`organizations:${operation}`, "the organization", ask);

  const parentOf = (childId: string): Promise<string> =>
    once(`parent/${childId}`, () =>
      send("ListParents", async () => {
        const parents = items(async (at) => {
          const answer = await organizations.send(new ListParentsCommand({ ChildId: childId, ...at }));
          return { page: answer.Parents ?? [], next: answer.NextToken };
        });
        for await (const { Id } of parents) if (Id) return Id;
        throw new MalformedInputError(`organizations:ListParents gives no parent of ${childId}`);
      }),
    );

  const nameOf = (parentId: string): Promise<string> =>
    once(`name/${parentId}`, async () => {
      if (!parentId.startsWith("r-")) {
        const { OrganizationalUnit: unit } = await send("DescribeOrganizationalUnit", () =>
          organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: parentId })),
        );
        return unit?.Name ?? parentId;
      }
      return send("ListRoots", async () => {
        const roots = items(async (at) => {
          const answer = await organizations.send(new ListRootsCommand(at));
          return { page: answer.Roots ?? [], next: answer.NextToken };
        });
        for await (const root of roots) if (root.Id === parentId && root.Name) return root.Name;
        return "Root";
      });
    });

  /** The ids of the root and the units above an account, the root first. */
  const idsAbove = async ({ Id, Paths }: Account): Promise<readonly string[]> => {
    const inline = Paths?.[0]?.split("/").filter((id) => /^(r|ou)-/.test(id));
    if (inline?.length) return inline;
    const ids: string[] = [];
    for (let id = await parentOf(Id ?? ""); ; id = await parentOf(id)) {
      ids.unshift(id);
      if (id.startsWith("r-")) return ids;
    }
  };

  return async (account: Account): Promise<string> => {
    const names: string[] = [];
    for (const id of await idsAbove(account)) names.push(await nameOf(id));
    // A unit's name may hold a slash, and then must not look like two units.
    return names.map((name) => name.replaceAll("/", "%2F")).join("/");
  };
};

/** Reads one tag of an account; after a denial, which it tells, it asks no more. */
const tagReader = (organizations: OrganizationsClient, telemetry: Telemetry | undefined) => {
  let mayAsk = true;
  return async (accountId: string, key: string): Promise<string | undefined> => {
    if (!mayAsk) return undefined;
    try {
      const tags = items(async (at) => {
        const answer = await call("organizations:ListTagsForResource", "the organization", () =>
          organizations.send(new ListTagsForResourceCommand({ ResourceId: accountId, ...at })),
        );
        return { page: answer.Tags ?? [], next: answer.NextToken };
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
 * @param options.telemetry is told that owners are unknown
 * @throws AccessDeniedError if `organizations:ListAccounts` is denied
 */
export const listAccounts = async (
  aws: AwsAccess,
  { ownerTag, telemetry }: { readonly ownerTag?: string | undefined; readonly telemetry?: Telemetry } = {},
): Promise<AccountRef[]> => {
  const organizations = aws.organizations();
  const active: Account[] = [];
  const listed = items(async (at) => {
    const answer = await call("organizations:ListAccounts", "the organization", () =>
      organizations.send(new ListAccountsCommand(at)),
    );
    return { page: answer.Accounts ?? [], next: answer.NextToken };
  });
  for await (const account of listed) {
    // `Status` was to retire in September 2026; some endpoints still know nothing else.
    if (account.Id && (account.State ?? account.Status) === "ACTIVE") active.push(account);
  }
  active.sort((a, b) => ((a.Id ?? "") < (b.Id ?? "") ? -1 : 1));

  const pathOf = ouPaths(organizations);
  const accounts: AccountRef[] = [];
  const tagOf = tagReader(organizations, telemetry);
  let mayWalk = true;
  for (const account of active) {
    let ouPath: string | undefined;
    try {
      if (mayWalk) ouPath = await pathOf(account);
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      mayWalk = false;
    }
    const owner = ownerTag === undefined ? undefined : await tagOf(account.Id ?? "", ownerTag);
    accounts.push({
      id: account.Id ?? "",
      ...(account.Name !== undefined && { name: account.Name }),
      ...(ouPath !== undefined && { ouPath }),
      ...(owner !== undefined && { owner }),
    });
  }
  return accounts;
};
