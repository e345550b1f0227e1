import { afterEach, describe, expect, it } from "vitest";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { describeWithPeers, peerEnvironment, run } from "../support/peers.ts";
import { launcher, runWarden } from "../support/warden-process.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const hub = "222222222222";
const stackSets = "member.org.stacksets.cloudformation.amazonaws.com";
const iam = "iam.amazonaws.com";
const writes = new Set([
  "ActivateOrganizationsAccess",
  "EnableAWSServiceAccess",
  "EnableOrganizationsRootCredentialsManagement",
  "EnableOrganizationsRootSessions",
  "RegisterDelegatedAdministrator",
]);

/** A fresh organization over HTTP, and `warden bootstrap` with the management account's credentials. */
const organization = async () => {
  const sandbox = createSandbox();
  const { state } = sandbox;
  const { managementAccountId: management } = state.organization;
  const joinedAt = sandbox.clock.now();
  addAccount(state, { id: hub, name: "security", joinedAt });
  const server = await sandbox.listen();
  closing.push(server.close);
  const written: string[] = [];
  sandbox.intercept(({ operation }, input) => {
    if (writes.has(operation)) written.push([operation, ...Object.values(input).sort()].join(" "));
  });
  const credentials = sandbox.credentialsFor(management, "root");
  return {
    ...sandbox,
    server,
    management,
    written,
    joinedAt,
    credentials,
    bootstrap: (...args: string[]) =>
      runWarden(["bootstrap", "--hub", hub, ...args], { credentials, endpoint: server.url }),
  };
};

const everything = [
  `EnableAWSServiceAccess ${stackSets}`,
  "ActivateOrganizationsAccess",
  `RegisterDelegatedAdministrator ${hub} ${stackSets}`,
  `EnableAWSServiceAccess ${iam}`,
  `RegisterDelegatedAdministrator ${hub} ${iam}`,
  "EnableOrganizationsRootCredentialsManagement",
  "EnableOrganizationsRootSessions",
];

