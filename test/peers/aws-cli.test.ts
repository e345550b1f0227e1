import { afterAll, beforeAll, expect, it } from "vitest";
import { addUser, administratorAccess } from "../../sandbox/iam/state.ts";
import { createSandbox, type EventBridgeEvent } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { createWorld, demoOrganization } from "../../sandbox/world.ts";
import { describeWithPeers, peerEnvironment, type RunResult, run } from "../support/peers.ts";

type Credentials = Parameters<typeof peerEnvironment>[0];

/** A sandbox over HTTP and the AWS CLI pointed at it. */
const started = async () => {
  const sandbox = createSandbox();
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const server = await sandbox.listen();
  const managementId = sandbox.state.organization.managementAccountId;
  const root = sandbox.credentialsFor(managementId, "root");
  const aws = (command: string, credentials: Credentials = root): Promise<RunResult> =>
    run("aws", ["--endpoint-url", server.url, "--output", "json", ...command.split(" ")], {
      env: peerEnvironment(credentials),
    });
  /** What a command prints; it must succeed. */
  const answer = async (command: string, credentials: Credentials = root): Promise<unknown> => {
    const { status, stdout, stderr } = await aws(command, credentials);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return stdout === "" ? {} : JSON.parse(stdout);
  };
  return { sandbox, events, server, managementId, aws, answer };
};

