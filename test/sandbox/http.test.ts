import { IAM } from "@aws-sdk/client-iam";
import { afterEach, describe, expect, test } from "vitest";
import { describeWithPeers, peerEnvironment, run } from "../support/peers.ts";
import { failureOf, startSandbox } from "./support.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const start = async () => {
  const started = startSandbox();
  const server = await started.sandbox.listen();
  open.push(server);
  return { ...started, url: server.url, credentials: started.sandbox.credentialsFor(started.accountId, "root") };
};

describe("over HTTP", () => {
  test("the SDK finds what it finds in process", async () => {
    const { url, credentials, iam, events } = await start();
    expect(new URL(url).hostname).toBe("127.0.0.1");
    const remote = new IAM({ endpoint: url, region: "us-east-1", credentials });
    await remote.createUser({ UserName: "alice" });
    expect((await iam.listUsers({})).Users).toEqual((await remote.listUsers({})).Users);
    expect(events[0]?.detail).toMatchObject({ eventName: "CreateUser", sourceIPAddress: "127.0.0.1" });
  });

  const authorization = (key: string, service: string) =>
    `AWS4-HMAC-SHA256 Credential=${key}/20261102/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

  test.each([
    ["no credentials", 403, "MissingAuthenticationToken", () => ({})],
    ["an unknown key", 403, "InvalidClientTokenId", () => ({ authorization: authorization("AKIANOBODY", "iam") })],
    [
      "a key of a session without its token",
      403,
      "InvalidClientTokenId",
      (key: string) => ({ authorization: authorization(key, "iam") }),
    ],
    ["an unknown service", 404, "UnknownService", (key: string) => ({ authorization: authorization(key, "ec2") })],
  ])("%s is refused", async (_, status, code, headers) => {
    const { url, credentials, events } = await start();
    const response = await fetch(url, {
      method: "POST",
      headers: headers(credentials.accessKeyId),
      body: "Action=ListUsers",
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(events).toEqual([]);
  });

  test.each(["", "NoSuchOperation", "constructor", "__proto__"])("the operation %j is refused", async (operation) => {
    const { url, credentials } = await start();
    const { accessKeyId, sessionToken = "" } = credentials;
    const headers = { authorization: authorization(accessKeyId, "iam"), "x-amz-security-token": sessionToken };
    const response = await fetch(url, { method: "POST", headers, body: `Action=${operation}&Version=2010-05-08` });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("<Code>InvalidAction</Code>");
  });

  test("a fault of the sandbox is seen as one, and the next call is answered", async () => {
    const { sandbox, iam } = await start();
    const stop = sandbox.intercept(() => {
      throw new TypeError("a slip");
    });
    expect(await failureOf(iam.listUsers({}))).toEqual({
      code: "InternalFailure",
      message: expect.stringContaining("TypeError: a slip"),
    });
    stop();
    expect((await iam.listUsers({})).Users).toEqual([]);
  });
});

describeWithPeers(["aws"], "the AWS CLI", () => {
  test("creates a user, and the record of it is delivered", async () => {
    const { url, credentials, events, account } = await start();
    const args = ["iam", "create-user", "--user-name", "alice", "--tags", "Key=note,Value=é/ü", "--endpoint-url", url];
    const { status, stdout, stderr } = await run("aws", args, { env: peerEnvironment(credentials) });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout).User).toMatchObject({ UserName: "alice", Tags: [{ Key: "note", Value: "é/ü" }] });
    expect(account.users.has("alice")).toBe(true);
    expect(events).toMatchObject([
      {
        detail: {
          eventName: "CreateUser",
          userAgent: expect.stringContaining("aws-cli"),
          requestParameters: { userName: "alice" },
        },
      },
    ]);
    const again = await run("aws", args, { env: peerEnvironment(credentials) });
    expect(again.status).not.toBe(0);
    expect(again.stderr).toContain(
      "(EntityAlreadyExists) when calling the CreateUser operation: User with name alice already exists.",
    );
  });
});
