import fc from "fast-check";
import { expect, test } from "vitest";
import { trueOrganization } from "../../sandbox/simulation/true-organization.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { viewOf } from "../../shared/organization/account-view.ts";
import { readingFromText, readingToText } from "../../shared/organization/item.ts";
import type { OrganizationReading } from "../../shared/organization/organization.ts";
import { aReading } from "./store-contract.ts";
import { denying, organize, readIn } from "./world.ts";

/** Units and accounts by their parent's index, and policies by the indexes of what they are attached to; 0 is the root. */
const plans = fc.record({
  units: fc.array(fc.nat(), { maxLength: 8 }),
  accounts: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  policies: fc.array(fc.uniqueArray(fc.nat({ max: 20 }), { maxLength: 5 }), { maxLength: 6 }),
  listsPaths: fc.boolean(),
});

test("whatever the tree and whatever is attached where, each account's view is what is true", async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ units, accounts, policies, listsPaths }) => {
      const { sandbox, organization, root, unit, account, read } = organize();
      organization.listsPaths = listsPaths;
      const parents = [root];
      for (const [index, at] of units.entries())
        parents.push(unit(`unit/${index}`, parents[at % parents.length] ?? root));
      const ids = accounts.map((at, index) => {
        const id = String(910_000_000_000 + index);
        account(id, `account ${index}`, parents[at % parents.length] ?? root);
        return id;
      });
      const targets = [...parents, ...ids];
      for (const [index, on] of policies.entries()) {
        const id = `p-${String(index).padStart(8, "0")}`;
        organization.serviceControlPolicies.set(id, {
          ...{ id, name: `policy ${index}`, description: "", document: denying(`s3:Action${index}`), tags: new Map() },
          targets: new Set(on.flatMap((at) => targets[at % targets.length] ?? [])),
        });
      }
      const found = readIn(await read());
      for (const one of sandbox.state.accounts.values())
        expect(known(viewOf(found, one.id))).toEqual(trueOrganization(sandbox.state, one));
    }),
    { numRuns: 40 },
  );
});

const facts = fc.oneof(fc.string({ unit: "binary" }).map(known), fc.string({ unit: "binary" }).map(unknownFact));

test("whatever a reading says, its text is plain ASCII and says the same", () => {
  fc.assert(
    fc.property(facts, fc.string({ unit: "binary" }), (text, name) => {
      const policy = { id: "p-12345678", name, arn: name, text, readAt: "2026-11-02T06:00:00.000Z", targets: [name] };
      const reading: OrganizationReading = aReading(undefined, { serviceControl: known([policy]) });
      const written = readingToText(reading);
      expect(written).toMatch(/^[\x20-\x7e]*$/);
      expect(readingFromText(written)).toEqual(reading);
    }),
  );
});
