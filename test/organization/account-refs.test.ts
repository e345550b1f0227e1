import { describe, expect, it } from "vitest";
import { unknownFact } from "../../shared/facts/facts.ts";
import { accountRefs } from "../../shared/organization/account-refs.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { smallOrganization } from "../support/small-organization.ts";

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
});
