import type { AwsCredentialIdentity } from "@smithy/types";
import { administratorAccess, trusting } from "../iam/state.ts";
import { createIds, createRandom } from "../random.ts";
import type { Sandbox } from "../sandbox.ts";
import { addSubscription } from "../sns/subscriptions.ts";
import { addTopic } from "../sns/topics.ts";
import { type AccountState, addAccount, type SandboxState } from "../state.ts";
import { approvedBoundaryName, createBuilder } from "./build.ts";
import { organizationRole, waysIn } from "./edge-plans.ts";
import { organize } from "./organization-flaws.ts";
import {
  confinedByOrganization,
  keepPermissionsAsTheyAre,
  permissionRoles,
  permissionTwins,
  permissionUsers,
} from "./permission-plans.ts";
import {
  type PasswordPolicyPlan,
  type RolePlan,
  type RootPlan,
  sortViolations,
  type Twin,
  type UserPlan,
  type Violation,
} from "./plan.ts";
import { createPlanner } from "./random-plans.ts";
import { shareResources } from "./shared-resources.ts";
import { approvedIssuer, approvedSamlProvider, otherIssuer, trustRoles } from "./trust-plans.ts";
import { wardenInlinePolicies } from "./warden-roles.ts";

export interface DemoAccount {
  readonly id: string;
  readonly name: string;
  /** The names from the root down, e.g. `Root/Workloads/Prod`. */
  readonly ouPath: string;
  readonly status: AccountState["status"];
  /** A console user with a virtual MFA device, whom no control finds anything about. */
  readonly tidyUser: string;
  /** A person with administrator rights, signed in through IAM Identity Center. */
  readonly credentials: AwsCredentialIdentity;
}

export interface DemoOrganization {
  readonly managementAccountId: string;
  readonly hubAccountId: string;
  /** The management account first, then the members as they were made; one of them is suspended. */
  readonly accounts: readonly DemoAccount[];
  /** @throws Error if there is no such account */
  account(name: string): DemoAccount;
  /** The role that iam-warden's functions run with; `iam-warden-audit` in every account trusts it, and nobody else. */
  readonly hubRoleName: string;
  readonly hubRoleArn: string;
  /** The credentials of that role. */
  readonly hubCredentials: AwsCredentialIdentity;
  /** In the hub, with a chat and an email subscription. */
  readonly topicArn: string;
  readonly topicRegion: string;
  readonly chatEndpoint: string;
  readonly emailEndpoint: string;
  /** The state controls' violations in all active accounts under the demo's settings, in the order of a `World`'s. */
  readonly truth: readonly Violation[];
  /** What looks like a violation there, and is none. */
  readonly twins: readonly Twin[];
  readonly approvedBoundary: string;
}

interface AccountPlan {
  readonly name: string;
  readonly ou: readonly string[];
  readonly users: number;
  readonly roles: number;
  readonly root: RootPlan;
  readonly invited?: boolean;
  readonly suspended?: boolean;
  /** Server certificates, and for how many whole days they have expired. */
  readonly certificates?: Readonly<Record<string, number>>;
  /** Absent: a strict one. */
  readonly passwords?: PasswordPolicyPlan | "none";
  /** What the demo tells stories about. */
  readonly people?: readonly UserPlan[];
  readonly workloads?: readonly RolePlan[];
  /** A service control policy leaves nobody in it a way to grant permissions. */
  readonly keepsPermissions?: true;
  /** Its roles trust too many, and it has OIDC providers. */
  readonly trusts?: true;
}

const managementName = "kestrel-management";
const hubName = "kestrel-security";
const hubRoleName = "iam-warden-hub";
const topicRegion = "us-east-1";
const chatEndpoint = "https://global.sns-api.chatbot.amazonaws.com";
const emailEndpoint = "cloud-security@kestrel.example";
export const administratorRole = "AWSReservedSSO_AdministratorAccess_4c1f0e9ab83d7526";

const strictPasswords: PasswordPolicyPlan = { minimumLength: 16, remembered: 24 };

