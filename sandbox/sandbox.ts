import type { AwsCredentialIdentity } from "@smithy/types";
import { findingEvent, type NewFinding, putFinding } from "./analyzers/findings.ts";
import { accessAnalyzer } from "./analyzers/service.ts";
import { appConfig } from "./appconfig/service.ts";
import { type Authorization, createAuthorization } from "./authorization/authorization.ts";
import { openSession } from "./callers.ts";
import { createClock, type VirtualClock } from "./clock.ts";
import { cloudFormation } from "./cloudformation/service.ts";
import { type EventBridgeEvent, rootSignInRecord, signInRecord } from "./cloudtrail.ts";
import { createConsistency, type Lag } from "./consistency.ts";
import { dynamoDb } from "./dynamodb/service.ts";
import { route } from "./events/route.ts";
import { events } from "./events/service.ts";
import { iam } from "./iam/iam.ts";
import { organizations } from "./organizations/service.ts";
import { callDirectly, type DirectRequest } from "./protocol/direct.ts";
import type { Dispatcher, Interceptor } from "./protocol/dispatch.ts";
import { inProcessHandler, type Listening, listen, type Routes } from "./protocol/http.ts";
import type { Output, Service } from "./protocol/service.ts";
import { createIds, createRandom, type Ids } from "./random.ts";
import { s3 } from "./s3/service.ts";
import { sns } from "./sns/service.ts";
import type { SnsDelivery } from "./sns/state.ts";
import { sqs } from "./sqs/service.ts";
import { type AccountState, addAccount, type Principal, type SandboxState } from "./state.ts";
import { sts } from "./sts.ts";
import { trails } from "./trails/service.ts";
import { organizationTrail } from "./trails/state.ts";
import { type Use, use } from "./use.ts";

export type { EventBridgeEvent } from "./cloudtrail.ts";
export type { SnsDelivery } from "./sns/state.ts";

/** What to spread into the configuration of an AWS SDK v3 client. */
export interface ClientConfig {
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  readonly requestHandler: ReturnType<typeof inProcessHandler>;
}

/** An AWS organization in a process. It starts with a management account and nothing else. */
export interface Sandbox {
  readonly clock: VirtualClock;
  readonly state: SandboxState;
  readonly ids: Ids;
  /** In-process; `sourceIPAddress` is what CloudTrail records of these calls say. */
  clientConfig(
    credentials: AwsCredentialIdentity,
    options?: { region?: string; sourceIPAddress?: string },
  ): ClientConfig;
  /** One call past the SDK and the wire, for whoever makes very many. @throws AwsError */
  call(credentials: AwsCredentialIdentity, request: DirectRequest): Promise<Output>;
  /**
   * A session of a principal that never expires, as if it had signed in with MFA. It leaves no trace in the account (no access key, no
   * sign-in record). The principal must exist by the time of the call.
   */
  credentialsFor(
    accountId: string,
    principal: "root" | { user: string } | { role: string; sessionName?: string },
  ): AwsCredentialIdentity;
  /** Each CloudTrail record and finding, synchronously and in order, as the default event bus of its account delivers it. */
  subscribe(listener: (event: EventBridgeEvent) => void): () => void;
  /** Each event that a rule put on a queue, as often as rules did. */
  onQueued(listener: (event: EventBridgeEvent, queueArn: string) => void): () => void;
  /** Signs in to the console, or (`success: false`, or no such user, or no password) fails to. */
  signIn(
    accountId: string,
    who: "root" | { user: string },
    how?: { mfa?: boolean; success?: boolean; sourceIPAddress?: string },
  ): void;
  /** Somebody comes, signing in to the console as root, to the MFA check, and no further. */
  beginSignIn(accountId: string): void;
  /** Root sets a new password by the link in the email of a member account whose root had none, or forgot it. */
  recoverPassword(accountId: string): void;
  /** A principal calls an action of any service: what its policies, boundary and SCPs say of it, recorded as CloudTrail does. */
  use(accountId: string, who: Parameters<Sandbox["credentialsFor"]>[1], what: Use): "allowed" | "denied";
  /** An analyzer finds access from outside to a resource, or that what it had found has changed, and tells the event bus. */
  analyze(analyzerArn: string, finding: NewFinding): void;
  /** Runs before each call until the returned function is called; see `Interceptor`. */
  intercept(interceptor: Interceptor): () => void;
  /**
   * From now on IAM's reads see its writes only after a lag, and until then what stood before; undefined: at once, as at first.
   * Credential reports and last accessed details do not lag. At most `longestLagMs`.
   */
  lagReads(lag: Lag | undefined): void;
  /** Which policies allowed what; see `Authorization`. */
  readonly authorization: Pick<Authorization, "note" | "recordUse" | "used">;
  /** What SNS delivered to each subscription, in order. */
  readonly deliveries: readonly SnsDelivery[];
  /** Over HTTP on the loopback interface; port 0, the default, picks a free one. */
  listen(port?: number, routes?: Routes): Promise<Listening>;
}

/** The services of the sandbox: one line for each. */
const services: readonly Service[] = [
  accessAnalyzer,
  appConfig,
  cloudFormation,
  dynamoDb,
  events,
  iam,
  organizations,
  s3,
  sns,
  sqs,
  sts,
  trails,
];

const accountOf = (state: SandboxState, accountId: string): AccountState => {
  const account = state.accounts.get(accountId);
  if (!account) throw new Error(`the sandbox has no account ${accountId}`);
  return account;
};

