import type { Ids } from "../random.ts";
import type { AccountState } from "../state.ts";

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

/** The default quotas of AWS, except that an account may have as many roles as AWS grants on request. */
export const defaultQuotas: Quotas = {
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