/** Under central root access. */
const noRoot: RootPlan = {};

const plans: readonly AccountPlan[] = [
  {
    name: managementName,
    ou: [],
    users: 3,
    roles: 8,
    root: { password: { setDays: 800, usedDays: 120 }, mfa: ["fido", "fido"] },
    people: [
      { name: "breakglass-1", createdDays: 700, password: { setDays: 20, usedDays: 20 }, mfa: "hardware" },
      { name: "breakglass-2", createdDays: 700, password: { setDays: 200 }, mfa: "hardware" },
    ],
  },
  { name: hubName, ou: ["Security"], users: 4, roles: 14, root: noRoot },
  {
    name: "kestrel-log-archive",
    ou: ["Security"],
    users: 1,
    roles: 6,
    root: noRoot,
    workloads: confinedByOrganization,
    keepsPermissions: true,
  },
  { name: "kestrel-network", ou: ["Infrastructure"], users: 5, roles: 14, root: noRoot },
  {
    name: "kestrel-shared-services",
    ou: ["Infrastructure"],
    users: 12,
    roles: 22,
    root: noRoot,
    trusts: true,
    people: [
      {
        name: "ci-deployer",
        path: "/machines/",
        createdDays: 640,
        keys: [
          { active: true, createdDays: 640, usedDays: 0 },
          { active: true, createdDays: 3, usedDays: 0 },
        ],
      },
    ],
  },
  { name: "payments-prod", ou: ["Workloads", "Prod"], users: 10, roles: 30, root: noRoot },
  {
    name: "shop-prod",
    ou: ["Workloads", "Prod"],
    users: 14,
    roles: 34,
    root: { password: { setDays: 500, usedDays: 300 }, mfa: ["virtual"] },
  },
  {
    name: "data-platform-prod",
    ou: ["Workloads", "Prod"],
    users: 12,
    roles: 26,
    root: noRoot,
    people: [
      ...permissionUsers.filter(({ permissionViolations }) => !permissionViolations?.includes("admin-policy")),
      {
        name: "notebook-llm",
        path: "/machines/",
        createdDays: 210,
        serviceCredentials: [{ service: "bedrock.amazonaws.com", active: true, createdDays: 205 }],
      },
      {
        name: "release-mirror",
        path: "/machines/",
        createdDays: 300,
        serviceCredentials: [
          { service: "codecommit.amazonaws.com", active: false, createdDays: 300 },
          { service: "codecommit.amazonaws.com", active: true, createdDays: 20 },
        ],
      },
    ],
    workloads: [...permissionRoles, ...permissionTwins],
  },
  { name: "payments-dev", ou: ["Workloads", "Dev"], users: 18, roles: 22, root: noRoot },
  { name: "shop-dev", ou: ["Workloads", "Dev"], users: 20, roles: 24, root: noRoot },
  {
    name: "sandbox-playground",
    ou: ["Sandbox"],
    users: 24,
    roles: 16,
    root: noRoot,
    passwords: { minimumLength: 8, remembered: 5 },
  },
  {
    name: "billingo-legacy",
    ou: ["Sandbox", "Acquisitions"],
    users: 16,
    roles: 18,
    invited: true,
    passwords: "none",
    certificates: { "www.billingo.example": 64, "api.billingo.example": -120 },
    root: { password: { setDays: 1400, usedDays: 12 }, keys: [{ active: true, createdDays: 1300, usedDays: 2 }] },
    people: [
      {
        name: "admin",
        createdDays: 1400,
        password: { setDays: 1100, usedDays: 4 },
        groups: ["admins"],
        permissionViolations: ["admin-policy"],
      },
      { name: "old-backup", createdDays: 1300, keys: [{ active: true, createdDays: 1290, usedDays: 210 }] },
    ],
  },
  { name: "old-website", ou: ["Suspended"], users: 4, roles: 6, root: { password: { setDays: 900 } }, suspended: true },
];