describeWithPeers(["aws"], "the AWS CLI against the sandbox", () => {
  let the: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    the = await started();
  });
  afterAll(() => the.server.close());

  it("creates a user, and the record arrives", async () => {
    expect(await the.answer("iam create-user --user-name alice --tags Key=team,Value=red")).toMatchObject({
      User: { UserName: "alice", Arn: `arn:aws:iam::${the.managementId}:user/alice` },
    });
    expect(the.events).toMatchObject([
      {
        "detail-type": "AWS API Call via CloudTrail",
        source: "aws.iam",
        account: the.managementId,
        region: "us-east-1",
        detail: {
          eventName: "CreateUser",
          requestParameters: { userName: "alice", tags: [{ key: "team", value: "red" }] },
          responseElements: { user: { userName: "alice" } },
          sourceIPAddress: "127.0.0.1",
          userAgent: expect.stringContaining("aws-cli/"),
        },
      },
    ]);
  });

  it("makes, lists, shows and deletes an analyzer", async () => {
    const arn = `arn:aws:access-analyzer:us-east-1:${the.managementId}:analyzer/mine`;
    await the.answer("accessanalyzer delete-analyzer --analyzer-name account");
    const create = "accessanalyzer create-analyzer --type ACCOUNT --analyzer-name";
    expect(await the.answer(`${create} mine --tags team=red`)).toEqual({ arn });
    expect((await the.aws(`${create} other`)).stderr).toContain("ServiceQuotaExceededException");
    expect((await the.aws(`${create} mine`)).stderr).toContain("ConflictException");
    const analyzer = { arn, name: "mine", type: "ACCOUNT", status: "ACTIVE", tags: { team: "red" } };
    expect(await the.answer("accessanalyzer get-analyzer --analyzer-name mine")).toMatchObject({ analyzer });
    expect(await the.answer("accessanalyzer list-analyzers --type ACCOUNT")).toMatchObject({ analyzers: [analyzer] });
    expect(await the.answer("accessanalyzer list-analyzers --type ORGANIZATION")).toEqual({ analyzers: [] });
    await the.answer("accessanalyzer delete-analyzer --analyzer-name mine");
    expect((await the.aws("accessanalyzer get-analyzer --analyzer-name mine")).stderr).toContain(
      "ResourceNotFoundException",
    );
  });

  it("copies an object, as the command in a digest does", async () => {
    const { sandbox, managementId, aws } = the;
    const at = sandbox.clock.now();
    const body = "<p>Über alles</p>";
    sandbox.state.buckets.set("reports", {
      ...{ name: "reports", accountId: managementId, region: "us-east-1" },
      objects: new Map([["reports/a.html", { body, contentType: "text/html", at }]]),
    });
    expect(await aws("s3 cp s3://reports/reports/a.html -")).toMatchObject({ status: 0, stdout: body });
    expect((await aws("s3 cp s3://reports/reports/none.html -")).status).toBeGreaterThan(0);
  });

  it("stops, narrows and deletes a trail", async () => {
    const shown = async () => Object(await the.answer("cloudtrail describe-trails")).trailList;
    const create = "cloudtrail create-trail --s3-bucket-name logs --name";
    expect(await the.answer(`${create} mine --is-multi-region-trail`)).toMatchObject({ IsMultiRegionTrail: true });
    expect((await the.aws(`${create} mine`)).stderr).toContain("TrailAlreadyExistsException");
    const isLogging = async () => Object(await the.answer("cloudtrail get-trail-status --name mine")).IsLogging;
    expect(await isLogging()).toBe(false);
    await the.answer("cloudtrail start-logging --name mine");
    expect(await isLogging()).toBe(true);
    await the.answer("cloudtrail stop-logging --name mine");
    expect(await isLogging()).toBe(false);
    await the.answer("cloudtrail update-trail --name mine --no-is-multi-region-trail");
    expect(await shown()).toContainEqual(expect.objectContaining({ Name: "mine", IsMultiRegionTrail: false }));
    await the.answer("cloudtrail delete-trail --name mine");
    expect((await the.aws("cloudtrail stop-logging --name mine")).stderr).toContain("TrailNotFoundException");
    expect(the.events.map(({ detail }) => detail.eventName)).toContain("StopLogging");
  });

  it("makes and lists service-specific credentials of all users", async () => {
    const service = "codecommit.amazonaws.com";
    await the.answer("iam create-user --user-name git");
    const made = await the.answer(`iam create-service-specific-credential --user-name git --service-name ${service}`);
    expect(made).toMatchObject({ ServiceSpecificCredential: { UserName: "git", ServicePassword: expect.any(String) } });
    expect(await the.answer("iam list-service-specific-credentials --all-users")).toMatchObject({
      ServiceSpecificCredentials: [{ UserName: "git", ServiceName: service, Status: "Active" }],
    });
    const [id] = the.sandbox.state.accounts.get(the.managementId)?.users.get("git")?.serviceCredentials?.keys() ?? [];
    const one = `--user-name git --service-specific-credential-id ${id}`;
    await the.answer(`iam update-service-specific-credential ${one} --status Inactive`);
    await the.answer(`iam delete-service-specific-credential ${one}`);
    await the.answer("iam delete-user --user-name git");
  });

  it("tells errors as it does from AWS", async () => {
    const missing = await the.aws("iam get-user --user-name nobody");
    expect(missing.status).toBeGreaterThan(250);
    expect(missing.stderr).toContain("An error occurred (NoSuchEntity) when calling the GetUser operation: ");
    const account = await the.aws("organizations describe-account --account-id 999999999999");
    expect(account.stderr).toContain("(AccountNotFoundException) when calling the DescribeAccount operation: ");
    const topic = await the.aws(`sns publish --topic-arn arn:aws:sns:us-east-1:${the.managementId}:none --message x`);
    expect(topic.stderr).toContain("(NotFound) when calling the Publish operation: Topic does not exist");
  });

  it("lists through every page, empty ones included", async () => {
    const { sandbox, managementId } = the;
    const management = sandbox.state.accounts.get(managementId);
    if (management === undefined) throw new Error("no management account");
    const createdAt = sandbox.clock.now();
    for (let at = 0; at < 45; at++) {
      addUser(management, sandbox.ids, { name: `user-${at}`, createdAt });
      addAccount(sandbox.state, { id: String(300_000_000_000 + at), name: `a${at}`, joinedAt: createdAt });
    }
    const users = await the.answer("iam list-users --page-size 7 --query length(Users)");
    expect(users).toBe(46);
    const accounts = await the.answer("organizations list-accounts --query length(Accounts)");
    expect(accounts).toBe(46);
  });

  it("works with the keys that it made, and with those of a role in another account", async () => {
    await the.answer(`iam attach-user-policy --user-name alice --policy-arn ${administratorAccess}`);
    const { AccessKey } = Object(await the.answer("iam create-access-key --user-name alice"));
    const alice = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    expect(await the.answer("sts get-caller-identity", alice)).toMatchObject({
      Arn: `arn:aws:iam::${the.managementId}:user/alice`,
    });
    const { accounts } = createWorld(the.sandbox, { seed: 1, users: 1, roles: 2 });
    const arn = `arn:aws:iam::${accounts[0]}:role/iam-warden-audit`;
    const assumed = await the.answer(`sts assume-role --role-arn ${arn} --role-session-name cli`, alice);
    const { AccessKeyId, SecretAccessKey, SessionToken } = Object(assumed).Credentials;
    const audit = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    expect(await the.answer("iam list-users --query Users[].UserName", audit)).toEqual(["key-never-used-46-days"]);
  });
});

describeWithPeers(["aws"], "the AWS CLI against the demo organization", () => {
  it("publishes to the hub's topic, and both subscriptions receive it", async () => {
    const sandbox = createSandbox();
    const demo = demoOrganization(sandbox);
    const server = await sandbox.listen();
    try {
      const message = JSON.stringify({ default: '{"version":"1.0"}', email: "Hello." });
      const result = await run(
        "aws",
        [
          ...["--endpoint-url", server.url, "--region", demo.topicRegion, "sns", "publish"],
          ...["--topic-arn", demo.topicArn, "--message-structure", "json", "--message", message, "--subject", "Hi"],
          ...["--message-attributes", '{"severity":{"DataType":"String","StringValue":"high"}}'],
        ],
        { env: peerEnvironment(demo.hubCredentials) },
      );
      expect(result).toMatchObject({ status: 0, stderr: "" });
      expect(sandbox.deliveries).toMatchObject([
        { endpoint: demo.chatEndpoint, message: '{"version":"1.0"}', attributes: { severity: { value: "high" } } },
        { endpoint: demo.emailEndpoint, message: "Hello.", subject: "Hi" },
      ]);
    } finally {
      await server.close();
    }
  });
});
