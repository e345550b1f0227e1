import * as z from "zod";
import { type Operation, sortBy, tagList } from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import {
  constraint,
  depthOf,
  describeRoot,
  describeUnit,
  fail,
  members,
  organizationOperation,
  pageOf,
  paging,
  parentIdPattern,
  requireParent,
} from "./tree.ts";

/** The default quota: units nest five deep under the root. */
const deepestUnit = 5;
const unitId = z.string().regex(/^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/);

const unitsUnder = (state: SandboxState, parentId: string) =>
  sortBy(
    [...state.organization.units.values()].filter((unit) => unit.parentId === parentId),
    (unit) => unit.id,
  );

const accountsUnder = (state: SandboxState, parentId: string) =>
  members(state).filter((account) => account.parentId === parentId);

export const unitOperations: Readonly<Record<string, Operation>> = {
  ListRoots: organizationOperation("administrators", paging, ({ state }) => ({ Roots: [describeRoot(state)] })),

  CreateOrganizationalUnit: organizationOperation(
    "management",
    { ParentId: parentIdPattern, Name: z.string().min(1).max(128), Tags: tagList.optional() },
    ({ state, ids }, { ParentId, Name, Tags = [] }) => {
      requireParent(state, ParentId, "ParentNotFoundException");
      if (depthOf(state, ParentId) >= deepestUnit) {
        constraint("You have exceeded the maximum depth of the OU tree.");
      }
      if (unitsUnder(state, ParentId).some((unit) => unit.name === Name)) fail("DuplicateOrganizationalUnitException");
      const unit = {
        id: `ou-${state.organization.rootId.slice(2)}-${ids.lower(8)}`,
        name: Name,
        parentId: ParentId,
        tags: new Map(Tags.map(({ Key, Value }) => [Key, Value])),
      };
      state.organization.units.set(unit.id, unit);
      return { OrganizationalUnit: describeUnit(state, unit) };
    },
  ),

  DescribeOrganizationalUnit: organizationOperation(
    "administrators",
    { OrganizationalUnitId: unitId },
    ({ state }, { OrganizationalUnitId }) => {
      const unit = state.organization.units.get(OrganizationalUnitId);
      if (unit === undefined) return fail("OrganizationalUnitNotFoundException");
      return { OrganizationalUnit: describeUnit(state, unit) };
    },
  ),

  ListOrganizationalUnitsForParent: organizationOperation(
    "administrators",
    { ParentId: parentIdPattern, ...paging },
    (call, { ParentId, ...at }) => {
      requireParent(call.state, ParentId, "ParentNotFoundException");
      const { items, ...next } = pageOf(call, unitsUnder(call.state, ParentId), (unit) => unit.id, at);
      return { OrganizationalUnits: items.map((unit) => describeUnit(call.state, unit)), ...next };
    },
  ),

  ListChildren: organizationOperation(
    "administrators",
    { ParentId: parentIdPattern, ChildType: z.enum(["ACCOUNT", "ORGANIZATIONAL_UNIT"]), ...paging },
    (call, { ParentId, ChildType, ...at }) => {
      requireParent(call.state, ParentId, "ParentNotFoundException");
      const under = ChildType === "ACCOUNT" ? accountsUnder : unitsUnder;
      const children = under(call.state, ParentId).map(({ id }) => ({ Id: id, Type: ChildType }));
      const { items, ...next } = pageOf(call, children, ({ Id }) => Id, at);
      return { Children: items, ...next };
    },
  ),

  ListParents: organizationOperation(
    "administrators",
    { ChildId: z.string().regex(/^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/), ...paging },
    ({ state }, { ChildId }) => {
      const account = state.accounts.get(ChildId);
      const child = state.organization.units.get(ChildId) ?? (account?.standalone ? undefined : account);
      if (child === undefined) return fail("ChildNotFoundException");
      const isRoot = child.parentId === state.organization.rootId;
      return { Parents: [{ Id: child.parentId, Type: isRoot ? "ROOT" : "ORGANIZATIONAL_UNIT" }] };
    },
  ),
};
