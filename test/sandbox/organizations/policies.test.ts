import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DeletePolicyCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  DisablePolicyTypeCommand,
  EnablePolicyTypeCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  ListTargetsForPolicyCommand,
  OrganizationsClient,
  paginateListPolicies,
  paginateListTargetsForPolicy,
  UpdatePolicyCommand,
} from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { createSandbox, type EventBridgeEvent, type Sandbox } from "../../../sandbox/sandbox.ts";
import { addAccount } from "../../../sandbox/state.ts";

const Filter = "SERVICE_CONTROL_POLICY";
const member = "300000000001";
const document = (Action: string, Effect = "Deny") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Action, Resource: "*" }] });

const clientOf = (sandbox: Sandbox, accountId: string) =>
  new OrganizationsClient(sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"), { region: "us-east-1" }));

const started = () => {
  const sandbox = createSandbox();
  const { organization } = sandbox.state;
  const ou = `ou-${organization.rootId.slice(2)}-prod0000`;
  organization.units.set(ou, { id: ou, name: "Prod", parentId: organization.rootId, tags: new Map() });
  addAccount(sandbox.state, { id: member, name: "web", parentId: ou, joinedAt: sandbox.clock.now() });
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const client = clientOf(sandbox, organization.managementAccountId);
  const create = async (Name: string, Content = document("s3:*")): Promise<string> => {
    const { Policy } = await client.send(new CreatePolicyCommand({ Name, Content, Description: "", Type: Filter }));
    return String(Policy?.PolicySummary?.Id);
  };
  const on = async (TargetId: string) =>
    (await client.send(new ListPoliciesForTargetCommand({ TargetId, Filter }))).Policies?.map(({ Name }) => Name);
  return { sandbox, organization, root: organization.rootId, ou, events, client, create, on };
};

describe("service control policies", () => {
  it("are FullAWSAccess everywhere at first", async () => {
    const { sandbox, client, organization, root, ou, on } = started();
    for (const target of [root, ou, member]) expect(await on(target)).toEqual(["FullAWSAccess"]);
    const { Policies } = await client.send(new ListPoliciesCommand({ Filter }));
    expect(Policies).toMatchObject([
      {
        Id: "p-FullAWSAccess",
        Arn: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        AwsManaged: true,
        Type: Filter,
      },
    ]);
    const { Targets } = await client.send(new ListTargetsForPolicyCommand({ PolicyId: "p-FullAWSAccess" }));
    expect(Targets?.map(({ TargetId, Type, Name }) => [TargetId, Type, Name])).toEqual(
      [
        [root, "ROOT", "Root"],
        [ou, "ORGANIZATIONAL_UNIT", "Prod"],
        [member, "ACCOUNT", "web"],
        [organization.managementAccountId, "ACCOUNT", "management"],
      ].sort(),
    );
    const { Roots } = await client.send(new ListRootsCommand({}));
    expect(Roots?.[0]?.PolicyTypes).toEqual([{ Type: Filter, Status: "ENABLED" }]);
    await expect(clientOf(sandbox, member).send(new ListPoliciesCommand({ Filter }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("are made, attached, changed, detached and deleted, each with its record", async () => {
    const { client, create, on, ou, events, organization } = started();
    const PolicyId = await create("no-s3");
    expect(PolicyId).toMatch(/^p-[a-z0-9]{8}$/);
    const { Policy } = await client.send(new DescribePolicyCommand({ PolicyId }));
    expect(Policy).toMatchObject({
      Content: document("s3:*"),
      PolicySummary: {
        Name: "no-s3",
        AwsManaged: false,
        Arn: `arn:aws:organizations::${organization.managementAccountId}:policy/${organization.id}/service_control_policy/${PolicyId}`,
      },
    });
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId: ou }));
    expect(await on(ou)).toEqual(expect.arrayContaining(["FullAWSAccess", "no-s3"]));
    await client.send(new UpdatePolicyCommand({ PolicyId, Name: "no-ec2", Content: document("ec2:*") }));
    expect((await client.send(new DescribePolicyCommand({ PolicyId }))).Policy?.Content).toBe(document("ec2:*"));
    await expect(client.send(new DeletePolicyCommand({ PolicyId }))).rejects.toMatchObject({
      name: "PolicyInUseException",
    });
    await client.send(new DetachPolicyCommand({ PolicyId, TargetId: ou }));
    await client.send(new DeletePolicyCommand({ PolicyId }));
    await expect(client.send(new DescribePolicyCommand({ PolicyId }))).rejects.toMatchObject({
      name: "PolicyNotFoundException",
    });
    const records = events.map(({ detail }) => detail).filter((detail) => detail.errorCode === undefined);
    expect(records.map(({ eventName }) => eventName)).toEqual([
      ...["CreatePolicy", "DescribePolicy", "AttachPolicy", "ListPoliciesForTarget", "UpdatePolicy", "DescribePolicy"],
      ...["DetachPolicy", "DeletePolicy"],
    ]);
    expect(records[2]).toMatchObject({
      eventSource: "organizations.amazonaws.com",
      awsRegion: "us-east-1",
      requestParameters: { policyId: PolicyId, targetId: ou },
    });
  });

  it("limit at once whom they are attached above", async () => {
    const { sandbox, client, create, ou, root } = started();
    const act = () => sandbox.use(member, "root", { service: "s3", action: "CreateBucket" });
    expect(act()).toBe("allowed");
    const PolicyId = await create("no-s3");
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId: ou }));
    expect(act()).toBe("denied");
    await client.send(new DisablePolicyTypeCommand({ RootId: root, PolicyType: Filter }));
    expect(act()).toBe("allowed");
    await client.send(new EnablePolicyTypeCommand({ RootId: root, PolicyType: Filter }));
    // What was attached does not come back.
    expect(act()).toBe("allowed");
    await client.send(
      new AttachPolicyCommand({ PolicyId: await create("only-ec2", document("ec2:*", "Allow")), TargetId: ou }),
    );
    expect(act()).toBe("allowed");
    await client.send(new DetachPolicyCommand({ PolicyId: "p-FullAWSAccess", TargetId: ou }));
    expect(act()).toBe("denied");
  });

  it("keep to their quotas", async () => {
    const { client, create, ou } = started();
    const attach = (PolicyId: string) => client.send(new AttachPolicyCommand({ PolicyId, TargetId: ou }));
    for (let at = 0; at < 9; at++) await attach(await create(`policy-${at}`));
    const limit = { name: "ConstraintViolationException" };
    await expect(attach(await create("one-more"))).rejects.toMatchObject(limit);
    await expect(create("long", document(`s3:${"x".repeat(10_240)}`))).rejects.toMatchObject(limit);
    const longest = document("s3:*").padEnd(10_240);
    expect(await create("longest", longest)).toMatch(/^p-/);
    await expect(create("longer", `${longest} `)).rejects.toMatchObject(limit);
    await expect(
      client.send(new DetachPolicyCommand({ PolicyId: "p-FullAWSAccess", TargetId: member })),
    ).rejects.toMatchObject(limit);
  });

  it("are refused where they make no sense", async () => {
    const { client, create, root, ou } = started();
    const PolicyId = await create("no-s3");
    const attach = (TargetId: string) => client.send(new AttachPolicyCommand({ PolicyId, TargetId }));
    await attach(ou);
    for (const [call, name] of [
      [() => create("no-s3"), "DuplicatePolicyException"],
      [() => create("broken", "{"), "MalformedPolicyDocumentException"],
      [() => create("empty", "{}"), "MalformedPolicyDocumentException"],
      [() => attach(ou), "DuplicatePolicyAttachmentException"],
      [() => attach("999999999999"), "TargetNotFoundException"],
      [() => client.send(new DetachPolicyCommand({ PolicyId, TargetId: root })), "PolicyNotAttachedException"],
      [() => client.send(new DeletePolicyCommand({ PolicyId: "p-FullAWSAccess" })), "InvalidInputException"],
      [() => client.send(new DescribePolicyCommand({ PolicyId: "p-nothere00" })), "PolicyNotFoundException"],
      [
        () => client.send(new EnablePolicyTypeCommand({ RootId: root, PolicyType: Filter })),
        "PolicyTypeAlreadyEnabledException",
      ],
    ] as const)
      await expect(call()).rejects.toMatchObject({ name });
    await client.send(new DisablePolicyTypeCommand({ RootId: root, PolicyType: Filter }));
    await expect(attach(root)).rejects.toMatchObject({ name: "PolicyTypeNotEnabledException" });
  });

  it("are listed by page, an empty one among them", async () => {
    const { sandbox, client, create } = started();
    for (let at = 0; at < 30; at++) {
      await create(`policy-${at}`);
      const id = String(310_000_000_000 + at);
      addAccount(sandbox.state, { id, name: `a${at}`, joinedAt: sandbox.clock.now() });
    }
    const sizes: (number | undefined)[] = [];
    for await (const page of paginateListPolicies({ client }, { Filter })) sizes.push(page.Policies?.length);
    for await (const page of paginateListTargetsForPolicy({ client }, { PolicyId: "p-FullAWSAccess" }))
      sizes.push(page.Targets?.length);
    expect(sizes).toEqual([20, 0, 11, 20, 0, 14]);
  });
});