const principalOf = (who: Parameters<Sandbox["credentialsFor"]>[1]): Principal => {
  if (who === "root") return { type: "root" };
  if ("user" in who) return { type: "user", userName: who.user };
  return { type: "role", roleName: who.role, sessionName: who.sessionName ?? "sandbox" };
};

/**
 * Creates an organization in a process. The same seed and the same calls give the same ids, times and records.
 * `wallClock` is the clients' clock, in which they are told when a session expires, and `rate` how many times faster than it somebody is to
 * move this one.
 */
export const createSandbox = (
  options: { seed?: number; start?: Date; wallClock?: () => Date; rate?: number } = {},
): Sandbox => {
  const { seed = 1, start = new Date("2026-11-02T08:00:00Z"), wallClock = () => new Date(), rate } = options;
  const clock = createClock(start, rate);
  const ids = createIds(createRandom(seed));
  const managementAccountId = ids.account();
  const state: SandboxState = {
    organization: {
      id: `o-${ids.lower(10)}`,
      managementAccountId,
      rootId: `r-${ids.lower(4)}`,
      units: new Map(),
      tags: new Map(),
      delegatedAdministrators: new Map(),
      trustedServices: new Map(),
      featureSet: "ALL",
      rootFeatures: new Set(),
      stackSetsActivated: false,
      serviceControlPolicies: new Map(),
      withoutFullAccess: new Set(),
      serviceControlEnabled: true,
      createAccountRequests: new Map(),
      listsPaths: true,
      listsEmptyPages: true,
    },
    accounts: new Map(),
    sessions: new Map(),
    topics: new Map(),
    deliveries: [],
    configurationIds: new Map(),
    hostedVersions: new Map(),
    configurations: [],
    configurationSessions: new Map(),
    buses: new Map(),
    buckets: new Map(),
    queues: new Map(),
    functions: new Map(),
    eventSourceMappings: new Map(),
    stateMachines: new Map(),
    schedules: new Map(),
    tables: new Map(),
    stacks: new Map(),
    stackSets: new Map(),
    trails: new Map(),
    undelivered: [],
  };
  const trail = organizationTrail(managementAccountId);
  state.trails.set(trail.arn, trail);
  addAccount(state, { id: managementAccountId, name: "management", joinedAt: start, joinedMethod: "INVITED" });

  const listeners = new Set<(event: EventBridgeEvent) => void>();
  const interceptors = new Set<Interceptor>();
  const consistency = createConsistency();
  const authorization = createAuthorization();
  const trailIds = createIds(createRandom(seed + 0x7a11));
  const busIds = createIds(createRandom(seed + 0xb05));
  const queuedListeners = new Set<(event: EventBridgeEvent, queueArn: string) => void>();
  const onQueued = (event: EventBridgeEvent, queueArn: string) => {
    for (const listener of queuedListeners) listener(event, queueArn);
  };
  const emit = (event: EventBridgeEvent) => {
    for (const listener of listeners) listener(event);
    route({ state, authorization, ids: busIds, clock, onQueued }, event);
  };
  const dispatcher: Dispatcher = {
    state,
    clock,
    ids,
    trailIds,
    services: new Map(services.map((service) => [service.name, service])),
    interceptors,
    consistency,
    authorization,
    emit,
    wallClock,
  };
  const during = <T>(set: Set<T>, member: T) => {
    set.add(member);
    return () => void set.delete(member);
  };

  return {
    clock,
    state,
    ids,
    deliveries: state.deliveries,
    authorization,
    clientConfig: (credentials, { region = "us-east-1", sourceIPAddress = "203.0.113.10" } = {}) => ({
      region,
      credentials,
      requestHandler: inProcessHandler(dispatcher, sourceIPAddress),
    }),
    call: (credentials, request) => callDirectly(dispatcher, credentials, request),
    credentialsFor: (accountId, who) => {
      const principal = principalOf(who);
      accountOf(state, accountId);
      return openSession(state, ids, { accountId, principal, createdAt: clock.now(), mfa: true, chained: false });
    },
    subscribe: (listener) => during(listeners, listener),
    onQueued: (listener) => during(queuedListeners, listener),
    signIn: (accountId, who, { mfa = false, success = true, sourceIPAddress = "203.0.113.10" } = {}) => {
      const account = accountOf(state, accountId);
      const user = who === "root" ? account.root : account.users.get(who.user.toLowerCase());
      const hasPassword =
        user !== undefined && ("passwordEnabled" in user ? user.passwordEnabled : user.loginProfile !== undefined);
      const succeeds = success && hasPassword;
      const now = clock.now();
      if (succeeds) user.passwordLastUsedAt = now;
      emit(signInRecord(trailIds, account, who, { now, mfa, success: succeeds, sourceIPAddress }));
    },
    beginSignIn: (accountId) => emit(rootSignInRecord(trailIds, accountOf(state, accountId), "CheckMfa", clock.now())),
    recoverPassword: (accountId) => {
      const account = accountOf(state, accountId);
      const now = clock.now();
      Object.assign(account.root, { passwordEnabled: true, passwordChangedAt: now });
      emit(rootSignInRecord(trailIds, account, "PasswordRecoveryCompleted", now));
    },
    use: (accountId, who, what) => use(dispatcher, accountOf(state, accountId), principalOf(who), what),
    analyze: (analyzerArn, finding) => {
      const now = clock.now();
      emit(findingEvent(trailIds, analyzerArn, putFinding(state, analyzerArn, finding, now), now));
    },
    intercept: (interceptor) => during(interceptors, interceptor),
    lagReads: consistency.lagBy,
    listen: (port, routes) => listen(dispatcher, port, routes),
  };
};