/** The unit at a path under the root, made as far as it is missing. */
const unitAt = (state: SandboxState, newId: () => string, names: readonly string[]): string => {
  const { organization } = state;
  let parentId = organization.rootId;
  for (const name of names) {
    const existing = [...organization.units.values()].find((unit) => unit.parentId === parentId && unit.name === name);
    const id = existing?.id ?? `ou-${organization.rootId.slice(2)}-${newId()}`;
    if (existing === undefined) organization.units.set(id, { id, name, parentId, tags: new Map() });
    parentId = id;
  }
  return parentId;
};

const administrator = (accountId: string): RolePlan => ({
  name: administratorRole,
  path: "/aws-reserved/sso.amazonaws.com/",
  createdDays: 400,
  usedDays: 0,
  trust: trusting({ Federated: `arn:aws:iam::${accountId}:saml-provider/AWSSSO_9e0d27c6b1a4835f_DO_NOT_DELETE` }),
  boundary: "none",
  outOfScope: true,
  attachedPolicies: [administratorAccess],
});

const serviceLinked: RolePlan = {
  name: "AWSServiceRoleForOrganizations",
  path: "/aws-service-role/organizations.amazonaws.com/",
  createdDays: 400,
  trust: trusting({ Service: "organizations.amazonaws.com" }),
  boundary: "none",
  outOfScope: true,
};

/** Where the demo's settings ask for MFA of whoever becomes an administrator. */
const asksForMfa = ({ ou }: AccountPlan): boolean => ou[0] === "Infrastructure";
const withoutMfa = (role: RolePlan): RolePlan =>
  role.name === organizationRole ? { ...role, permissionViolations: ["privileged-role-without-mfa"] } : role;

const operators = "operators";

/** People look after their own MFA devices. */
const ownMfa = JSON.stringify({
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Action: ["iam:CreateVirtualMFADevice", "iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"],
    Resource: ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"],
  },
});

const tidy = (name: string): UserPlan => ({
  name,
  createdDays: 200,
  password: { setDays: 40, usedDays: 0 },
  mfa: "virtual",
  groups: [operators],
});
const tidyNames = "mira.lund jonas.weber aiko.tanaka leila.haddad tom.becker nina.rossi paul.mensah".split(" ");

/**
 * Makes a company's organization for the demo: a management account, a hub, a dozen accounts in nested units, a few hundred
 * principals, and the flaws that such companies have. Everything but the management account's id is the same each time.
 * `bare`: without the roles and the topic that stand for a deployment of iam-warden, for whoever deploys it.
 */
