import { type Analyzer, analyzedRegions, analyzerIn } from "./analyzers/state.ts";
import type { Configuration, ConfigurationSession, HostedVersion } from "./appconfig/state.ts";
import type { Stack, StackSet } from "./cloudformation/state.ts";
import type { Table } from "./dynamodb/state.ts";
import type { EventBus, Undelivered } from "./events/state.ts";
import type { EventSourceMapping, LambdaFunction } from "./lambda/state.ts";
import type { Ids } from "./random.ts";
import type { Bucket } from "./s3/state.ts";
import type { Schedule } from "./scheduler/state.ts";
import type { SnsDelivery, Topic } from "./sns/state.ts";
import type { Queue } from "./sqs/state.ts";
import type { StateMachine } from "./states/state.ts";
import type { Trail } from "./trails/state.ts";

/**
 * The whole organization as plain data: operations, generators and tests read and write it directly. Times are `Date`s
 * in virtual time; policy documents are JSON text, as they were put, not URL-encoded.
 */
export interface SandboxState {
  readonly organization: OrganizationState;
  /** By account id. */
  readonly accounts: Map<string, AccountState>;
  /** Temporary credentials, by access key id. */
  readonly sessions: Map<string, Session>;
  /** SNS topics by ARN. */
  readonly topics: Map<string, Topic>;
  /** What SNS delivered, in order. */
  readonly deliveries: SnsDelivery[];
  /** Names behind AppConfig's ids. */
  readonly configurationIds: Map<string, string>;
  /** What is to be deployed, by the profile's id; the first is version 1. */
  readonly hostedVersions: Map<string, HostedVersion[]>;
  /** What AppConfig delivers. */
  readonly configurations: Configuration[];
  /** By the token that asks next. */
  readonly configurationSessions: Map<string, ConfigurationSession>;
  /** What else is deployed, each by ARN, which names its account and Region. */
  readonly buses: Map<string, EventBus>;
  /** By name. */
  readonly buckets: Map<string, Bucket>;
  readonly queues: Map<string, Queue>;
  readonly functions: Map<string, LambdaFunction>;
  /** By id. */
  readonly eventSourceMappings: Map<string, EventSourceMapping>;
  readonly stateMachines: Map<string, StateMachine>;
  readonly schedules: Map<string, Schedule>;
  readonly tables: Map<string, Table>;
  readonly stacks: Map<string, Stack>;
  readonly stackSets: Map<string, StackSet>;
  readonly trails: Map<string, Trail>;
  /** What rules and schedules could not deliver, in order. */
  readonly undelivered: Undelivered[];
}

export interface OrganizationState {
  /** `o-…` */
  readonly id: string;
  readonly managementAccountId: string;
  /** `r-…` */
  readonly rootId: string;
  /** Organizational units by id, `ou-…`. */
  readonly units: Map<string, OrganizationalUnit>;
  /** Tags of the root. */
  readonly tags: Map<string, string>;
  /** Account ids of delegated administrators, with since when of which services. */
  readonly delegatedAdministrators: Map<string, Map<string, Date>>;
  /** Service principals with trusted access, and since when. */
  readonly trustedServices: Map<string, Date>;
  /** Whether it has all features, or is there for one bill alone. */
  featureSet: "ALL" | "CONSOLIDATED_BILLING";
  /** What of central root access is switched on. */
  readonly rootFeatures: Set<RootFeature>;
  /** Whether CloudFormation itself has its access to the organization activated, for service-managed stack sets. */
  stackSetsActivated: boolean;
  /** Service control policies that somebody made, by id, `p-…`; `FullAWSAccess` is AWS's own. */
  readonly serviceControlPolicies: Map<string, ServiceControlPolicy>;
  /** The roots, units and accounts that `FullAWSAccess` was detached from: it is on all others. */
  readonly withoutFullAccess: Set<string>;
  /** Whether the root has the policy type enabled; without it no service control policy limits anybody. */
  serviceControlEnabled: boolean;
  /** Requests for new accounts, by id, `car-…`. */
  readonly createAccountRequests: Map<string, CreateAccountRequest>;
  /** Whether accounts are listed with their `Paths`, as AWS documents. */
  listsPaths: boolean;
  /** Whether a list of several pages has an empty one with a token, as happens in AWS. */
  listsEmptyPages: boolean;
}

