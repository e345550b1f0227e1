import { DetachPolicyCommand } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { trueOrganization } from "../../sandbox/simulation/true-organization.ts";
import { type Fact, known, unknownFact } from "../../shared/facts/facts.ts";
import { viewOf } from "../../shared/organization/account-view.ts";
import type { ViewNode } from "../../shared/organization/view.ts";
import { lab, organize, readIn, shop } from "./world.ts";

/** `name: policies` of each node. */
const shown = (nodes: Fact<readonly ViewNode[]>): readonly string[] => {
  if (!nodes.known) throw new Error(nodes.why);
  return nodes.value.map(({ name, policies }) => `${name}: ${policies.map((policy) => policy.name).join(", ")}`);
};

describe("an account's view of its organization", () => {
  it("has every node from the root down, each with what is attached to itself", async () => {
    const { read, limit, root, workloads, prod } = organize();
    await limit("a-root", "ec2:*", root);
    await limit("b-workloads", "s3:*", workloads);
    await limit("c-prod-and-shop", "iam:*", prod, shop);
    const organization = readIn(await read());
    expect(shown(viewOf(organization, shop).serviceControl)).toEqual([
      "Root: FullAWSAccess, a-root",
      "Workloads: FullAWSAccess, b-workloads",
      "Prod: FullAWSAccess, c-prod-and-shop",
      "shop: FullAWSAccess, c-prod-and-shop",
    ]);
    expect(shown(viewOf(organization, lab).serviceControl)).toEqual([
      "Root: FullAWSAccess, a-root",
      "lab: FullAWSAccess",
    ]);
  });

  it("is what is true, for each account", async () => {
    const { read, limit, sandbox, root, workloads, prod, client } = organize();
    const id = await limit("only", "s3:*", root, prod, shop);
    await limit("other", "ec2:*", workloads, lab);
    await client.send(new DetachPolicyCommand({ PolicyId: "p-FullAWSAccess", TargetId: shop }));
    await client.send(new DetachPolicyCommand({ PolicyId: id, TargetId: root }));
    const organization = readIn(await read());
    for (const account of sandbox.state.accounts.values())
      expect(known(viewOf(organization, account.id))).toEqual(trueOrganization(sandbox.state, account));
  });

  it("has no nodes for the management account, whatever is known, nor where no policy is in force", async () => {
    const { read, limit, management, root } = organize();
    await limit("no-s3", "s3:*", root, management);
    const organization = readIn(await read());
    expect(viewOf(organization, management).serviceControl).toEqual(known([]));
    const denied = { ...organization, serviceControl: unknownFact("denied"), tree: unknownFact("denied") };
    expect(viewOf(denied, management).serviceControl).toEqual(known([]));
    const none = { ...organization, serviceControl: known(null), tree: unknownFact("denied") };
    expect(viewOf(none, shop).serviceControl).toEqual(known([]));
  });

  it("knows no limits where a part is not known", async () => {
    const { read, root } = organize();
    const organization = readIn(await read());
    const { serviceControl, tree } = organization;
    if (!serviceControl.known || !tree.known) throw new Error("not read");
    const limits = (changes: Partial<typeof organization>, account = shop) =>
      viewOf({ ...organization, ...changes }, account).serviceControl;
    expect(limits({ serviceControl: unknownFact("ListPolicies") })).toEqual(unknownFact("ListPolicies"));
    expect(limits({ tree: unknownFact("ListParents") })).toEqual(unknownFact("ListParents"));
    const nowhere = unknownFact("it was not read where the account is in the organization");
    for (const account of ["100000000001", "constructor"]) expect(limits({}, account)).toEqual(nowhere);
    const { nodes, accounts } = tree.value;
    const withoutRoot = known({ accounts, nodes: nodes.filter(({ id }) => id !== root) });
    expect(limits({ tree: withoutRoot })).toEqual(nowhere);
    const circle = known({ accounts, nodes: nodes.map((node) => ({ ...node, parentId: node.parentId ?? node.id })) });
    expect(limits({ tree: circle })).toEqual(nowhere);
    // Nothing attached would allow nobody anything, which AWS lets nobody do.
    const half = known((serviceControl.value ?? []).map((one) => ({ ...one, targets: [root, shop] })));
    expect(limits({ serviceControl: half }).known).toBe(false);
  });

  it("tells a document that could not be read as unknown, and one that is no JSON", async () => {
    const { read } = organize();
    const organization = readIn(await read());
    const { serviceControl } = organization;
    const documentOf = (text: Fact<string>) => {
      const policies = ((serviceControl.known && serviceControl.value) || []).map((one) => ({ ...one, text }));
      const view = viewOf({ ...organization, serviceControl: known(policies) }, shop);
      return view.serviceControl.known && view.serviceControl.value[0]?.policies[0]?.document;
    };
    expect(documentOf(unknownFact("denied"))).toEqual(unknownFact("denied"));
    expect(documentOf(known("{"))).toEqual(unknownFact("the policy document is not JSON"));
    expect(documentOf(known('{"Statement":[]}'))).toEqual(known({ Statement: [] }));
  });
});