export const demoOrganization = (
  sandbox: Sandbox,
  { seed = 2026, bare = false }: { readonly seed?: number; readonly bare?: boolean } = {},
): DemoOrganization => {
  const { state, clock } = sandbox;
  const random = createRandom(seed);
  const ids = createIds(createRandom(seed + 0x0de0));
  const now = clock.now();
  const joinedAt = new Date(now.getTime() - 1500 * 86_400_000);
  const { managementAccountId } = state.organization;
  const management = state.accounts.get(managementAccountId);
  if (management === undefined) throw new Error("the sandbox has no management account");

  const newAccountId = (): string => {
    const id = ids.account();
    return state.accounts.has(id) ? newAccountId() : id;
  };
  const accountFor = ({ name, ou, invited, suspended }: AccountPlan): AccountState => {
    const email = `aws+${name}@kestrel.example`;
    const account =
      name === managementName
        ? Object.assign(management, { name, email })
        : addAccount(state, {
            id: newAccountId(),
            name,
            email,
            joinedAt,
            joinedMethod: invited ? "INVITED" : "CREATED",
          });
    account.parentId = unitAt(state, () => ids.lower(8), ou);
    if (suspended) account.status = "SUSPENDED";
    return account;
  };
  const made = plans.map((plan) => ({ plan, account: accountFor(plan) }));
  const hub = made.find(({ plan }) => plan.name === hubName)?.account;
  if (hub === undefined) throw new Error("the demo has no hub");
  const hubRoleArn = `arn:aws:iam::${hub.id}:role/${hubRoleName}`;

  const violations: Violation[] = [];
  const twins: Twin[] = [];
  const accounts = made.map(({ plan, account }, at): DemoAccount => {
    const builder = createBuilder(account, { ids, random, now });
    const planner = createPlanner(random, account.id);
    const tidyUser = tidyNames[at % tidyNames.length] ?? "";
    builder.root(plan.root);
    for (const person of [tidy(tidyUser), ...(plan.people ?? [])]) builder.user(person);
    for (let index = 0; index < plan.users; index++) builder.user(planner.user(index));
    // Organizations makes its role in the accounts that it makes, not in the one that makes them.
    const entrances = waysIn(state, hubRoleArn)
      .filter(({ name }) => name !== organizationRole || account !== management)
      .map((role) => (asksForMfa(plan) ? withoutMfa(role) : role));
    for (const role of [...entrances, administrator(account.id), serviceLinked]) builder.role(role);
    for (const role of plan.workloads ?? []) builder.role(role);
    if (plan.trusts) {
      for (const role of trustRoles(account.id, state.organization.id)) builder.role(role);
      builder.oidcProvider(approvedIssuer, true);
      builder.oidcProvider(otherIssuer, false);
      builder.samlProvider(approvedSamlProvider, true);
      builder.samlProvider("partner-idp", false);
    }
    if (plan.keepsPermissions) keepPermissionsAsTheyAre(state, account.id);
    if (account === hub) {
      const trust = trusting({ Service: "lambda.amazonaws.com" });
      const inlinePolicies = wardenInlinePolicies.functions;
      const unbounded = { boundary: "none", outOfScope: true } as const;
      builder.role({ name: hubRoleName, createdDays: 90, usedDays: 0, trust, inlinePolicies, ...unbounded });
    }
    for (let index = 0; index < plan.roles; index++) builder.role(planner.role(index));
    const { certificates = {}, passwords = strictPasswords } = plan;
    for (const [name, expiredDays] of Object.entries(certificates)) builder.certificate(name, expiredDays);
    builder.passwordPolicy(passwords === "none" ? undefined : passwords);
    account.groups.get(operators)?.inlinePolicies.set("own-mfa", ownMfa);
    if (account.status === "ACTIVE") violations.push(...builder.violations);
    twins.push(...builder.twins);
    const sessionName = "mira.lund@kestrel.example";
    return {
      id: account.id,
      name: account.name,
      ouPath: ["Root", ...plan.ou].join("/"),
      status: account.status,
      tidyUser,
      credentials: sandbox.credentialsFor(account.id, { role: administratorRole, sessionName }),
    };
  });

  const active = made.flatMap(({ account }) => (account.status === "ACTIVE" ? [account] : []));
  violations.push(...organize({ state, joinedAt, managementAccountId, hub, active }));
  const shared = shareResources({ state, joinedAt, hub, active });
  violations.push(...shared.violations);
  twins.push(...shared.twins);

  const topic = addTopic(state, hub.id, topicRegion, "iam-warden-findings");
  addSubscription(topic, ids, { ownerId: hub.id, protocol: "https", endpoint: chatEndpoint });
  addSubscription(topic, ids, { ownerId: hub.id, protocol: "email", endpoint: emailEndpoint });
  if (bare) {
    state.topics.delete(topic.arn);
    for (const { account } of made)
      for (const name of ["iam-warden-audit", "iam-warden-remediate", hubRoleName]) account.roles.delete(name);
  }

  return {
    managementAccountId,
    hubAccountId: hub.id,
    accounts,
    account: (name) => {
      const found = accounts.find((account) => account.name === name);
      if (found === undefined) throw new Error(`the demo has no account ${name}`);
      return found;
    },
    hubRoleName,
    hubRoleArn,
    hubCredentials: sandbox.credentialsFor(hub.id, { role: hubRoleName, sessionName: "iam-warden" }),
    topicArn: topic.arn,
    topicRegion,
    chatEndpoint,
    emailEndpoint,
    truth: sortViolations(violations),
    twins,
    approvedBoundary: approvedBoundaryName,
  };
};