export type RootFeature = "RootCredentialsManagement" | "RootSessions";

export interface CreateAccountRequest {
  readonly id: string;
  readonly accountName: string;
  readonly requestedAt: Date;
  /** The new account's, or why there is none. */
  readonly result: { readonly accountId: string } | { readonly failureReason: "EMAIL_ALREADY_EXISTS" };
}

export interface ServiceControlPolicy {
  readonly id: string;
  name: string;
  description: string;
  /** As it was sent. */
  document: string;
  /** Ids of the root, units and accounts that it is attached to. */
  readonly targets: Set<string>;
  readonly tags: Map<string, string>;
}

export interface OrganizationalUnit {
  readonly id: string;
  name: string;
  /** A unit's or the root's id. */
  parentId: string;
  readonly tags: Map<string, string>;
}

export interface AccountState {
  /** Twelve digits. */
  readonly id: string;
  name: string;
  email: string;
  status: "PENDING_ACTIVATION" | "ACTIVE" | "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED";
  readonly joinedMethod: "CREATED" | "INVITED";
  readonly joinedAt: Date;
  /** A unit's or the root's id. */
  parentId: string;
  readonly tags: Map<string, string>;
  /** When somebody asked to close it. */
  closingSince?: Date;
  /** A trail logs data events as well: calls on what is in a bucket, a table or a queue, which no trail does by default. */
  logsDataEvents?: boolean;
  /** Belongs to no organization. */
  standalone?: boolean;
  alias?: string;
  readonly root: RootUser;
  /** IAM entities by name in lower case, since names are unique without regard to case; policies by ARN. */
  readonly users: Map<string, User>;
  readonly roles: Map<string, Role>;
  readonly groups: Map<string, Group>;
  readonly policies: Map<string, ManagedPolicy>;
  /** By serial number. Assigned ones are also among their user's `mfaDevices`. */
  readonly virtualMfaDevices: Map<string, VirtualMfaDevice>;
  /** By ARN. */
  readonly oidcProviders: Map<string, OidcProvider>;
  readonly samlProviders: Map<string, SamlProvider>;
  /** By name in lower case. */
  readonly serverCertificates: Map<string, ServerCertificate>;
  /** By ARN. */
  readonly analyzers: Map<string, Analyzer>;
  passwordPolicy?: Record<string, number | boolean>;
  readonly quotas: Quotas;
  credentialReport?: CredentialReport;
  /** Reports of what a principal accessed, by job id. */
  readonly accessJobs: Map<string, AccessJob>;
}

/** What a principal did with one service. */
export interface AccessedService {
  at: Date;
  region: string;
  /** When each action was called last. */
  readonly actions: Map<string, Date>;
}

export interface AccessJob {
  readonly startedAt: Date;
  readonly granularity: "SERVICE_LEVEL" | "ACTION_LEVEL";
  /** As the service answers them. */
  readonly services: readonly ({ readonly ServiceNamespace: string } & Readonly<Record<string, unknown>>)[];
  polls: number;
}

/** As `GetAccountSummary` names them. */
export interface Quotas {
  usersQuota: number;
  groupsQuota: number;
  rolesQuota: number;
  policiesQuota: number;
  groupsPerUserQuota: number;
  attachedPoliciesPerUserQuota: number;
  attachedPoliciesPerRoleQuota: number;
  attachedPoliciesPerGroupQuota: number;
  accessKeysPerUserQuota: number;
  versionsPerPolicyQuota: number;
  assumeRolePolicySizeQuota: number;
  userPolicySizeQuota: number;
  rolePolicySizeQuota: number;
  groupPolicySizeQuota: number;
  policySizeQuota: number;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  status: "Active" | "Inactive";
  readonly createdAt: Date;
  lastUsed?: { at: Date; service: string; region: string };
}

export interface MfaDevice {
  /** An ARN for virtual and FIDO devices, any text for hardware TOTP. */
  readonly serial: string;
  readonly enabledAt: Date;
}

export interface VirtualMfaDevice {
  readonly serial: string;
  readonly seed: string;
}

/** What users and root have alike. */
export interface Credentials {
  readonly accessKeys: AccessKey[];
  readonly mfaDevices: MfaDevice[];
  passwordLastUsedAt?: Date;
}

export interface RootUser extends Credentials {
  readonly createdAt: Date;
  /** False in a member account that Organizations created: its root has no password. */
  passwordEnabled: boolean;
  passwordChangedAt?: Date;
}

