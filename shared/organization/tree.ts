import type { OrganizationNode, Tree } from "./organization.ts";

/** Walks up an organization's tree as it was read. */
export interface TreeWalk {
  /** The root and the units above an account, the root first; `undefined` if nobody read where it is, or they lead to no root. */
  above(accountId: string): readonly OrganizationNode[] | undefined;
}

export const createTree = ({ nodes, accounts }: Tree): TreeWalk => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    above: (accountId) => {
      if (!Object.hasOwn(accounts, accountId)) return undefined;
      const found: OrganizationNode[] = [];
      for (let id = accounts[accountId]?.parentId ?? null; id !== null; ) {
        const node = byId.get(id);
        if (node === undefined || found.includes(node)) return undefined;
        found.unshift(node);
        id = node.parentId;
      }
      return found;
    },
  };
};
