import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  DeregisterDelegatedAdministratorCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  EnableAWSServiceAccessCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListAWSServiceAccessForOrganizationCommand,
  ListChildrenCommand,
  ListDelegatedAdministratorsCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  MoveAccountCommand,
  OrganizationsClient,
  paginateListAccounts,
  RegisterDelegatedAdministratorCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { createSandbox, type EventBridgeEvent, type Sandbox } from "../../../sandbox/sandbox.ts";
import { addAccount } from "../../../sandbox/state.ts";

const clientOf = (sandbox: Sandbox, accountId = sandbox.state.organization.managementAccountId) =>
  new OrganizationsClient(sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"), { region: "eu-west-1" }));

const started = () => {
  const sandbox = createSandbox();
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const { organization } = sandbox.state;
  return { sandbox, events, organization, root: organization.rootId, client: clientOf(sandbox) };
};

/** Makes a unit and returns its id. */
const unit = async (client: OrganizationsClient, ParentId: string, Name: string): Promise<string> => {
  const { OrganizationalUnit } = await client.send(new CreateOrganizationalUnitCommand({ ParentId, Name }));
  return String(OrganizationalUnit?.Id);
};

/** Makes an account and returns its id. */
const account = async (client: OrganizationsClient, AccountName: string): Promise<string> => {
  const Email = `aws+${AccountName}@example.com`;
  const { CreateAccountStatus: asked } = await client.send(new CreateAccountCommand({ AccountName, Email }));
  const { CreateAccountStatus: done } = await client.send(
    new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: asked?.Id }),
  );
  return String(done?.AccountId);
};

describe("the organization", () => {
  it("is described to every member", async () => {
    const { sandbox, organization } = started();
    const id = organization.managementAccountId;
    addAccount(sandbox.state, { id: "222222222222", name: "member", joinedAt: sandbox.clock.now() });
    const { Organization } = await clientOf(sandbox, "222222222222").send(new DescribeOrganizationCommand({}));
    expect(Organization).toMatchObject({
      Id: organization.id,
      Arn: `arn:aws:organizations::${id}:organization/${organization.id}`,
      MasterAccountId: id,
      MasterAccountArn: `arn:aws:organizations::${id}:account/${organization.id}/${id}`,
      FeatureSet: "ALL",
    });
  });

  it("is made once", async () => {
    const { sandbox, client, organization } = started();
    const management = sandbox.state.accounts.get(organization.managementAccountId);
    await expect(client.send(new CreateOrganizationCommand({}))).rejects.toMatchObject({
      name: "AlreadyInOrganizationException",
    });
    Object.assign(management ?? {}, { standalone: true });
    await expect(client.send(new DescribeOrganizationCommand({}))).rejects.toMatchObject({
      name: "AWSOrganizationsNotInUseException",
    });
    const { Organization } = await client.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
    expect(Organization?.Id).toBe(organization.id);
    await client.send(new DescribeOrganizationCommand({}));
  });

  it("has nothing to say to an account outside it", async () => {
    const { sandbox, client } = started();
    addAccount(sandbox.state, {
      id: "222222222222",
      name: "stranger",
      joinedAt: sandbox.clock.now(),
    }).standalone = true;
    const stranger = clientOf(sandbox, "222222222222");
    for (const command of [new DescribeOrganizationCommand({}), new ListRootsCommand({})]) {
      await expect(stranger.send(command as ListRootsCommand)).rejects.toMatchObject({
        name: "AWSOrganizationsNotInUseException",
        message: "Your account is not a member of an organization.",
      });
    }
    expect((await client.send(new ListAccountsCommand({}))).Accounts).toHaveLength(1);
    await expect(client.send(new DescribeAccountCommand({ AccountId: "222222222222" }))).rejects.toMatchObject({
      name: "AccountNotFoundException",
    });
  });
});

