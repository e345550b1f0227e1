import { createServer } from "node:http";
import { GetAccountSummaryCommand, GetUserCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, test, vi } from "vitest";
import { trusting } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { callerIdentity, createAwsAccess } from "../../shared/aws/aws-access.ts";
import { AccessDeniedError } from "../../shared/errors.ts";
import { awsOf } from "../support/aws-of.ts";
import { failing, memberId, memberOf } from "../support/iam-account.ts";

const minuteMs = 60_000;

const start = () => {
  const sandbox = createSandbox();
  const { account } = memberOf(sandbox);
  const other = memberOf(sandbox, "444455556666").account;
  return { sandbox, account, other, hub: sandbox.state.organization.managementAccountId };
};

const summary = new GetAccountSummaryCommand({});

afterEach(() => vi.unstubAllEnvs());

describe("access to accounts", () => {
  test("is with the caller's own credentials in its own account, with the role elsewhere", async () => {
    const { sandbox, hub } = start();
    const callers: string[] = [];
    sandbox.intercept((call) => void callers.push(`${call.operation} ${call.caller.arn}`));
    const aws = awsOf(sandbox);
    await aws.iam(hub).send(summary);
    await aws.iam(memberId).send(summary);
    expect(callers).toEqual([
      `GetAccountSummary arn:aws:sts::${hub}:assumed-role/iam-warden-hub/sandbox`,
      `AssumeRole arn:aws:sts::${hub}:assumed-role/iam-warden-hub/sandbox`,
      `GetAccountSummary arn:aws:sts::${memberId}:assumed-role/OrganizationAccountAccessRole/iam-warden-audit`,
    ]);
  });

  test("assumes the role in its own account too where it is told to", async () => {
    const { sandbox, hub } = start();
    const aws = awsOf(sandbox, { assumeInOwnAccount: true });
    await expect(aws.iam(hub).send(summary)).rejects.toMatchObject({ permission: "sts:AssumeRole" });
  });

  test("tells the role's trust policy the external id", async () => {
    const { sandbox, account, hub } = start();
    const role = account.roles.get("organizationaccountaccessrole");
    if (!role) throw new Error("no role");
    const principal = { AWS: `arn:aws:iam::${hub}:root` };
    role.trustPolicy = trusting(principal, { StringEquals: { "sts:ExternalId": "our-secret" } });
    await expect(awsOf(sandbox).iam(memberId).send(summary)).rejects.toThrow(AccessDeniedError);
    await awsOf(sandbox, { externalId: "our-secret", sessionName: "audit-by-alice" }).iam(memberId).send(summary);
  });

  test("that is refused says which role in which account, and is asked for again next time", async () => {
    const { sandbox, account } = start();
    const role = account.roles.get("organizationaccountaccessrole");
    if (!role) throw new Error("no role");
    account.roles.clear();
    const aws = awsOf(sandbox);
    const refused = aws.iam(memberId).send(summary);
    await expect(refused).rejects.toThrow(AccessDeniedError);
    await expect(refused).rejects.toThrow(`sts:AssumeRole was denied in account ${memberId}: AccessDenied: User: `);
    account.roles.set("organizationaccountaccessrole", role);
    await aws.iam(memberId).send(summary);
  });
});

describe("credentials of a role", () => {
  test("are assumed once for each account, however many reads begin at once", async () => {
    const { sandbox } = start();
    const aws = awsOf(sandbox);
    const reads = [memberId, "444455556666", memberId, memberId].map((id) => aws.iam(id).send(summary));
    await Promise.all(reads);
    expect(aws.calls()).toEqual({
      [memberId]: { "iam:GetAccountSummary": 3, "sts:AssumeRole": 1 },
      "444455556666": { "iam:GetAccountSummary": 1, "sts:AssumeRole": 1 },
    });
  });

  test("are renewed five minutes before they end, and not before", async () => {
    const { sandbox } = start();
    const aws = awsOf(sandbox);
    const assumed = async () => {
      await aws.iam(memberId).send(summary);
      return aws.calls()[memberId]?.["sts:AssumeRole"];
    };
    expect(await assumed()).toBe(1);
    sandbox.clock.advance(54 * minuteMs);
    expect(await assumed()).toBe(1);
    sandbox.clock.advance(1 * minuteMs);
    expect(await assumed()).toBe(2);
    // Had they not been renewed, they would have ended by now.
    sandbox.clock.advance(50 * minuteMs);
    expect(await assumed()).toBe(2);
  });
});

