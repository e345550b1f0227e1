import type { AccountRef } from "../subject.ts";
import type { Organization, OrganizationNode } from "./organization.ts";
import { ouPathOf } from "./places.ts";

/** The active accounts of an organization as it was read, ordered by id, with names and OU paths; none where its tree is unknown. */
export const accountRefs = ({ tree }: Organization): readonly AccountRef[] => {
  if (!tree.known) return [];
  const nodes = new Map(tree.value.nodes.map((node) => [node.id, node]));
  const above = (id: string | null): readonly OrganizationNode[] => {
    const node = id === null ? undefined : nodes.get(id);
    return node === undefined ? [] : [...above(node.parentId), node];
  };
  return Object.entries(tree.value.accounts)
    .map(([id, { name, parentId }]) => ({ id, name, ouPath: ouPathOf(above(parentId)) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
};
