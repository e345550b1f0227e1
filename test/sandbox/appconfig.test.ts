import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";
import { afterEach, describe, expect, it, test } from "vitest";
import { deployConfiguration } from "../../sandbox/appconfig/state.ts";
import { describeWithPeers, peerEnvironment, run } from "../support/peers.ts";
import { failureOf, startSandbox } from "./support.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const named = {
  ApplicationIdentifier: "iam-warden",
  EnvironmentIdentifier: "hub",
  ConfigurationProfileIdentifier: "settings",
  RequiredMinimumPollIntervalInSeconds: 15,
};

const start = (content: string | Uint8Array = "{}") => {
  const started = startSandbox();
  const { sandbox, accountId } = started;
  const place = { accountId, region: "eu-west-1", application: "iam-warden", environment: "hub", profile: "settings" };
  const put = (next: string | Uint8Array) => deployConfiguration(sandbox.state.configurations, place, next);
  put(content);
  const config = sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"), { region: "eu-west-1" });
  const client = new AppConfigDataClient({ ...config, maxAttempts: 1 });
  const session = async () =>
    (await client.send(new StartConfigurationSessionCommand(named))).InitialConfigurationToken;
  const latest = (ConfigurationToken: string | undefined) =>
    client.send(new GetLatestConfigurationCommand({ ConfigurationToken }));
  return { ...started, put, client, config, session, latest };
};

describe("AppConfig's data plane", () => {
  it("delivers what is deployed once in a session, and again when something else is deployed", async () => {
    const { sandbox, session, latest, put, events } = start("{ ü }");
    const first = await latest(await session());
    expect(first).toMatchObject({ NextPollIntervalInSeconds: 15, ContentType: "application/json", VersionLabel: "1" });
    expect(Buffer.from(first.Configuration ?? []).toString()).toBe("{ ü }");
    sandbox.clock.advance(15_000);
    const second = await latest(first.NextPollConfigurationToken);
    expect(second.Configuration ?? []).toHaveLength(0);
    expect(second.VersionLabel).toBeUndefined();
    put(Uint8Array.of(0xff, 0xfe));
    sandbox.clock.advance(15_000);
    const third = await latest(second.NextPollConfigurationToken);
    expect([...(third.Configuration ?? [])]).toEqual([0xff, 0xfe]);
    // Data events, which no trail logs by default.
    expect(events).toEqual([]);
  });

  it.each<[string, (w: ReturnType<typeof start>) => Promise<unknown>, RegExp]>([
    ["a token that nobody gave", ({ latest }) => latest("none"), /not valid/],
    [
      "a token for the second time",
      async ({ session, latest }) => {
        const token = await session();
        await latest(token);
        return latest(token);
      },
      /not valid/,
    ],
    [
      "a token of yesterday",
      async ({ sandbox, session, latest }) => {
        const token = await session();
        sandbox.clock.advance(25 * 3_600_000);
        return latest(token);
      },
      /expired/,
    ],
    [
      "a call too early",
      async ({ session, latest }) => latest((await latest(await session())).NextPollConfigurationToken),
      /too early/,
    ],
  ])("refuses %s", async (_, call, message) => {
    const { code, message: said } = await failureOf(call(start()));
    expect(code).toBe("BadRequestException");
    expect(said).toMatch(message);
  });

  it("knows no other configuration", async () => {
    const { client } = start();
    const other = { ...named, ConfigurationProfileIdentifier: "none" };
    const { code } = await failureOf(client.send(new StartConfigurationSessionCommand(other)));
    expect(code).toBe("ResourceNotFoundException");
  });

  test("it answers over HTTP as in process, and knows no other path", async () => {
    const { sandbox, config } = start('{"version":1}');
    const server = await sandbox.listen();
    open.push(server);
    const { region, credentials } = config;
    const remote = new AppConfigDataClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
    const { InitialConfigurationToken } = await remote.send(new StartConfigurationSessionCommand(named));
    const answer = await remote.send(
      new GetLatestConfigurationCommand({ ConfigurationToken: InitialConfigurationToken }),
    );
    expect(Buffer.from(answer.Configuration ?? []).toString()).toBe('{"version":1}');
    const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20261102/eu-west-1/appconfig/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { authorization, "x-amz-security-token": credentials.sessionToken ?? "" };
    expect((await fetch(`${server.url}/extensions`, { headers })).status).toBe(404);
  });
});

describeWithPeers(["boto3"], "boto3", () => {
  test("reads a configuration", async () => {
    const { sandbox, config } = start('{"version":1}');
    const server = await sandbox.listen();
    open.push(server);
    const script = `
import boto3
data = boto3.client("appconfigdata", endpoint_url="${server.url}", region_name="eu-west-1")
token = data.start_configuration_session(ApplicationIdentifier="iam-warden", EnvironmentIdentifier="hub",
  ConfigurationProfileIdentifier="settings", RequiredMinimumPollIntervalInSeconds=15)["InitialConfigurationToken"]
answer = data.get_latest_configuration(ConfigurationToken=token)
print(answer["Configuration"].read().decode(), answer["NextPollIntervalInSeconds"])
`;
    const { stdout, stderr } = await run("python3", ["-c", script], { env: peerEnvironment(config.credentials) });
    expect([stdout.trim(), stderr]).toEqual(['{"version":1} 15', ""]);
  });
});