describe("units", () => {
  it("nest, and are found from above and below", async () => {
    const { client, organization, root } = started();
    const workloads = await unit(client, root, "Workloads");
    const prod = await unit(client, workloads, "Prod");
    const { OrganizationalUnit } = await client.send(
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: prod }),
    );
    expect(OrganizationalUnit).toEqual({
      Id: expect.stringMatching(new RegExp(`^ou-${root.slice(2)}-[a-z0-9]{8}$`)),
      Arn: `arn:aws:organizations::${organization.managementAccountId}:ou/${organization.id}/${prod}`,
      Name: "Prod",
      Path: `${organization.id}/${root}/${workloads}/${prod}/`,
    });
    const below = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: workloads }));
    expect(below.OrganizationalUnits?.map(({ Name }) => Name)).toEqual(["Prod"]);
    const { Children } = await client.send(
      new ListChildrenCommand({ ParentId: root, ChildType: "ORGANIZATIONAL_UNIT" }),
    );
    expect(Children).toEqual([{ Id: workloads, Type: "ORGANIZATIONAL_UNIT" }]);
    const parents = async (ChildId: string) => (await client.send(new ListParentsCommand({ ChildId }))).Parents;
    expect(await parents(prod)).toEqual([{ Id: workloads, Type: "ORGANIZATIONAL_UNIT" }]);
    expect(await parents(workloads)).toEqual([{ Id: root, Type: "ROOT" }]);
    expect((await client.send(new ListRootsCommand({}))).Roots).toMatchObject([{ Id: root, Name: "Root" }]);
  });

  it("are refused under the same name, too deep, and under nothing", async () => {
    const { client, root } = started();
    const first = await unit(client, root, "Prod");
    await expect(unit(client, root, "Prod")).rejects.toMatchObject({ name: "DuplicateOrganizationalUnitException" });
    await unit(client, first, "Prod");
    await expect(unit(client, "ou-abcd-12345678", "x")).rejects.toMatchObject({ name: "ParentNotFoundException" });
    await expect(unit(client, "nonsense", "x")).rejects.toMatchObject({ name: "InvalidInputException" });
    let parent = first;
    for (const name of ["2", "3", "4", "5"]) parent = await unit(client, parent, name);
    await expect(unit(client, parent, "6")).rejects.toMatchObject({ name: "ConstraintViolationException" });
  });
});

