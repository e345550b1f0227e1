import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  DeactivateMFADeviceCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import type { AwsCredentialIdentity } from "@smithy/types";
import type { FindingStatus } from "../../shared/findings/finding.ts";
import type { SubjectRef } from "../../shared/subject.ts";
import { analyzerArn } from "../analyzers/state.ts";
import type { Deployment } from "../deployed/deploy.ts";
import { trusting } from "../iam/state.ts";
import type { EventBridgeEvent, Sandbox } from "../sandbox.ts";
import type { DemoOrganization } from "../world.ts";
import { repairStory } from "./repair.ts";
import type { Expectation, LifeStep } from "./step.ts";

const roleName = "nightly-export";
const exportRole: SubjectRef = { kind: "role", name: roleName };
const root: SubjectRef = { kind: "root", name: "root" };
const bucketArn = "arn:aws:s3:::payments-exports.kestrel.example";

/** A few minutes in the demo organization: what happens in real ones, one thing after the other. */
export const demoLife = (
  { sandbox, wiring: { send }, operator }: Pick<Deployment, "wiring" | "operator"> & { readonly sandbox: Sandbox },
  organization: DemoOrganization,
): readonly LifeStep[] => {
  const payments = organization.account("payments-prod");
  const shop = organization.account("shop-prod");
  const data = organization.account("data-platform-prod");
  const legacy = organization.account("billingo-legacy");
  const development = organization.account("shop-dev");
  const keyOwner = ownerOfOneKey(sandbox, development.id);

  const iam = (credentials: AwsCredentialIdentity): IAMClient => new IAMClient(sandbox.clientConfig(credentials));
  const expect = (accountId: string, control: string, subject: SubjectRef, status: FindingStatus): Expectation[] => [
    { accountId, control, subject, status },
  ];
  let lastEvent: EventBridgeEvent | undefined;
  sandbox.subscribe((event) => {
    lastEvent = event;
  });

  return [
    {
      title: `Somebody creates a role without a permissions boundary in ${payments.name}`,
      act: async () => {
        const trust = trusting({ Service: "lambda.amazonaws.com" });
        const create = new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: trust });
        await iam(payments.credentials).send(create);
      },
      expected: expect(payments.id, "role-without-boundary", exportRole, "open"),
    },
    {
      title: "They read the message and attach the boundary",
      act: async () => {
        const boundary = `arn:aws:iam::${payments.id}:policy/${organization.approvedBoundary}`;
        const attach = new PutRolePermissionsBoundaryCommand({ RoleName: roleName, PermissionsBoundary: boundary });
        await iam(payments.credentials).send(attach);
      },
      expected: expect(payments.id, "role-without-boundary", exportRole, "resolved"),
    },
    ...repairStory(sandbox, organization, operator),
    {
      title: `Somebody signs in to the console as root of ${shop.name}`,
      act: () => sandbox.signIn(shop.id, "root", { mfa: true, success: true, sourceIPAddress: "198.51.100.23" }),
      expected: expect(shop.id, "root-activity", root, "open"),
    },
    {
      title: `${data.tidyUser} drops the only MFA device in ${data.name}`,
      act: async () => {
        const user = sandbox.state.accounts.get(data.id)?.users.get(data.tidyUser);
        const own = iam(sandbox.credentialsFor(data.id, { user: data.tidyUser }));
        for (const { serial } of [...(user?.mfaDevices ?? [])]) {
          await own.send(new DeactivateMFADeviceCommand({ UserName: data.tidyUser, SerialNumber: serial }));
        }
      },
      expected: expect(data.id, "console-user-without-mfa", { kind: "user", name: data.tidyUser }, "open"),
    },
    {
      title: `Access Analyzer finds that anybody can read a bucket of ${payments.name}`,
      act: () =>
        sandbox.analyze(analyzerArn(organization.hubAccountId, "us-east-1", "organization"), {
          ...{ id: "0c5b1f6e-1111-4000-8000-000000000001", resource: bucketArn, resourceType: "AWS::S3::Bucket" },
          ...{ owner: payments.id, action: ["s3:GetObject"] },
        }),
      expected: expect(payments.id, "external-access-finding", { kind: "resource", name: bucketArn }, "open"),
    },
    {
      title: `A second access key is made for ${keyOwner} in ${development.name}`,
      act: async () => {
        await iam(development.credentials).send(new CreateAccessKeyCommand({ UserName: keyOwner }));
      },
      expected: expect(development.id, "two-active-access-keys", { kind: "user", name: keyOwner }, "open"),
    },
    {
      title: `Somebody guesses the root password of ${legacy.name}, three times`,
      act: () => {
        for (let guess = 0; guess < 3; guess++) {
          sandbox.signIn(legacy.id, "root", { mfa: false, success: false, sourceIPAddress: "192.0.2.66" });
        }
      },
      expected: expect(legacy.id, "root-sign-in-failure", root, "open"),
    },
    {
      title: "Two messages that are not what they seem: an event that claims another account, and one that is no event",
      act: () => {
        send(JSON.stringify({ ...lastEvent, account: payments.id }));
        send("{ this is no event: it ends in the dead-letter queue and holds up nothing");
      },
      expected: [],
      deadLetters: 1,
    },
  ];
};

/** The first user who has one access key, an active one. */
const ownerOfOneKey = ({ state }: Sandbox, accountId: string): string => {
  const owners = [...(state.accounts.get(accountId)?.users.values() ?? [])]
    .filter(({ accessKeys }) => accessKeys.length === 1 && accessKeys[0]?.status === "Active")
    .map(({ name }) => name)
    .sort();
  const [owner] = owners;
  if (owner === undefined) throw new Error(`nobody in account ${accountId} has one active access key`);
  return owner;
};