describe("warden bootstrap", () => {
  it("does everything in a fresh organization, in the order that AWS takes, and nothing the second time", async () => {
    const { bootstrap, state, written } = await organization();
    const first = await bootstrap("--yes");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout.match(/will be done/g)).toHaveLength(7);
    expect(first.stdout.match(/^done: /gm)).toHaveLength(7);
    expect(written).toEqual(everything);
    expect([...state.organization.trustedServices.keys()].sort()).toEqual([iam, stackSets]);
    expect([...(state.organization.delegatedAdministrators.get(hub)?.keys() ?? [])].sort()).toEqual([iam, stackSets]);
    expect([...state.organization.rootFeatures].sort()).toEqual(["RootCredentialsManagement", "RootSessions"]);
    expect(state.organization.stackSetsActivated).toBe(true);

    const second = await bootstrap();
    expect(second).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("Nothing to do.\n") });
    expect(second.stdout.match(/is so already/g)).toHaveLength(7);
    expect(written).toEqual(everything);
  });

  it("does the rest where half is done", async () => {
    const { bootstrap, state, written, joinedAt } = await organization();
    state.organization.trustedServices.set(stackSets, joinedAt).set(iam, joinedAt);
    state.organization.delegatedAdministrators.set(hub, new Map([[iam, joinedAt]]));
    state.organization.rootFeatures.add("RootSessions");
    expect(await bootstrap("--yes")).toMatchObject({ status: 0, stderr: "" });
    expect(written).toEqual([
      "ActivateOrganizationsAccess",
      `RegisterDelegatedAdministrator ${hub} ${stackSets}`,
      "EnableOrganizationsRootCredentialsManagement",
    ]);
  });

  it("shows and does nothing with --dry-run", async () => {
    const { bootstrap, written } = await organization();
    const { status, stdout, stderr } = await bootstrap("--dry-run");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("7 to do; nothing was done.\n");
    expect(written).toEqual([]);
  });

  it("leaves IAM alone with --no-root-access", async () => {
    const { bootstrap, written } = await organization();
    expect(await bootstrap("--yes", "--no-root-access")).toMatchObject({ status: 0, stderr: "" });
    expect(written).toEqual(everything.slice(0, 3));
  });

  it("does nothing where nobody can be asked", async () => {
    const { bootstrap, written } = await organization();
    const { status, stderr } = await bootstrap();
    expect(stderr).toBe("warden: Nobody can be asked without a terminal: add --yes if this is to be done.\n");
    expect({ status, written }).toEqual({ status: 2, written: [] });
  });

  it.each([
    [
      "EnableAWSServiceAccess",
      ["ActivateOrganizationsAccess", `RegisterDelegatedAdministrator ${hub} ${stackSets}`],
      /not done: trusted access for IAM: .*organizations:EnableAWSServiceAccess.*denied[\s\S]*Give these credentials organizations:EnableAWSServiceAccess.*by hand: aws organizations enable-aws-service-access --service-principal iam.amazonaws.com\n[\s\S]*not done: central root access: sessions: it needs trusted access for IAM/,
    ],
    [
      "RegisterDelegatedAdministrator",
      everything.filter((write) => !write.startsWith("Register")),
      /not done: 222222222222 administers StackSets: .*RegisterDelegatedAdministrator/,
    ],
    [
      "ActivateOrganizationsAccess",
      everything.filter((write) => write !== "ActivateOrganizationsAccess"),
      /not done: StackSets may use the organization: .*cloudformation:ActivateOrganizationsAccess/,
    ],
    [
      "EnableOrganizationsRootSessions",
      everything.filter((write) => write !== "EnableOrganizationsRootSessions"),
      /not done: central root access: sessions: .*iam:EnableOrganizationsRootSessions/,
    ],
  ])("says that %s was denied, and does what does not need it", async (denied, done, told) => {
    const { bootstrap, intercept, written, state, joinedAt } = await organization();
    // One of the two stands already: what needs that one is not stopped by the denial of the other.
    if (denied === "EnableAWSServiceAccess") state.organization.trustedServices.set(stackSets, joinedAt);
    intercept((call) => {
      if (call.operation !== denied) return;
      written.pop();
      throw accessDenied(call);
    });
    const { status, stderr } = await bootstrap("--yes");
    expect(stderr).toMatch(told);
    expect({ status, written }).toEqual({ status: 3, written: done });
  });

  it.each([
    ["ListAWSServiceAccessForOrganization", "trusted access for IAM"],
    ["ListDelegatedServicesForAccount", "222222222222 administers StackSets"],
    ["DescribeOrganizationsAccess", "StackSets may use the organization"],
    ["ListOrganizationsFeatures", "central root access: sessions"],
  ])("does not take what it may not read by %s for missing", async (denied, what) => {
    const { bootstrap, intercept } = await organization();
    intercept((call) => {
      if (call.operation === denied) throw accessDenied(call);
    });
    const { status, stdout, stderr } = await bootstrap("--yes");
    expect(stdout).toMatch(/cannot be told/);
    expect(stdout).not.toContain(`done: ${what}`);
    expect(stderr).toMatch(new RegExp(`not done: ${what}: .*${denied}`));
    expect(status).toBe(3);
  });

  it("takes what somebody else did meanwhile for done", async () => {
    const { bootstrap, intercept, state, joinedAt } = await organization();
    intercept(({ operation }) => {
      if (operation === "RegisterDelegatedAdministrator")
        state.organization.delegatedAdministrators.set(
          hub,
          new Map([stackSets, iam].map((service) => [service, joinedAt])),
        );
    });
    expect(await bootstrap("--yes")).toMatchObject({ status: 0, stderr: "" });
  });

  it("tells AWS's own words where five accounts administer StackSets already", async () => {
    const { bootstrap, state, joinedAt } = await organization();
    state.organization.trustedServices.set(stackSets, joinedAt);
    for (let at = 0; at < 5; at++) {
      const { id } = addAccount(state, { id: `30000000000${at}`, name: `a${at}`, joinedAt });
      state.organization.delegatedAdministrators.set(id, new Map([[stackSets, joinedAt]]));
    }
    const { status, stderr } = await bootstrap("--yes");
    expect(stderr).toMatch(/ConstraintViolationException: You have exceeded the number of delegated administrators/);
    expect(status).toBe(3);
  });
});