describe("accounts", () => {
  it("are made with a role for the management account and a root without credentials, and both records say so", async () => {
    const { sandbox, client, events, organization, root } = started();
    const Tags = [{ Key: "team", Value: "red" }];
    const { CreateAccountStatus } = await client.send(
      new CreateAccountCommand({ AccountName: "web-prod", Email: "aws+web@example.com", Tags }),
    );
    expect(CreateAccountStatus).toMatchObject({
      Id: expect.stringMatching(/^car-[a-z0-9]{32}$/),
      State: "IN_PROGRESS",
    });
    const { CreateAccountStatus: done } = await client.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: CreateAccountStatus?.Id }),
    );
    expect(done).toMatchObject({ State: "SUCCEEDED", AccountName: "web-prod" });
    const id = String(done?.AccountId);
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: id }));
    expect(Account).toEqual({
      Id: id,
      Arn: `arn:aws:organizations::${organization.managementAccountId}:account/${organization.id}/${id}`,
      Email: "aws+web@example.com",
      Name: "web-prod",
      Status: "ACTIVE",
      State: "ACTIVE",
      Paths: [`${organization.id}/${root}/${id}/`],
      JoinedMethod: "CREATED",
      JoinedTimestamp: sandbox.clock.now(),
    });
    const made = sandbox.state.accounts.get(id);
    expect(made?.root.passwordEnabled).toBe(false);
    expect(made?.roles.get("organizationaccountaccessrole")?.trustPolicy).toContain(organization.managementAccountId);
    expect((await client.send(new ListTagsForResourceCommand({ ResourceId: id }))).Tags).toEqual(Tags);

    const [call, result] = events;
    expect(call).toMatchObject({
      account: organization.managementAccountId,
      region: "us-east-1",
      detail: {
        eventName: "CreateAccount",
        eventSource: "organizations.amazonaws.com",
        requestParameters: { accountName: "****", email: "****" },
        responseElements: { createAccountStatus: { id: CreateAccountStatus?.Id, state: "IN_PROGRESS" } },
      },
    });
    expect(result).toMatchObject({
      "detail-type": "AWS Service Event via CloudTrail",
      source: "aws.organizations",
      account: organization.managementAccountId,
      region: "us-east-1",
      detail: {
        eventName: "CreateAccountResult",
        eventType: "AwsServiceEvent",
        serviceEventDetails: { createAccountStatus: { state: "SUCCEEDED", accountId: id, accountName: "****" } },
      },
    });
    expect(JSON.stringify(events)).not.toContain("web-prod");
  });

  it("fail to be made with an address that is taken, and the record says so", async () => {
    const { client, events } = started();
    await account(client, "one");
    const { CreateAccountStatus } = await client.send(
      new CreateAccountCommand({ AccountName: "two", Email: "AWS+one@example.com" }),
    );
    const { CreateAccountStatus: done } = await client.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: CreateAccountStatus?.Id }),
    );
    expect(done).toMatchObject({ State: "FAILED", FailureReason: "EMAIL_ALREADY_EXISTS" });
    expect(done?.AccountId).toBeUndefined();
    const results = events.filter(({ detail }) => detail.eventName === "CreateAccountResult");
    expect(results.at(-1)).toMatchObject({
      detail: {
        serviceEventDetails: { createAccountStatus: { state: "FAILED", failureReason: "EMAIL_ALREADY_EXISTS" } },
      },
    });
    expect((await client.send(new ListAccountsCommand({}))).Accounts).toHaveLength(2);
  });

  it("are listed twenty at a time, with an empty page among them", async () => {
    const { sandbox, client } = started();
    for (let at = 0; at < 49; at++) {
      addAccount(sandbox.state, { id: String(300_000_000_000 + at), name: `a${at}`, joinedAt: sandbox.clock.now() });
    }
    const pages: string[][] = [];
    for await (const { Accounts = [] } of paginateListAccounts({ client }, {})) {
      pages.push(Accounts.map(({ Id }) => String(Id)));
    }
    expect(pages.map(({ length }) => length)).toEqual([20, 0, 20, 10]);
    expect(pages.flat()).toEqual([...sandbox.state.accounts.keys()].sort());

    sandbox.state.organization.listsEmptyPages = false;
    const sizes: number[] = [];
    for await (const page of paginateListAccounts({ client, pageSize: 7 }, {})) sizes.push(page.Accounts?.length ?? 0);
    expect(sizes).toEqual([7, 7, 7, 7, 7, 7, 7, 1]);
    for (const input of [{ MaxResults: 21 }, { MaxResults: 0 }, { NextToken: "nonsense" }]) {
      await expect(client.send(new ListAccountsCommand(input))).rejects.toMatchObject({
        name: "InvalidInputException",
      });
    }
  });

  it("are listed without paths where the state says so", async () => {
    const { sandbox, client } = started();
    sandbox.state.organization.listsPaths = false;
    const { Accounts = [] } = await client.send(new ListAccountsCommand({}));
    expect(Accounts[0]).not.toHaveProperty("Paths");
  });

  it("move", async () => {
    const { client, organization, root } = started();
    const prod = await unit(client, root, "Prod");
    const AccountId = await account(client, "web");
    const move = (SourceParentId: string, DestinationParentId: string) =>
      client.send(new MoveAccountCommand({ AccountId, SourceParentId, DestinationParentId }));
    await expect(move(prod, root)).rejects.toMatchObject({ name: "DuplicateAccountException" });
    await move(root, prod);
    await expect(move(root, "ou-abcd-12345678")).rejects.toMatchObject({ name: "DestinationParentNotFoundException" });
    await expect(move("ou-abcd-12345678", root)).rejects.toMatchObject({ name: "SourceParentNotFoundException" });
    const { Accounts } = await client.send(new ListAccountsForParentCommand({ ParentId: prod }));
    expect(Accounts?.map(({ Id, Paths }) => [Id, Paths])).toEqual([
      [AccountId, [`${organization.id}/${root}/${prod}/${AccountId}/`]],
    ]);
    const { Children } = await client.send(new ListChildrenCommand({ ParentId: root, ChildType: "ACCOUNT" }));
    expect(Children).toEqual([{ Id: organization.managementAccountId, Type: "ACCOUNT" }]);
    expect((await client.send(new ListParentsCommand({ ChildId: AccountId }))).Parents).toEqual([
      { Id: prod, Type: "ORGANIZATIONAL_UNIT" },
    ]);
  });

  it("close, by and by", async () => {
    const { sandbox, client, organization } = started();
    const AccountId = await account(client, "web");
    const seen = async () => {
      const { Account } = await client.send(new DescribeAccountCommand({ AccountId }));
      return [Account?.State, Account?.Status];
    };
    await client.send(new CloseAccountCommand({ AccountId }));
    expect(await seen()).toEqual(["PENDING_CLOSURE", "PENDING_CLOSURE"]);
    sandbox.clock.advance(3_600_000);
    expect(await seen()).toEqual(["SUSPENDED", "SUSPENDED"]);
    sandbox.clock.advance(90 * 86_400_000);
    expect(await seen()).toEqual(["CLOSED", "SUSPENDED"]);
    await expect(client.send(new CloseAccountCommand({ AccountId }))).rejects.toMatchObject({
      name: "AccountAlreadyClosedException",
    });
    await expect(
      client.send(new CloseAccountCommand({ AccountId: organization.managementAccountId })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
  });
});

