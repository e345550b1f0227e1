import { describe, expect, test } from "vitest";
import type { EventBridgeEvent } from "../../../sandbox/sandbox.ts";
import { failureOf, startSandbox } from "../support.ts";

const git = "codecommit.amazonaws.com";
const bedrock = "bedrock.amazonaws.com";

describe("service-specific credentials", () => {
  test("live from creation to deletion, and their secrets are in no record", async () => {
    const { iam, sandbox, accountId, account } = startSandbox();
    const events: EventBridgeEvent[] = [];
    sandbox.subscribe((event) => events.push(event));
    await iam.createUser({ UserName: "alice" });
    await iam.createUser({ UserName: "bob" });
    const made = await iam.createServiceSpecificCredential({ UserName: "alice", ServiceName: git });
    const { ServicePassword, ...shown } = { ServiceSpecificCredentialId: "", ...made.ServiceSpecificCredential };
    expect(shown).toEqual({
      UserName: "alice",
      ServiceName: git,
      ServiceUserName: `alice-at-${accountId}`,
      ServiceSpecificCredentialId: expect.stringMatching(/^ACCA\w{17}$/),
      Status: "Active",
      CreateDate: sandbox.clock.now(),
    });
    const key = await iam.createServiceSpecificCredential({
      ...{ UserName: "bob", ServiceName: bedrock },
      CredentialAgeDays: 30,
    });
    const { ServiceCredentialSecret, ...apiKey } = key.ServiceSpecificCredential ?? {};
    expect(apiKey).toMatchObject({
      ServiceCredentialAlias: `bob-at-${accountId}`,
      ExpirationDate: new Date(sandbox.clock.now().getTime() + 30 * 86_400_000),
    });
    for (const secret of [ServicePassword, ServiceCredentialSecret]) {
      expect(secret).toMatch(/^\S{40}$/);
      expect(JSON.stringify(events)).not.toContain(secret);
    }
    expect(events.map(({ detail }) => detail.eventName)).toContain("CreateServiceSpecificCredential");

    const listed = async (of: object) =>
      ((await iam.listServiceSpecificCredentials(of)).ServiceSpecificCredentials ?? []).map(
        ({ UserName, ServiceName, Status }) => `${UserName} ${ServiceName} ${Status}`,
      );
    expect(await listed({ UserName: "alice" })).toEqual([`alice ${git} Active`]);
    expect((await listed({ AllUsers: true })).sort()).toEqual([`alice ${git} Active`, `bob ${bedrock} Active`]);
    expect(await listed({ AllUsers: true, ServiceName: bedrock })).toEqual([`bob ${bedrock} Active`]);
    const first = await iam.listServiceSpecificCredentials({ AllUsers: true, MaxItems: 1 });
    expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) });
    const last = await iam.listServiceSpecificCredentials({ AllUsers: true, MaxItems: 1, Marker: first.Marker });
    expect(last.IsTruncated).toBe(false);

    const of = { UserName: "alice", ServiceSpecificCredentialId: shown.ServiceSpecificCredentialId };
    await iam.updateServiceSpecificCredential({ ...of, Status: "Inactive" });
    expect(await listed({ UserName: "alice" })).toEqual([`alice ${git} Inactive`]);
    expect(await failureOf(iam.deleteUser({ UserName: "alice" }))).toMatchObject({ code: "DeleteConflict" });
    await iam.deleteServiceSpecificCredential(of);
    expect(await failureOf(iam.deleteServiceSpecificCredential(of))).toMatchObject({ code: "NoSuchEntity" });
    await iam.deleteUser({ UserName: "alice" });
    expect([...account.users.keys()]).toEqual(["bob"]);
  });

  test("are two at most for a service, of services that have them, and expire where they are API keys", async () => {
    const { iam } = startSandbox();
    await iam.createUser({ UserName: "alice" });
    const create = (ServiceName: string, CredentialAgeDays?: number) =>
      iam.createServiceSpecificCredential({ UserName: "alice", ServiceName, CredentialAgeDays });
    await create(git);
    await create(git);
    expect(await failureOf(create(git))).toMatchObject({ code: "LimitExceeded" });
    expect(await failureOf(create("s3.amazonaws.com"))).toMatchObject({ code: "NotSupportedService" });
    expect(await failureOf(create("cassandra.amazonaws.com", 30))).toMatchObject({ code: "InvalidInput" });
    expect(await failureOf(iam.listServiceSpecificCredentials({ AllUsers: true, UserName: "alice" }))).toMatchObject({
      code: "InvalidInput",
    });
    expect(await failureOf(iam.listServiceSpecificCredentials({ UserName: "nobody" }))).toMatchObject({
      code: "NoSuchEntity",
    });
  });
});