/** What every kind of IAM principal and group has. */
export interface Entity {
  name: string;
  /** Begins and ends with a slash. */
  path: string;
  readonly id: string;
  arn: string;
  readonly createdAt: Date;
  /** Documents by policy name. */
  readonly inlinePolicies: Map<string, string>;
  /** ARNs, in the order in which they were attached. */
  readonly attachedPolicies: Set<string>;
}

export interface User extends Entity, Credentials {
  readonly tags: Map<string, string>;
  /** ARN of the permissions boundary. */
  boundary?: string;
  loginProfile?: { readonly createdAt: Date; changedAt: Date; resetRequired: boolean };
  /** By id; absent: none. */
  serviceCredentials?: Map<string, ServiceCredential>;
  /** By service namespace, e.g. `s3`. */
  accessed?: Map<string, AccessedService>;
  /** Group names. */
  readonly groups: Set<string>;
}

/** A credential of a user for one service alone. */
export interface ServiceCredential {
  /** `ACCA…` */
  readonly id: string;
  /** `codecommit.amazonaws.com` */
  readonly service: string;
  /** What the user signs in as: a name, or the public part of an API key. */
  readonly alias: string;
  status: "Active" | "Inactive";
  readonly createdAt: Date;
  readonly expiresAt?: Date;
}

export interface Role extends Entity {
  readonly tags: Map<string, string>;
  boundary?: string;
  description: string;
  trustPolicy: string;
  /** In seconds. */
  maxSessionDuration: number;
  lastUsed?: { at: Date; region: string };
  /** By service namespace, e.g. `s3`. */
  accessed?: Map<string, AccessedService>;
}

export interface Group extends Entity {}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly createdAt: Date;
  updatedAt: Date;
  readonly tags: Map<string, string>;
  /** Oldest first. */
  readonly versions: { readonly id: string; readonly document: string; readonly createdAt: Date }[];
  defaultVersionId: string;
  /** The number of the next version; numbers are never reused. */
  nextVersion: number;
}

export interface OidcProvider {
  readonly arn: string;
  /** Without `https://`. */
  readonly url: string;
  readonly clientIds: Set<string>;
  thumbprints: string[];
  readonly createdAt: Date;
  readonly tags: Map<string, string>;
}

export interface SamlProvider {
  readonly arn: string;
  readonly name: string;
  metadata: string;
  readonly createdAt: Date;
}

export interface ServerCertificate {
  readonly name: string;
  readonly path: string;
  /** `ASCA…` */
  readonly id: string;
  readonly arn: string;
  readonly uploadedAt: Date;
  readonly expiresAt: Date;
  /** PEM. */
  readonly body: string;
  readonly chain?: string;
}

export interface CredentialReport {
  readonly startedAt: Date;
  /** How often somebody asked for it while it was being made. */
  polls: number;
  complete: boolean;
  /** State when generation started; what changed since is not in it. */
  readonly content: string;
}

/** Who is behind a call: names, so that what happens to the entity afterwards counts. */
export type Principal =
  | { readonly type: "root" }
  | { readonly type: "user"; readonly userName: string }
  | { readonly type: "role"; readonly roleName: string; readonly sessionName: string };

export interface Session {
  readonly accountId: string;
  readonly principal: Principal;
  readonly secret: string;
  readonly token: string;
  readonly createdAt: Date;
  /** Absent: never, for credentials that tests hand themselves. */
  readonly expiresAt?: Date;
  readonly mfa: boolean;
  /** Session policies: what the session may do at most, whatever its principal may. */
  readonly policies?: readonly string[];
  /** The session was assumed with the credentials of another role. */
  readonly chained: boolean;
  /** A short session of a member's root that central root access gives, by `sts:AssumeRoot`. */
  readonly assumedRoot?: boolean;
}

/** The default quotas of AWS, except that an account may have as many roles as AWS grants on request. */
const defaultQuotas: Quotas = {
  usersQuota: 5000,
  groupsQuota: 300,
  rolesQuota: 10_000,
  policiesQuota: 1500,
  groupsPerUserQuota: 10,
  attachedPoliciesPerUserQuota: 10,
  attachedPoliciesPerRoleQuota: 20,
  attachedPoliciesPerGroupQuota: 10,
  accessKeysPerUserQuota: 2,
  versionsPerPolicyQuota: 5,
  assumeRolePolicySizeQuota: 8192,
  userPolicySizeQuota: 2048,
  rolePolicySizeQuota: 10_240,
  groupPolicySizeQuota: 5120,
  policySizeQuota: 6144,
};

