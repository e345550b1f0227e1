import { DeletePolicyCommand, DetachPolicyCommand, DisablePolicyTypeCommand } from "@aws-sdk/client-organizations";
import { describe, expect, it, test } from "vitest";
import { AwsError, accessDenied, throttled } from "../../sandbox/protocol/service.ts";
import { addAccount } from "../../sandbox/state.ts";
import { OutOfTimeError, ThrottledError } from "../../shared/errors.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { listMembers } from "../../shared/organization/members.ts";
import { readOrganization } from "../../shared/organization/read-organization.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { awsOf } from "../support/aws-of.ts";
import { denying, lab, organize, readIn, shop } from "./world.ts";

describe("reading an organization", () => {
  it.each([true, false])("tells its accounts, places, policies and features (paths inline: %s)", async (listsPaths) => {
    const world = organize();
    const { organization, management, root, workloads, prod, limit, read, sandbox } = world;
    organization.listsPaths = listsPaths;
    world.account("100000000001", "gone", prod).status = "SUSPENDED";
    const id = await limit("no-s3", "s3:*", workloads, shop);
    await limit("attached-nowhere", "ec2:*");
    const reading = await read();
    const readAt = sandbox.clock.now().toISOString();
    expect(reading.readAt).toBe(readAt);
    const everywhere = [root, workloads, prod, shop, lab, management, "100000000001"].sort();
    expect(reading.organization).toEqual(
      known({
        id: organization.id,
        managementAccountId: management,
        accountIds: ["100000000001", shop, lab, management].sort(),
        tree: known({
          nodes: [
            { id: workloads, name: "Workloads", parentId: root },
            { id: prod, name: "Prod", parentId: workloads },
            { id: root, name: "Root", parentId: null },
          ].sort((a, b) => (a.id < b.id ? -1 : 1)),
          accounts: {
            [shop]: { name: "shop", parentId: prod },
            [lab]: { name: "lab", parentId: root },
            [management]: { name: "management", parentId: root },
          },
        }),
        serviceControl: known(
          [
            {
              id: "p-FullAWSAccess",
              name: "FullAWSAccess",
              arn: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
              text: known(expect.stringContaining('"Allow"')),
              readAt,
              targets: everywhere,
            },
            {
              id,
              name: "no-s3",
              arn: `arn:aws:organizations::${management}:policy/${organization.id}/service_control_policy/${id}`,
              text: known(denying("s3:*")),
              readAt,
              targets: [workloads, shop].sort(),
            },
          ].sort((a, b) => (a.id < b.id ? -1 : 1)),
        ),
        rootFeatures: known(["RootCredentialsManagement", "RootSessions"]),
        analyzers: known([]),
      }),
    );
  });

  it("reads every page, the empty ones too, and calls the more only for policies and pages", async () => {
    const world = organize();
    const { limit, read, calls, prod, root } = world;
    for (let at = 0; at < 47; at++) world.account(String(310_000_000_000 + at), `a${at}`, prod);
    for (let at = 0; at < 25; at++) await limit(`policy-${at}`, `s3:Action${at}`, at < 9 ? prod : root).catch(() => {});
    const { accountIds, serviceControl } = readIn(await read());
    expect(accountIds).toHaveLength(50);
    const policies = (serviceControl.known && serviceControl.value) || [];
    // Nine more fit beside FullAWSAccess on each.
    expect(policies).toHaveLength(19);
    expect(policies.find(({ name }) => name === "FullAWSAccess")?.targets).toHaveLength(50 + 3);
    expect(calls()).toEqual({
      "access-analyzer:ListAnalyzers": 1,
      "iam:ListOrganizationsFeatures": 1,
      "organizations:DescribeOrganization": 1,
      "organizations:DescribeOrganizationalUnit": 2,
      "organizations:DescribePolicy": 19,
      "organizations:ListAccounts": 4,
      "organizations:ListDelegatedAdministrators": 1,
      // 26 policies in two pages, and FullAWSAccess' 53 targets in three; each with an empty page.
      "organizations:ListPolicies": 3,
      "organizations:ListRoots": 1,
      "organizations:ListTargetsForPolicy": 25 + 4,
    });
  });

  it("asks nothing again that whoever reads has asked", async () => {
    const { read, aws, calls, limit, prod } = organize();
    const id = await limit("no-s3", "s3:*", prod);
    const before = readIn(await read());
    const made = calls();
    const members = await listMembers(aws.organizations());
    const listed = calls()["organizations:ListAccounts"];
    const policies = (before.serviceControl.known && before.serviceControl.value) || [];
    const unchanged = new Map(policies.filter((one) => one.id !== id).map((policy) => [policy.id, policy]));
    expect(readIn(await read({ members, unchanged }))).toEqual(before);
    expect(calls()["organizations:ListAccounts"]).toBe(listed);
    expect(calls()["organizations:DescribePolicy"]).toBe((made["organizations:DescribePolicy"] ?? 0) + 1);
  });

  const parts = {
    DescribeOrganizationalUnit: (why: string) => ({ tree: unknownFact(why) }),
    ListRoots: (why: string) => ({ tree: unknownFact(why), serviceControl: unknownFact(why) }),
    ListPolicies: (why: string) => ({ serviceControl: unknownFact(why) }),
    ListTargetsForPolicy: (why: string) => ({ serviceControl: unknownFact(why) }),
    ListOrganizationsFeatures: (why: string) => ({ rootFeatures: unknownFact(why) }),
  };
  it.each(Object.entries(parts))("says which permission a part lacks: %s", async (operation, expected) => {
    const { read, sandbox } = organize();
    const whole = readIn(await read());
    sandbox.intercept((call) => {
      if (call.operation === operation) throw accessDenied(call);
    });
    const service = operation === "ListOrganizationsFeatures" ? "iam" : "organizations";
    expect(readIn(await read())).toEqual({ ...whole, ...expected(`${service}:${operation} was denied`) });
  });

  it("knows the rest where IAM fails at what is centralized of root", async () => {
    const { read, sandbox } = organize();
    const whole = readIn(await read());
    sandbox.intercept(({ operation }) => {
      if (operation === "ListOrganizationsFeatures") throw new AwsError("ServiceFailure", "It broke.", 500);
    });
    const rootFeatures = unknownFact("iam:ListOrganizationsFeatures failed in AWS");
    expect(readIn(await read())).toEqual({ ...whole, rootFeatures });
  });

  it("says it of a denied document, and tells the rest of the policy", async () => {
    const { read, sandbox } = organize();
    sandbox.intercept((call) => {
      if (call.operation === "DescribePolicy") throw accessDenied(call);
    });
    const { serviceControl } = readIn(await read());
    expect(serviceControl).toMatchObject(
      known([{ name: "FullAWSAccess", text: unknownFact("organizations:DescribePolicy was denied") }]),
    );
  });

  it("says it of the walk up the tree", async () => {
    const { read, sandbox, organization } = organize();
    organization.listsPaths = false;
    sandbox.intercept((call) => {
      if (call.operation === "ListParents") throw accessDenied(call);
    });
    expect(readIn(await read()).tree).toEqual(unknownFact("organizations:ListParents was denied"));
  });

  it.each(["DescribeOrganization", "ListAccounts"])("knows nothing without %s", async (operation) => {
    const { read, sandbox } = organize();
    sandbox.intercept((call) => {
      if (call.operation === operation) throw accessDenied(call);
    });
    expect((await read()).organization).toEqual(unknownFact(`organizations:${operation} was denied`));
  });

  it("knows that an account is in no organization", async () => {
    const { sandbox } = organize();
    const alone = addAccount(sandbox.state, { id: "700000000001", name: "alone", joinedAt: sandbox.clock.now() });
    alone.standalone = true;
    const aws = awsOf(sandbox, { ownAccountId: alone.id });
    const reading = await readOrganization({
      ...{ organizations: aws.organizations(), iam: aws.iam(alone.id), aws, clock: () => sandbox.clock.now() },
    });
    expect(reading.organization).toEqual(unlimited("the account is in no organization"));
  });

  it("leaves out a policy that is deleted meanwhile", async () => {
    const { read, sandbox, client, limit, prod } = organize();
    const PolicyId = await limit("no-s3", "s3:*", prod);
    let isDeleted = false;
    sandbox.intercept(({ operation }) => {
      if (operation !== "ListTargetsForPolicy" || isDeleted) return;
      isDeleted = true;
      sandbox.state.organization.serviceControlPolicies.delete(PolicyId);
    });
    const { serviceControl } = readIn(await read());
    expect(serviceControl).toMatchObject(known([{ name: "FullAWSAccess" }]));
    await expect(client.send(new DeletePolicyCommand({ PolicyId }))).rejects.toThrow();
  });

  it("knows that no policy limits anybody where the type is off, or there is one bill alone", async () => {
    const { read, client, root, organization } = organize();
    await client.send(new DisablePolicyTypeCommand({ RootId: root, PolicyType: "SERVICE_CONTROL_POLICY" }));
    expect(readIn(await read()).serviceControl).toEqual(known(null));
    organization.serviceControlEnabled = true;
    organization.featureSet = "CONSOLIDATED_BILLING";
    const billed = readIn(await read());
    expect([billed.serviceControl, billed.rootFeatures]).toEqual([known(null), known([])]);
  });

  it("knows that nothing of root is centralized where IAM has no access, and not where nobody may ask", async () => {
    const { read, organization, sandbox } = organize();
    organization.trustedServices.clear();
    expect(readIn(await read()).rootFeatures).toEqual(known([]));
    organization.delegatedAdministrators.set(lab, new Map([["other.example.com", sandbox.clock.now()]]));
    const aws = awsOf(sandbox, { ownAccountId: lab });
    const delegated = await read({ organizations: aws.organizations(), iam: aws.iam(lab) });
    expect(readIn(delegated).rootFeatures).toEqual(
      unknownFact(
        "iam:ListOrganizationsFeatures answers only the management account and IAM's delegated administrator",
      ),
    );
  });

  it("stops before its time is up", async () => {
    const { read, limit, prod } = organize();
    await limit("no-s3", "s3:*", prod);
    let asked = 0;
    const reading = read({ remainingMs: () => (asked++ === 0 ? 60_000 : 5_000) });
    await expect(reading).rejects.toThrow(OutOfTimeError);
    await expect(reading).rejects.toThrow("after 1 of 2 service control policies");
  });

  it("passes on that it was throttled", async () => {
    const { read, sandbox } = organize();
    sandbox.intercept(({ operation }) => {
      if (operation === "ListTargetsForPolicy") throw throttled();
    });
    await expect(read()).rejects.toThrow(ThrottledError);
  });
});

test("a policy that is detached is no longer read", async () => {
  const { read, client, limit, prod } = organize();
  const PolicyId = await limit("no-s3", "s3:*", prod);
  await client.send(new DetachPolicyCommand({ PolicyId, TargetId: prod }));
  expect(readIn(await read()).serviceControl).toMatchObject(known([{ name: "FullAWSAccess" }]));
});
