import { addRole, administratorAccess } from "../sandbox/iam/state.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import { addAccount } from "../sandbox/state.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { readingToText } from "../shared/organization/item.ts";
import { readOrganization } from "../shared/organization/read-organization.ts";

/** An organization, and what it takes to read it once. */
export interface MeasuredOrganization {
  readonly accounts: number;
  /** All of them hold accounts. */
  readonly units: number;
  /** Service control policies, each attached to some units, besides `FullAWSAccess`. */
  readonly policies: number;
  /** By operation. */
  readonly calls: Readonly<Record<string, number>>;
  /** What is stored of it, in KiB. */
  readonly kibibytes: number;
}

const sizes = [
  { accounts: 50, units: 10, policies: 20 },
  { accounts: 400, units: 40, policies: 20 },
  { accounts: 400, units: 40, policies: 60 },
  { accounts: 2000, units: 100, policies: 60 },
];

/** A document of some four thousand characters, as people write them. */
const document = (index: number): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: Array.from({ length: 20 }, (_, at) => ({
      Sid: `Deny${index}x${at}`,
      Effect: "Deny",
      Action: [`service${index}:Operation${at}`, `service${index}:AnotherOperation${at}`],
      Resource: "*",
      Condition: { StringNotEquals: { "aws:RequestedRegion": ["eu-central-1", "eu-west-1"] } },
    })),
  });

const organize = ({ accounts, units, policies }: (typeof sizes)[number]) => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const { organization } = state;
  const unitIds = Array.from({ length: units }, (_, at) => {
    const id = `ou-${organization.rootId.slice(2)}-${String(at).padStart(8, "0")}`;
    organization.units.set(id, { id, name: `unit ${at}`, parentId: organization.rootId, tags: new Map() });
    return id;
  });
  for (let at = 1; at < accounts; at++) {
    const parentId = unitIds[at % units] ?? organization.rootId;
    addAccount(state, { id: String(300_000_000_000 + at), name: `account ${at}`, parentId, joinedAt: clock.now() });
  }
  for (let at = 0; at < policies; at++) {
    const id = `p-${String(at).padStart(8, "0")}`;
    const targets = new Set([0, 1, 2].map((next) => unitIds[(at * 3 + next) % units] ?? organization.rootId));
    organization.serviceControlPolicies.set(id, {
      ...{ id, name: `policy ${at}`, description: "", document: document(at), targets, tags: new Map() },
    });
  }
  const management = state.accounts.get(organization.managementAccountId);
  if (management === undefined) throw new Error("the sandbox has no management account");
  addRole(management, ids, { name: "bench", createdAt: clock.now(), attachedPolicies: new Set([administratorAccess]) });
  return sandbox;
};

/** Reads organizations of some sizes, in this process: what counts here are calls, not time. */
export const measureOrganizations = async (): Promise<readonly MeasuredOrganization[]> => {
  const measured: MeasuredOrganization[] = [];
  for (const size of sizes) {
    const sandbox = organize(size);
    const ownAccountId = sandbox.state.organization.managementAccountId;
    const credentials = sandbox.credentialsFor(ownAccountId, { role: "bench" });
    const aws = createAwsAccess({ ...sandbox.clientConfig(credentials), ownAccountId });
    const reading = await readOrganization({
      ...{ organizations: aws.organizations(), iam: aws.iam(ownAccountId), aws, clock: () => sandbox.clock.now() },
    });
    if (!reading.organization.known) throw new Error(reading.organization.why);
    const { serviceControl, tree } = reading.organization.value;
    if (!serviceControl.known || !tree.known) throw new Error("the organization was read only in part");
    const kibibytes = readingToText(reading).length / 1024;
    measured.push({ ...size, calls: aws.calls()[ownAccountId] ?? {}, kibibytes });
  }
  return measured;
};

const total = (calls: MeasuredOrganization["calls"]): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0);

/**
 * The most calls that reading an organization may take: two for each policy, one for each unit, and pages of twenty (of
 * accounts, of policies, and of what `FullAWSAccess` is attached to), each list with one that is empty. Two tell the analyzers of an
 * organization that only its management account administers, in one Region.
 */
const allowed = ({ accounts, units, policies }: MeasuredOrganization): number => {
  const pages = (items: number): number => Math.ceil(items / 20) + 1;
  return 5 + 2 * policies + 1 + units + pages(accounts) + pages(policies + 1) + pages(accounts + units + 1);
};

/** A line for each organization whose reading takes more calls than it may. */
export const organizationsBeyond = (measured: readonly MeasuredOrganization[]): readonly string[] =>
  measured.flatMap((one) =>
    total(one.calls) <= allowed(one)
      ? []
      : [`${total(one.calls)} calls for an organization of ${one.accounts} accounts, ${allowed(one)} are allowed`],
  );

/** Calls a second that Organizations answers an account, where AWS says so. */
const rates: Readonly<Record<string, number>> = {
  "organizations:DescribeOrganization": 1,
  "organizations:DescribePolicy": 2,
  "organizations:ListAccounts": 8,
  "organizations:ListPolicies": 5,
  "organizations:ListRoots": 1,
  "organizations:ListTargetsForPolicy": 5,
};

const atLeastSeconds = (calls: MeasuredOrganization["calls"]): number =>
  Object.entries(calls).reduce((sum, [operation, count]) => sum + count / (rates[operation] ?? 20), 0);

export const renderOrganizations = (measured: readonly MeasuredOrganization[]): string =>
  [
    "## The organization",
    "",
    "Read once before each sweep, and anew when somebody changes it, then without the documents that did not change: as many calls less",
    "of DescribePolicy. The time is what the calls take one after the other at the rates that [AWS",
    "documents](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html), bursts not counted.",
    "",
    "| accounts | units | policies | AWS calls | at AWS's rates | stored | calls by operation |",
    "|---|---|---|---|---|---|---|",
    ...measured.map(({ accounts, units, policies, calls, kibibytes }) => {
      const operations = Object.entries(calls).map(
        ([operation, count]) => `${operation.replace(/^\w+:/, "")} ${count}`,
      );
      const seconds = atLeastSeconds(calls).toFixed(0);
      return `| ${accounts.toLocaleString("en-US")} | ${units} | ${policies} | ${total(calls)} | ${seconds} s | ${kibibytes.toFixed(0)} KiB | ${operations.join(", ")} |`;
    }),
    "",
  ].join("\n");
