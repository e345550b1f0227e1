import { type Analyzer, analyzedRegions, analyzerIn } from "./analyzers/state.ts";
import type { Configuration, ConfigurationSession, HostedVersion } from "./appconfig/state.ts";
import type { Stack, StackSet } from "./cloudformation/state.ts";
import type { Table } from "./dynamodb/state.ts";
import type { EventBus, Undelivered } from "./events/state.ts";
import {
  type AccessJob,
  type CredentialReport,
  defaultQuotas,
  type Group,
  type ManagedPolicy,
  type OidcProvider,
  type Quotas,
  type Role,
  type RootUser,
  type SamlProvider,
  type ServerCertificate,
  type User,
  type VirtualMfaDevice,
} from "./iam/state.ts";
import type { EventSourceMapping, LambdaFunction } from "./lambda/state.ts";
import type { OrganizationState } from "./organizations/state.ts";
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
