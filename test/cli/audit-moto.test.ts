import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditReport } from "../../cli/audit/report.ts";
import { describeWithPeers, type MotoServer, startMotoServer } from "../support/peers.ts";
import { runWarden } from "../support/warden-process.ts";

/** Moto's account for credentials that it has not handed out itself. */
const managementId = "123456789012";
const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
const trustPolicy = '{"Version":"2012-10-17","Statement":[]}';
const boundary = "arn:aws:iam::aws:policy/PowerUserAccess";

/** What a seed makes, and so what an audit has to find: no more, no less. */
interface Seed {
  /** Console users: without, or with, an MFA device. */
  readonly consoleWithoutMfa: readonly string[];
  readonly consoleWithMfa: readonly string[];
  /** Users with two active keys; with one active and one inactive. */
  readonly twoKeys: readonly string[];
  readonly rotatedKeys: readonly string[];
  readonly unboundedRoles: readonly string[];
  readonly boundedRoles: readonly string[];
  /** Without a boundary, and out of scope, as is the OrganizationAccountAccessRole that moto makes. */
  readonly exemptRoles: readonly string[];
}
const clean: Seed = {
  consoleWithoutMfa: [],
  consoleWithMfa: [],
  twoKeys: [],
  rotatedKeys: [],
  unboundedRoles: [],
  boundedRoles: [],
  exemptRoles: [],
};

const plant = async (iam: IAMClient, seed: Seed): Promise<void> => {
  const addUser = (UserName: string) => iam.send(new CreateUserCommand({ UserName }));
  const addConsole = (UserName: string) =>
    iam.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-horse-7-battery" }));
  const addKey = async (UserName: string): Promise<string | undefined> =>
    (await iam.send(new CreateAccessKeyCommand({ UserName }))).AccessKey?.AccessKeyId;
  for (const name of seed.consoleWithoutMfa) {
    await addUser(name);
    await addConsole(name);
  }
  for (const UserName of seed.consoleWithMfa) {
    await addUser(UserName);
    await addConsole(UserName);
    const device = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }));
    await iam.send(
      new EnableMFADeviceCommand({
        UserName,
        SerialNumber: device.VirtualMFADevice?.SerialNumber,
        AuthenticationCode1: "123456",
        AuthenticationCode2: "654321",
      }),
    );
  }
  for (const name of seed.twoKeys) {
    await addUser(name);
    await addKey(name);
    await addKey(name);
  }
  for (const UserName of seed.rotatedKeys) {
    await addUser(UserName);
    await addKey(UserName);
    const AccessKeyId = await addKey(UserName);
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  }
  const addRole = (RoleName: string, PermissionsBoundary?: string) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustPolicy, PermissionsBoundary }));
  for (const name of [...seed.unboundedRoles, ...seed.exemptRoles]) await addRole(name);
  for (const name of seed.boundedRoles) await addRole(name, boundary);
};

const wrongIn = (account: string, seed: Seed): string[] => [
  ...seed.consoleWithoutMfa.map((name) => `${account} console-user-without-mfa user ${name}`),
  ...seed.twoKeys.map((name) => `${account} two-active-access-keys user ${name}`),
  ...seed.unboundedRoles.map((name) => `${account} role-without-boundary role ${name}`),
  // Nobody made a trail, or gave an account a password policy.
  `${account} trail-missing account ${account}`,
  ...(seed.consoleWithoutMfa.length + seed.consoleWithMfa.length > 0
    ? [`${account} weak-password-policy account ${account}`]
    : []),
];

describeWithPeers(["moto_server"], "warden audit against moto", () => {
  let moto: MotoServer;
  const seeds = new Map<string, Seed>();
  let closedId: string;

  beforeAll(async () => {
    moto = await startMotoServer();
    const base = { region: "us-east-1", endpoint: moto.url, credentials };
    const organizations = new OrganizationsClient(base);
    await organizations.send(new CreateOrganizationCommand({}));
    const join = async (name: string): Promise<string> => {
      const { CreateAccountStatus: made } = await organizations.send(
        new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
      );
      if (!made?.AccountId) throw new Error(`moto made no account ${name}`);
      return made.AccountId;
    };

    seeds.set(managementId, { ...clean, unboundedRoles: ["management-role"] });
    seeds.set(await join("payments"), {
      ...clean,
      consoleWithoutMfa: ["alice", "al"],
      consoleWithMfa: ["bob"],
      twoKeys: ["carol"],
      rotatedKeys: ["dave"],
      unboundedRoles: ["deployer", "runner"],
      boundedRoles: ["bounded"],
      exemptRoles: ["cdk-hnb659fds-deploy-role-111122223333-us-east-1", "stacksets-exec-0123456789abcdef"],
    });
    seeds.set(await join("sandbox"), { ...clean, consoleWithMfa: ["erin"], rotatedKeys: ["erin-ci"] });
    seeds.set(await join("data"), { ...clean, consoleWithoutMfa: ["frank"], twoKeys: ["grace"] });
    closedId = await join("closed");
    await organizations.send(new CloseAccountCommand({ AccountId: closedId }));

    const sts = new STSClient(base);
    for (const [id, seed] of seeds) {
      if (id === managementId) {
        await plant(new IAMClient(base), seed);
        continue;
      }
      const { Credentials: session } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${id}:role/OrganizationAccountAccessRole`,
          RoleSessionName: "seed",
        }),
      );
      if (!session?.AccessKeyId || !session.SecretAccessKey) throw new Error(`moto gave no session in ${id}`);
      const memberCredentials = {
        accessKeyId: session.AccessKeyId,
        secretAccessKey: session.SecretAccessKey,
        ...(session.SessionToken !== undefined && { sessionToken: session.SessionToken }),
      };
      await plant(new IAMClient({ ...base, credentials: memberCredentials }), seed);
    }
  });
  afterAll(() => moto.close());

  test("reports exactly the violations that were seeded in an organization of several accounts", async () => {
    const { status, stdout, stderr } = await runWarden(["audit", "--org", "--format", "json"], {
      credentials,
      endpoint: moto.url,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const report: AuditReport = JSON.parse(stdout);

    const found = report.findings.map(
      ({ account, control, subject }) => `${account} ${control} ${subject.kind} ${subject.name}`,
    );
    expect(found.toSorted()).toEqual([...seeds].flatMap(([id, seed]) => wrongIn(id, seed)).sort());
    // Moto's report has no root row and its summary no AccountPasswordPresent: whether root can sign in cannot be told. Nor has
    // it service-specific credentials, analyzers, or what of root is central.
    const users = ({ consoleWithoutMfa, consoleWithMfa, twoKeys, rotatedKeys }: Seed) =>
      [consoleWithoutMfa, consoleWithMfa, twoKeys, rotatedKeys].flat();
    expect(
      report.unknown.map(({ account, control, subject }) => `${account} ${control} ${subject.name}`).sort(),
    ).toEqual(
      [...seeds]
        .flatMap(([id, seed]) => [
          `${id} root-without-mfa root`,
          `${id} access-analyzer-missing ${id}`,
          `${id} external-access-finding *`,
          ...(id === managementId ? [`${id} central-root-access-disabled ${id}`] : []),
          ...users(seed).map((name) => `${id} long-lived-service-credential ${name}`),
        ])
        .sort(),
    );
    expect(report.accounts.map(({ id, status: read }) => [id, read])).toEqual(
      [...seeds.keys()].sort().map((id) => [id, "swept"]),
    );
    expect(report.accounts.map(({ id }) => id)).not.toContain(closedId);
  });
});