describe("what bootstrap refuses", () => {
  it("credentials of a member, naming the management account", async () => {
    const { credentialsFor, server, management, written } = await organization();
    const credentials = credentialsFor(hub, "root");
    const result = await runWarden(["bootstrap", "--hub", hub, "--yes"], { credentials, endpoint: server.url });
    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toContain(`credentials of account ${hub} (arn:aws:iam::${hub}:root)`);
    expect(result.stderr).toContain(`only the management account, ${management}`);
    expect(written).toEqual([]);
  });

  it("an account outside of any organization", async () => {
    const { credentialsFor, server, state } = await organization();
    Object.assign(state.accounts.get(hub) ?? {}, { standalone: true });
    const credentials = credentialsFor(hub, "root");
    const result = await runWarden(["bootstrap", "--hub", hub, "--yes"], { credentials, endpoint: server.url });
    expect(result.stderr).toContain(`Account ${hub} is in no organization`);
    expect(result.status).toBe(2);
  });

  it("a hub that is not in the organization, or not active", async () => {
    const { credentials, server, state, written, bootstrap } = await organization();
    const args = ["bootstrap", "--hub", "999999999999", "--yes"];
    const foreign = await runWarden(args, { credentials, endpoint: server.url });
    expect(foreign.stderr).toMatch(/--hub: 999999999999 is no account of the organization o-\w+; `aws organizations/);
    Object.assign(state.accounts.get(hub) ?? {}, { status: "SUSPENDED" });
    const suspended = await bootstrap("--yes");
    expect(suspended.stderr).toBe(`warden: --hub: account ${hub} is SUSPENDED; write one that is ACTIVE.\n`);
    expect([foreign.status, suspended.status, written]).toEqual([2, 2, []]);
  });

  it("an organization without all features", async () => {
    const { bootstrap, state, written } = await organization();
    state.organization.featureSet = "CONSOLIDATED_BILLING";
    const { status, stderr } = await bootstrap("--yes");
    expect(stderr).toContain("`aws organizations enable-all-features`");
    expect({ status, written }).toEqual({ status: 2, written: [] });
  });

  it("no hub, and one that is no account id", async () => {
    const none = await runWarden(["bootstrap"]);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining("required option '--hub <account>'") });
    const wrong = await runWarden(["bootstrap", "--hub", "security"]);
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("An account id is twelve digits.") });
  });

  it("to make the management account its own administrator, and does the rest", async () => {
    const { credentials, server, management, written } = await organization();
    const result = await runWarden(["bootstrap", "--hub", management, "--yes"], { credentials, endpoint: server.url });
    expect(result.stderr).toContain(`${management} is the management account. The hub deploys to the members`);
    expect(result.stderr).toContain("the management account cannot be a delegated administrator");
    expect(written).toEqual(everything.filter((write) => !write.startsWith("Register")));
    expect(result.status).toBe(3);
  });
});

const scriptVersion = await run("script", ["--version"]).catch(() => undefined);

// A terminal of util-linux's `script`, which other systems' `script` is not.
describe.runIf(scriptVersion?.stdout.includes("util-linux"))("bootstrap on a terminal", () => {
  it.each([
    ["y", 0, "done: trusted access for IAM"],
    ["n", 1, "Nothing was done."],
    ["", 1, "Nothing was done."],
  ])("shows what it will do and asks: %j", async (typed, expected, told) => {
    const { server, credentials, written } = await organization();
    const command = `"${process.execPath}" "${launcher}" bootstrap --hub ${hub}`;
    const env = { ...peerEnvironment(credentials), AWS_ENDPOINT_URL: server.url };
    const { status, stdout } = await run("script", ["-qec", command, "/dev/null"], { input: `${typed}\n`, env });
    expect(stdout).toContain("Do these 7 things in the organization? [y/N]");
    expect(stdout).toContain(told);
    expect({ status, count: written.length }).toEqual({ status: expected, count: typed === "y" ? 7 : 0 });
  });
});

describeWithPeers(["aws"], "the AWS CLI after bootstrap", () => {
  it("sees the same: features, services and administrators", async () => {
    const { server, credentials, bootstrap, state } = await organization();
    const aws = async (command: string): Promise<unknown> => {
      const args = ["--endpoint-url", server.url, "--output", "json", ...command.split(" ")];
      const { status, stdout, stderr } = await run("aws", args, { env: peerEnvironment(credentials) });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    const denied = await run("aws", ["--endpoint-url", server.url, "iam", "list-organizations-features"], {
      env: peerEnvironment(credentials),
    });
    expect(denied.stderr).toContain("(ServiceAccessNotEnabledException)");
    expect(await aws("cloudformation describe-organizations-access")).toEqual({ Status: "DISABLED" });
    expect(await bootstrap("--yes")).toMatchObject({ status: 0 });
    expect(await aws("iam list-organizations-features")).toEqual({
      OrganizationId: state.organization.id,
      EnabledFeatures: ["RootCredentialsManagement", "RootSessions"],
    });
    expect(await aws("cloudformation describe-organizations-access")).toEqual({ Status: "ENABLED" });
    for (const service of [stackSets, iam])
      expect(await aws(`organizations list-delegated-administrators --service-principal ${service}`)).toMatchObject({
        DelegatedAdministrators: [{ Id: hub }],
      });
    expect(await aws(`organizations list-delegated-services-for-account --account-id ${hub}`)).toMatchObject({
      DelegatedServices: [{ ServicePrincipal: iam }, { ServicePrincipal: stackSets }],
    });
  });
});
