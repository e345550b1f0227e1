import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { Organizations } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { addAccount } from "../../sandbox/state.ts";
import { failureOf, startSandbox } from "./support.ts";

const member = "222222222222";
const stackSets = "member.org.stacksets.cloudformation.amazonaws.com";

const started = () => {
  const all = startSandbox();
  const { sandbox, accountId } = all;
  addAccount(sandbox.state, { id: member, name: "member", joinedAt: sandbox.clock.now() });
  const config = (inAccount: string) => ({
    ...sandbox.clientConfig(sandbox.credentialsFor(inAccount, "root")),
    maxAttempts: 1,
  });
  return {
    ...all,
    organization: sandbox.state.organization,
    organizations: new Organizations(config(accountId)),
    cloudFormation: (inAccount = accountId) => new CloudFormation(config(inAccount)),
  };
};

describe("central root access", () => {
  it("is switched on feature by feature once IAM has trusted access", async () => {
    const { iam, organizations, organization, events } = started();
    await expect(failureOf(iam.enableOrganizationsRootSessions({}))).resolves.toMatchObject({
      code: "ServiceAccessNotEnabledException",
    });
    await organizations.enableAWSServiceAccess({ ServicePrincipal: "iam.amazonaws.com" });
    expect((await iam.listOrganizationsFeatures({})).EnabledFeatures).toEqual([]);
    await iam.enableOrganizationsRootSessions({});
    expect(await iam.enableOrganizationsRootCredentialsManagement({})).toMatchObject({
      OrganizationId: organization.id,
      EnabledFeatures: ["RootCredentialsManagement", "RootSessions"],
    });
    expect(events.at(-1)?.detail).toMatchObject({ eventName: "EnableOrganizationsRootCredentialsManagement" });
  });

  it("is for the management account and IAM's delegated administrator alone", async () => {
    const { clientAs, organizations } = started();
    const ofMember = clientAs("root", member);
    await organizations.enableAWSServiceAccess({ ServicePrincipal: "iam.amazonaws.com" });
    await expect(failureOf(ofMember.listOrganizationsFeatures({}))).resolves.toMatchObject({
      code: "AccountNotManagementOrDelegatedAdministratorException",
    });
    await organizations.registerDelegatedAdministrator({ AccountId: member, ServicePrincipal: "iam.amazonaws.com" });
    expect((await ofMember.listOrganizationsFeatures({})).EnabledFeatures).toEqual([]);
  });

  it("needs an organization, and all its features", async () => {
    const { iam, organization, account } = started();
    organization.featureSet = "CONSOLIDATED_BILLING";
    await expect(failureOf(iam.listOrganizationsFeatures({}))).resolves.toMatchObject({
      code: "OrganizationNotInAllFeaturesModeException",
    });
    account.standalone = true;
    await expect(failureOf(iam.listOrganizationsFeatures({}))).resolves.toMatchObject({
      code: "OrganizationNotFoundException",
    });
  });
});

describe("CloudFormation's access to the organization", () => {
  it("is activated by the management account, and gives StackSets trusted access", async () => {
    const { cloudFormation, organization, organizations } = started();
    const management = cloudFormation();
    expect((await management.describeOrganizationsAccess({})).Status).toBe("DISABLED");
    await management.activateOrganizationsAccess({});
    expect((await management.describeOrganizationsAccess({})).Status).toBe("ENABLED");
    expect([...organization.trustedServices.keys()]).toEqual([stackSets]);
    const asAdministrator = () => cloudFormation(member).describeOrganizationsAccess({ CallAs: "DELEGATED_ADMIN" });
    await expect(failureOf(asAdministrator())).resolves.toMatchObject({ code: "InvalidOperationException" });
    await organizations.registerDelegatedAdministrator({ AccountId: member, ServicePrincipal: stackSets });
    expect((await asAdministrator()).Status).toBe("ENABLED");
  });

  it("is no member's to activate, nor an organization's without all features", async () => {
    const { cloudFormation, organization } = started();
    const refused = { code: "InvalidOperationException" };
    await expect(failureOf(cloudFormation(member).activateOrganizationsAccess({}))).resolves.toMatchObject(refused);
    organization.featureSet = "CONSOLIDATED_BILLING";
    await expect(failureOf(cloudFormation().activateOrganizationsAccess({}))).resolves.toMatchObject(refused);
    expect(organization.stackSetsActivated).toBe(false);
  });
});

describe("delegated services of an account", () => {
  it("are listed, and an account that has none is not registered", async () => {
    const { organizations } = started();
    const list = () => organizations.listDelegatedServicesForAccount({ AccountId: member });
    await expect(failureOf(list())).resolves.toMatchObject({ code: "AccountNotRegisteredException" });
    for (const ServicePrincipal of [stackSets, "iam.amazonaws.com"]) {
      await organizations.enableAWSServiceAccess({ ServicePrincipal });
      await organizations.registerDelegatedAdministrator({ AccountId: member, ServicePrincipal });
    }
    const { DelegatedServices = [] } = await list();
    expect(DelegatedServices.map(({ ServicePrincipal }) => ServicePrincipal)).toEqual(["iam.amazonaws.com", stackSets]);
  });
});