/** Adds an account with an empty IAM to the state. Its root has a password only if it was invited. */
export const addAccount = (
  state: SandboxState,
  init: Pick<AccountState, "id" | "name" | "joinedAt"> &
    Partial<Pick<AccountState, "email" | "joinedMethod" | "parentId">>,
): AccountState => {
  const { id, name, joinedAt, joinedMethod = "CREATED" } = init;
  if (state.accounts.has(id)) throw new Error(`account ${id} exists already`);
  const account: AccountState = {
    id,
    name,
    email: init.email ?? `aws+${id}@example.com`,
    status: "ACTIVE",
    joinedMethod,
    joinedAt,
    parentId: init.parentId ?? state.organization.rootId,
    tags: new Map(),
    root: { createdAt: joinedAt, passwordEnabled: joinedMethod === "INVITED", accessKeys: [], mfaDevices: [] },
    users: new Map(),
    roles: new Map(),
    groups: new Map(),
    policies: new Map(),
    virtualMfaDevices: new Map(),
    oidcProviders: new Map(),
    samlProviders: new Map(),
    serverCertificates: new Map(),
    analyzers: new Map(
      analyzedRegions.map((region) => {
        const analyzer = analyzerIn(id, region, { createdAt: joinedAt });
        return [analyzer.arn, analyzer];
      }),
    ),
    quotas: { ...defaultQuotas },
    accessJobs: new Map(),
  };
  state.accounts.set(id, account);
  return account;
};

type NewEntity<T extends Entity> = Pick<T, "name"> & Partial<Omit<T, "name" | "arn">> & { readonly createdAt: Date };

const entity = (kind: "user" | "role" | "group", ids: Ids, accountId: string, init: NewEntity<Entity>): Entity => {
  const { name, path = "/", createdAt } = init;
  const prefix = { user: "AIDA", role: "AROA", group: "AGPA" } as const;
  return {
    name,
    path,
    id: init.id ?? ids.entity(prefix[kind]),
    arn: `arn:aws:iam::${accountId}:${kind}${path}${name}`,
    createdAt,
    inlinePolicies: init.inlinePolicies ?? new Map(),
    attachedPolicies: init.attachedPolicies ?? new Set(),
  };
};

/** Adds a user with what `init` says of it, and nothing else. Replaces one of the same name. */
export const addUser = (account: AccountState, ids: Ids, init: NewEntity<User>): User => {
  const user: User = {
    tags: new Map(),
    accessKeys: [],
    mfaDevices: [],
    groups: new Set(),
    ...init,
    ...entity("user", ids, account.id, init),
  };
  account.users.set(user.name.toLowerCase(), user);
  return user;
};

/** Adds a role; unless `init` says otherwise, one that only its own account may assume. */
export const addRole = (account: AccountState, ids: Ids, init: NewEntity<Role>): Role => {
  const role: Role = {
    tags: new Map(),
    description: "",
    trustPolicy: trusting({ AWS: `arn:aws:iam::${account.id}:root` }),
    maxSessionDuration: 3600,
    ...init,
    ...entity("role", ids, account.id, init),
  };
  account.roles.set(role.name.toLowerCase(), role);
  return role;
};

export const addGroup = (account: AccountState, ids: Ids, init: NewEntity<Group>): Group => {
  const group: Group = entity("group", ids, account.id, init);
  account.groups.set(group.name.toLowerCase(), group);
  return group;
};

/** A password policy as the CIS benchmark asks for, in IAM's words. */
export const strictPasswordPolicy = {
  MinimumPasswordLength: 14,
  RequireSymbols: true,
  RequireNumbers: true,
  RequireUppercaseCharacters: true,
  RequireLowercaseCharacters: true,
  AllowUsersToChangePassword: true,
  PasswordReusePrevention: 24,
} as const;

/** The managed policy that allows everything. */
export const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

/** A trust policy of one statement that lets `principal` assume the role. */
export const trusting = (principal: Record<string, string | string[]>, condition?: object): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...(condition && { Condition: condition }) },
    ],
  });