describe("calls", () => {
  test("count each attempt on the wire, retries included", async () => {
    const { sandbox, hub } = start();
    failing(sandbox, "ListUsers", "Throttling", { status: 400, times: 2 });
    const aws = awsOf(sandbox, { maxAttempts: 4, retryMode: "adaptive" });
    await aws.iam(hub).send(new ListUsersCommand({}));
    expect(aws.calls()).toEqual({ [hub]: { "iam:ListUsers": 3 } });
  });

  test("that fail count as well", async () => {
    const { sandbox, hub } = start();
    const aws = awsOf(sandbox);
    await expect(aws.iam(hub).send(new GetUserCommand({ UserName: "nobody" }))).rejects.toThrow("nobody");
    expect(aws.calls()).toEqual({ [hub]: { "iam:GetUser": 1 } });
  });
});

test.each([
  ["eu-west-1", "aws", "us-east-1", "us-east-1"],
  ["cn-northwest-1", "aws-cn", "cn-north-1", "cn-northwest-1"],
  ["us-gov-east-1", "aws-us-gov", "us-gov-west-1", "us-gov-west-1"],
])(
  "from %s, IAM and Organizations are asked where the partition %s has them",
  async (region, partition, iam, organizations) => {
    const { sandbox, hub } = start();
    const { credentials, requestHandler } = sandbox.clientConfig(sandbox.credentialsFor(hub, "root"));
    const aws = createAwsAccess({ region, credentials, requestHandler, ownAccountId: hub });
    expect(aws.partition).toBe(partition);
    expect(await aws.iam(hub).config.region()).toBe(iam);
    expect(await aws.organizations().config.region()).toBe(organizations);
    expect(await aws.sts().config.region()).toBe(region);
    expect(await aws.sns().config.region()).toBe(region);
  },
);

test("clients share their connections, keep them open, and open no more than 50", async () => {
  let connections = 0;
  const answer =
    "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap/></GetAccountSummaryResult></GetAccountSummaryResponse>";
  const server = createServer((_, response) => void setImmediate(() => response.end(answer)));
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "secret" };
  const endpoint = `http://127.0.0.1:${address.port}`;
  const aws = createAwsAccess({ region: "us-east-1", endpoint, credentials, ownAccountId: memberId });
  const burst = () => Promise.all(Array.from({ length: 150 }, () => aws.iam(memberId).send(summary)));
  await burst();
  expect(connections).toBeLessThanOrEqual(50);
  const before = connections;
  await aws.iam(memberId).send(summary);
  await aws
    .sts()
    .send(new GetCallerIdentityCommand({}))
    .catch(() => undefined);
  expect(connections).toBe(before);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

describe("over HTTP, with nothing but the SDK's environment", () => {
  const listening = async () => {
    const { sandbox, hub } = start();
    const server = await sandbox.listen();
    const credentials = awsOf(sandbox) && sandbox.credentialsFor(hub, { role: "iam-warden-hub" });
    vi.stubEnv("AWS_ENDPOINT_URL", server.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", credentials.sessionToken);
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    vi.stubEnv("AWS_PROFILE", undefined);
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    return { server, hub };
  };

  test("the caller is found, and then its accounts", async () => {
    const { server, hub } = await listening();
    const caller = await callerIdentity();
    expect(caller).toEqual({
      calls: 1,
      accountId: hub,
      arn: `arn:aws:sts::${hub}:assumed-role/iam-warden-hub/sandbox`,
      partition: "aws",
      region: "us-east-1",
    });
    const aws = createAwsAccess({
      region: caller.region,
      ownAccountId: caller.accountId,
      roleName: "OrganizationAccountAccessRole",
    });
    await Promise.all([hub, memberId, "444455556666"].map((id) => aws.iam(id).send(summary)));
    expect(Object.keys(aws.calls()).sort()).toEqual([hub, memberId, "444455556666"].sort());
    await server.close();
  });

  test("the Region is the environment's, where it names one", async () => {
    const { server } = await listening();
    vi.stubEnv("AWS_REGION", "eu-central-1");
    expect((await callerIdentity()).region).toBe("eu-central-1");
    expect((await callerIdentity({ region: "eu-north-1" })).region).toBe("eu-north-1");
    await server.close();
  });

  test("credentials that AWS does not know are not anybody's", async () => {
    const { server } = await listening();
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000");
    vi.stubEnv("AWS_SESSION_TOKEN", undefined);
    await expect(callerIdentity()).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    await server.close();
  });
});