describe("who may call", () => {
  it.each([
    ["ListAccounts", new ListAccountsCommand({})],
    ["CreateAccount", new CreateAccountCommand({ AccountName: "x", Email: "x@example.com" })],
  ])("a member may not call %s, and its own account has the record", async (name, command) => {
    const { sandbox, events } = started();
    addAccount(sandbox.state, { id: "222222222222", name: "member", joinedAt: sandbox.clock.now() });
    await expect(clientOf(sandbox, "222222222222").send(command as ListAccountsCommand)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: "You don't have permissions to access this resource.",
    });
    expect(events).toMatchObject([
      { account: "222222222222", region: "us-east-1", detail: { eventName: name, errorCode: "AccessDeniedException" } },
    ]);
    expect(sandbox.state.accounts.size).toBe(2);
  });

  it("a delegated administrator may read, not write", async () => {
    const { sandbox, client } = started();
    const AccountId = await account(client, "security");
    const ServicePrincipal = "member.org.stacksets.cloudformation.amazonaws.com";
    const register = () => client.send(new RegisterDelegatedAdministratorCommand({ AccountId, ServicePrincipal }));
    const member = clientOf(sandbox, AccountId);
    await expect(register()).rejects.toMatchObject({ name: "ConstraintViolationException" });
    await client.send(new EnableAWSServiceAccessCommand({ ServicePrincipal }));
    const { EnabledServicePrincipals } = await client.send(new ListAWSServiceAccessForOrganizationCommand({}));
    expect(EnabledServicePrincipals).toMatchObject([{ ServicePrincipal }]);
    await register();
    await expect(register()).rejects.toMatchObject({ name: "AccountAlreadyRegisteredException" });
    expect((await member.send(new ListAccountsCommand({}))).Accounts).toHaveLength(2);
    const { DelegatedAdministrators } = await member.send(new ListDelegatedAdministratorsCommand({}));
    expect(DelegatedAdministrators).toMatchObject([
      { Id: AccountId, Name: "security", State: "ACTIVE", DelegationEnabledDate: sandbox.clock.now() },
    ]);
    const ofAnother = await member.send(
      new ListDelegatedAdministratorsCommand({ ServicePrincipal: "sso.amazonaws.com" }),
    );
    expect(ofAnother.DelegatedAdministrators).toEqual([]);
    await expect(
      member.send(new CreateAccountCommand({ AccountName: "x", Email: "x@example.com" })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
    await client.send(new DeregisterDelegatedAdministratorCommand({ AccountId, ServicePrincipal }));
    await expect(member.send(new ListAccountsCommand({}))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("tags", () => {
  it("are put, listed and taken away", async () => {
    const { client, root } = started();
    const prod = await unit(client, root, "Prod");
    const tags = async (ResourceId: string) =>
      (await client.send(new ListTagsForResourceCommand({ ResourceId }))).Tags?.map(
        ({ Key, Value }) => `${Key}=${Value}`,
      );
    for (const ResourceId of [root, prod, await account(client, "web")]) {
      await client.send(
        new TagResourceCommand({
          ResourceId,
          Tags: [
            { Key: "b", Value: "1" },
            { Key: "a", Value: "" },
          ],
        }),
      );
      await client.send(new TagResourceCommand({ ResourceId, Tags: [{ Key: "b", Value: "2" }] }));
      expect(await tags(ResourceId)).toEqual(["a=", "b=2"]);
      await client.send(new UntagResourceCommand({ ResourceId, TagKeys: ["a", "nothing"] }));
      expect(await tags(ResourceId)).toEqual(["b=2"]);
    }
    await expect(tags("ou-abcd-12345678")).rejects.toMatchObject({ name: "TargetNotFoundException" });
  });
});
