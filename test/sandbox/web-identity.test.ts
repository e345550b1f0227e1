import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { failureOf, startSandbox } from "./support.ts";

const issuer = "token.actions.githubusercontent.com";
const sub = "repo:acme/shop:ref:refs/heads/main";

const start = async () => {
  const { sandbox, events, accountId, account, iam } = startSandbox();
  const provider = `arn:aws:iam::${accountId}:oidc-provider/${issuer}`;
  await iam.createOpenIDConnectProvider({ Url: `https://${issuer}`, ClientIDList: ["sts.amazonaws.com"] });
  const trustPolicy = JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: provider },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: sub } },
    },
  });
  const role = addRole(account, sandbox.ids, { name: "deploy", createdAt: sandbox.clock.now(), trustPolicy });
  const { requestHandler, region } = sandbox.clientConfig(sandbox.credentialsFor(accountId, "root"));
  const sts = new STSClient({ requestHandler, region, maxAttempts: 1 });
  const assume = (claims: object) =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role.arn,
        RoleSessionName: "run",
        WebIdentityToken: `e30.${Buffer.from(JSON.stringify({ iss: `https://${issuer}`, ...claims })).toString("base64url")}.s`,
      }),
    );
  return { sandbox, events, accountId, provider, requestHandler, region, assume };
};

describe("AssumeRoleWithWebIdentity", () => {
  test("gives a session to whom the trust policy means, without a signature", async () => {
    const { accountId, events, provider, requestHandler, region, assume } = await start();
    const { Credentials: made } = await assume({ aud: "sts.amazonaws.com", sub });
    const credentials = {
      accessKeyId: made?.AccessKeyId ?? "",
      secretAccessKey: made?.SecretAccessKey ?? "",
      sessionToken: made?.SessionToken ?? "",
    };
    const { Arn } = await new STSClient({ requestHandler, region, credentials }).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/deploy/run`);
    expect(events.find(({ detail }) => detail.eventName === "AssumeRoleWithWebIdentity")?.detail).toMatchObject({
      userIdentity: {
        type: "WebIdentityUser",
        principalId: `${provider}:sts.amazonaws.com:${sub}`,
        userName: sub,
        identityProvider: provider,
      },
      recipientAccountId: accountId,
    });
  });

  test.each([
    ["another subject", { aud: "sts.amazonaws.com", sub: "repo:acme/other:ref:refs/heads/main" }, "AccessDenied"],
    ["an audience that the provider does not list", { aud: "other", sub }, "InvalidIdentityToken"],
    [
      "an issuer without a provider",
      { iss: "https://example.com", aud: "sts.amazonaws.com", sub },
      "InvalidIdentityToken",
    ],
    ["a token that is none", { sub: 1 }, "InvalidIdentityToken"],
  ])("refuses %s, and records that", async (_, claims, code) => {
    const { events, assume } = await start();
    expect((await failureOf(assume(claims))).code).toMatch(new RegExp(`^${code}(Exception)?$`));
    const recorded = events.filter(({ detail }) => detail.eventName === "AssumeRoleWithWebIdentity");
    expect(recorded.map(({ detail }) => detail.errorCode)).toEqual("iss" in claims || "aud" in claims ? [code] : []);
  });
});
