import { describe, expect, it } from "vitest";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { accountRefs } from "../../shared/organization/account-refs.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { smallOrganization } from "../support/small-organization.ts";
import { organize, readIn } from "./world.ts";

describe("the accounts of an organization that was read", () => {
  it("are those that are listed, with the same names and places", async () => {
    const { functions, organizationStore, aws, sandbox } = smallOrganization();
    const { rootId, units } = sandbox.state.organization;
    const unit = `ou-${rootId.slice(2)}-aaaabbbb`;
    units.set(unit, { id: unit, name: "Work/loads", parentId: rootId, tags: new Map() });
    const [moved] = [...sandbox.state.accounts.values()].slice(1);
    if (moved !== undefined) moved.parentId = unit;
    await functions.listAccounts({});
    const reading = await organizationStore.latest();
    if (reading?.organization.known !== true) throw new Error("the organization was not read");
    const refs = accountRefs(reading.organization.value);
    expect(refs).toEqual(await listAccounts(aws));
    expect(refs.map(({ ouPath }) => ouPath)).toContain("Root/Work%2Floads");
    expect(accountRefs({ ...reading.organization.value, tree: unknownFact("denied") })).toEqual([]);
  });

  it("are in no place where the nodes above them lead to no root", async () => {
    const organization = readIn(await organize().read());
    const { tree } = organization;
    if (!tree.known) throw new Error("not read");
    const { nodes, accounts } = tree.value;
    const placesOf = (changed: typeof nodes) =>
      accountRefs({ ...organization, tree: known({ accounts, nodes: changed }) }).map(({ ouPath }) => ouPath);
    expect(placesOf(nodes)).toContain("Root/Workloads/Prod");
    const nowhere = Object.keys(accounts).map(() => undefined);
    expect(placesOf(nodes.map((node) => ({ ...node, parentId: node.parentId ?? node.id })))).toEqual(nowhere);
    expect(placesOf(nodes.filter(({ parentId }) => parentId !== null))).toEqual(nowhere);
  });
});
