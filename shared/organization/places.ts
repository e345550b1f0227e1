import {
  DescribeOrganizationalUnitCommand,
  ListParentsCommand,
  ListRootsCommand,
  type OrganizationsClient,
  type Root,
} from "@aws-sdk/client-organizations";
import { MalformedInputError } from "../errors.ts";
import { once } from "../once.ts";
import { ask, items } from "./ask.ts";
import type { Member } from "./members.ts";

/** The root or a unit above an account. */
export interface Place {
  /** `r-…` or `ou-…`. */
  readonly id: string;
  readonly name: string;
}

/** Where accounts are; the root, each unit and each parent is asked for once. */
export interface Places {
  /** The organization's roots, of which there is one. */
  roots(): Promise<readonly Root[]>;
  /** The root and the units above an account, the root first. @throws AccessDeniedError */
  above(account: Pick<Member, "Id" | "Paths">): Promise<readonly Place[]>;
}

export const createPlaces = (organizations: OrganizationsClient): Places => {
  const asked = new Map<string, () => Promise<string>>();
  const onceFor = (key: string, send: () => Promise<string>): Promise<string> => {
    const answer = asked.get(key) ?? once(send);
    asked.set(key, answer);
    return answer();
  };

  const parentOf = (childId: string): Promise<string> =>
    onceFor(`parent/${childId}`, async () => {
      const parents = items(async (at) => {
        const answer = await ask("ListParents", () =>
          organizations.send(new ListParentsCommand({ ChildId: childId, ...at })),
        );
        return { page: answer.Parents, next: answer.NextToken };
      });
      for await (const { Id } of parents) if (Id) return Id;
      throw new MalformedInputError(`organizations:ListParents gives no parent of ${childId}`);
    });

  const roots = once(() =>
    Array.fromAsync(
      items(async (at) => {
        const answer = await ask("ListRoots", () => organizations.send(new ListRootsCommand(at)));
        return { page: answer.Roots, next: answer.NextToken };
      }),
    ),
  );

  const nameOf = async (id: string): Promise<string> =>
    id.startsWith("r-")
      ? ((await roots()).find((root) => root.Id === id)?.Name ?? "Root")
      : onceFor(`name/${id}`, async () => {
          const { OrganizationalUnit: unit } = await ask("DescribeOrganizationalUnit", () =>
            organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id })),
          );
          return unit?.Name ?? id;
        });

  const idsAbove = async ({ Id, Paths }: Pick<Member, "Id" | "Paths">): Promise<readonly string[]> => {
    const inline = Paths?.[0]?.split("/").filter((id) => /^(r|ou)-/.test(id));
    if (inline?.length) return inline;
    const ids: string[] = [];
    for (let id = await parentOf(Id); ; id = await parentOf(id)) {
      ids.unshift(id);
      if (id.startsWith("r-")) return ids;
    }
  };

  return {
    roots,
    above: async (account) => {
      const places: Place[] = [];
      for (const id of await idsAbove(account)) places.push({ id, name: await nameOf(id) });
      return places;
    },
  };
};

/** `Root/Workloads/Prod`. A unit's name may hold a slash, and then must not look like two units: it is written `%2F`. */
export const ouPathOf = (places: readonly Place[]): string =>
  places.map(({ name }) => name.replaceAll("/", "%2F")).join("/");
