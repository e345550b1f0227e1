import { DeactivateMFADeviceCommand, IAMClient, ListMFADevicesCommand } from "@aws-sdk/client-iam";
import { ListAccountsCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { demoOrganization } from "../../../sandbox/world.ts";

const started = () => {
  const sandbox = createSandbox();
  return { sandbox, demo: demoOrganization(sandbox) };
};

it("is a company of a dozen accounts and a few hundred principals, each account with flaws of its own", () => {
  const { sandbox, demo } = started();
  expect(demo.accounts).toHaveLength(13);
  expect([...sandbox.state.accounts.keys()].sort()).toEqual(demo.accounts.map(({ id }) => id).sort());
  const principals = [...sandbox.state.accounts.values()].reduce(
    (sum, { users, roles }) => sum + users.size + roles.size,
    0,
  );
  expect(principals).toBeGreaterThan(300);
  expect(principals).toBeLessThan(600);
  expect(new Set(demo.accounts.map(({ ouPath }) => ouPath))).toEqual(
    new Set(
      "Root,Root/Security,Root/Infrastructure,Root/Workloads/Prod,Root/Workloads/Dev,Root/Sandbox,Root/Sandbox/Acquisitions,Root/Suspended".split(
        ",",
      ),
    ),
  );
  expect(demo.truth.length).toBeGreaterThan(40);
  expect(demo.truth.length).toBeLessThan(150);
  const critical = demo.truth.filter(({ control }) => control === "root-without-mfa");
  expect(critical.map(({ account }) => account)).toEqual([demo.account("billingo-legacy").id]);
});

it("lets the hub's role into every active account, and nobody else", async () => {
  const { sandbox, demo } = started();
  const assume = (credentials: typeof demo.hubCredentials, accountId: string) =>
    new STSClient(sandbox.clientConfig(credentials)).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/iam-warden-audit`, RoleSessionName: "audit" }),
    );
  for (const { id, status } of demo.accounts) {
    const answer = assume(demo.hubCredentials, id);
    if (status === "ACTIVE") await expect(answer).resolves.toMatchObject({ AssumedRoleUser: expect.anything() });
    else await expect(answer).rejects.toMatchObject({ name: "AccessDenied" });
  }
  const person = demo.account("sandbox-playground");
  await expect(assume(person.credentials, person.id)).rejects.toMatchObject({ name: "AccessDenied" });
  const organizations = new OrganizationsClient(sandbox.clientConfig(demo.hubCredentials));
  expect((await organizations.send(new ListAccountsCommand({}))).Accounts).toHaveLength(13);
});

it("has a topic that reaches the chat and the mailbox", async () => {
  const { sandbox, demo } = started();
  const sns = new SNSClient(sandbox.clientConfig(demo.hubCredentials, { region: demo.topicRegion }));
  const Message = JSON.stringify({ default: "{}", email: "text" });
  await sns.send(new PublishCommand({ TopicArn: demo.topicArn, Message, MessageStructure: "json" }));
  expect(sandbox.deliveries.map(({ endpoint, message }) => [endpoint, message])).toEqual([
    [demo.chatEndpoint, "{}"],
    [demo.emailEndpoint, "text"],
  ]);
});

it("has a tidy user in each account, whose MFA device a person there can take away", async () => {
  const { sandbox, demo } = started();
  for (const { id, tidyUser, credentials, status } of demo.accounts) {
    expect(demo.truth.filter(({ account, subject }) => account === id && subject.name === tidyUser)).toEqual([]);
    if (status !== "ACTIVE") continue;
    const iam = new IAMClient(sandbox.clientConfig(credentials));
    const { MFADevices = [] } = await iam.send(new ListMFADevicesCommand({ UserName: tidyUser }));
    expect(MFADevices).toHaveLength(1);
    await iam.send(new DeactivateMFADeviceCommand({ UserName: tidyUser, SerialNumber: MFADevices[0]?.SerialNumber }));
  }
});

it("is the same each time", () => {
  expect(JSON.stringify(started().demo)).toBe(JSON.stringify(started().demo));
});
