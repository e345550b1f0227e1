import { byCodeUnit } from "../order.ts";
import type { AccountRef } from "../subject.ts";
import type { Organization } from "./organization.ts";
import { ouPathOf } from "./places.ts";
import { createTree } from "./tree.ts";

/**
 * The active accounts of an organization as it was read, ordered by id, with names and, where the tree tells them, OU paths; none where
 * its tree is unknown.
 */
export const accountRefs = ({ tree }: Organization): readonly AccountRef[] => {
  if (!tree.known) return [];
  const { above } = createTree(tree.value);
  return Object.entries(tree.value.accounts)
    .map(([id, { name }]) => {
      const places = above(id);
      return { id, name, ...(places && { ouPath: ouPathOf(places) }) };
    })
    .sort((a, b) => byCodeUnit(a.id, b.id));
};
