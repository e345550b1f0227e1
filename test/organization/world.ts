import { AttachPolicyCommand, CreatePolicyCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import type { Organization, OrganizationReading } from "../../shared/organization/organization.ts";
import { type ReadOrganizationOptions, readOrganization } from "../../shared/organization/read-organization.ts";
import { awsOf } from "../support/aws-of.ts";

export const shop = "900000000001";
export const lab = "800000000001";

/** A policy's document that denies an action. */
export const denying = (Action: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action, Resource: "*" }] });

/** Root / Workloads / Prod, in which `shop` is; `lab` is right under the root; all of central root access is on. */
export const organize = () => {
  const sandbox = createSandbox();
  const { organization } = sandbox.state;
  const joinedAt = sandbox.clock.now();
  const unit = (name: string, parentId: string): string => {
    const id = `ou-${organization.rootId.slice(2)}-${sandbox.ids.lower(8)}`;
    organization.units.set(id, { id, name, parentId, tags: new Map() });
    return id;
  };
  const workloads = unit("Workloads", organization.rootId);
  const prod = unit("Prod", workloads);
  const account = (id: string, name: string, parentId: string) =>
    addAccount(sandbox.state, { id, name, parentId, joinedAt });
  account(shop, "shop", prod);
  account(lab, "lab", organization.rootId);
  organization.trustedServices.set("iam.amazonaws.com", joinedAt);
  organization.rootFeatures.add("RootSessions").add("RootCredentialsManagement");

  const { managementAccountId: management, rootId: root } = organization;
  const client = new OrganizationsClient({
    ...sandbox.clientConfig(sandbox.credentialsFor(management, "root")),
    region: "us-east-1",
  });
  /** Makes a policy that denies an action, and attaches it. */
  const limit = async (Name: string, action: string, ...targets: readonly string[]): Promise<string> => {
    const { Policy } = await client.send(
      new CreatePolicyCommand({ Name, Description: "", Type: "SERVICE_CONTROL_POLICY", Content: denying(action) }),
    );
    const PolicyId = String(Policy?.PolicySummary?.Id);
    for (const TargetId of targets) await client.send(new AttachPolicyCommand({ PolicyId, TargetId }));
    return PolicyId;
  };
  const aws = awsOf(sandbox);
  const read = (options: Partial<ReadOrganizationOptions> = {}): Promise<OrganizationReading> =>
    readOrganization({
      ...{ organizations: aws.organizations(), iam: aws.iam(aws.ownAccountId), aws, clock: () => sandbox.clock.now() },
      ...options,
    });
  const calls = () => aws.calls()[aws.ownAccountId] ?? {};
  return { sandbox, organization, management, root, workloads, prod, account, unit, client, limit, aws, read, calls };
};

/** What was read. @throws Error where it is not known */
export const readIn = ({ organization }: OrganizationReading): Organization => {
  if (!organization.known) throw new Error(organization.why);
  return organization.value;
};
