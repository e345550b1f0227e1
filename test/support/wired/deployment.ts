import type { AwsCredentialIdentity } from "@smithy/types";
import { createHandler as createDigest } from "../../../functions/digest.ts";
import { createHandler as createEscalate } from "../../../functions/escalate.ts";
import { createHandler as createIntake } from "../../../functions/intake.ts";
import { createHandler as createListAccounts } from "../../../functions/list-accounts.ts";
import { createHandler as createRemediate } from "../../../functions/remediate.ts";
import { createHandler as createSweepAccount } from "../../../functions/sweep-account.ts";
import { busArn } from "../../../sandbox/events/bus.ts";
import type { EventBridgeEvent, Sandbox } from "../../../sandbox/sandbox.ts";
import { createMemoryWatchStore } from "../../../shared/after-care/memory-watch-store.ts";
import type { WatchStore } from "../../../shared/after-care/watch-store.ts";
import type { AwsAccess } from "../../../shared/aws/access.ts";
import { createAwsAccess } from "../../../shared/aws/aws-access.ts";
import { createDoctorClients } from "../../../shared/doctor/clients.ts";
import type { Deployed, Reach } from "../../../shared/doctor/dependencies.ts";
import { createDoctor } from "../../../shared/doctor/doctor.ts";
import { createMemoryExemptionStore } from "../../../shared/exemptions/memory-store.ts";
import type { ExemptionStore } from "../../../shared/exemptions/store.ts";
import { sweptTrailReading } from "../../../shared/facts/trails.ts";
import { createMemoryStore } from "../../../shared/findings/memory-store.ts";
import type { FindingStore } from "../../../shared/findings/store.ts";
import { createAccountDirectory } from "../../../shared/intake/account-directory.ts";
import type { MarkStore } from "../../../shared/marks/mark-store.ts";
import { createMemoryMarkStore } from "../../../shared/marks/memory-mark-store.ts";
import { createSnsNotifier } from "../../../shared/notify/sns.ts";
import { createHttpOperator } from "../../../shared/operator/http.ts";
import { type HandleRequest, overHttp } from "../../../shared/operator/over-http.ts";
import { listAccounts } from "../../../shared/organization/list-accounts.ts";
import { managementAccountId } from "../../../shared/organization/management-account.ts";
import { createMemoryOrganizationStore } from "../../../shared/organization/memory-store.ts";
import { readOrganization } from "../../../shared/organization/read-organization.ts";
import { refreshOrganization } from "../../../shared/organization/refresh.ts";
import type { OrganizationStore } from "../../../shared/organization/store.ts";
import { createStoredViews } from "../../../shared/organization/stored-views.ts";
import type { BreakerStore } from "../../../shared/remediation/breaker-store.ts";
import { createMemoryBreakerStore } from "../../../shared/remediation/memory-breaker-store.ts";
import { createMemoryRemediationStore } from "../../../shared/remediation/memory-store.ts";
import type { RepairQueue } from "../../../shared/remediation/queue.ts";
import type { RemediationStore } from "../../../shared/remediation/store.ts";
import { createMemoryReportStore } from "../../../shared/report/memory-store.ts";
import type { ReportStore } from "../../../shared/report/store.ts";
import { defaultSettings, type Settings } from "../../../shared/settings/settings.ts";
import type { Telemetry } from "../../../shared/telemetry.ts";
import { createWiring, type QueueSettings, type WiredFunctions, type Wiring } from "./wiring.ts";

/** The role that reads, in every account. */
const auditRoleName = "iam-warden-audit";
/** The role that repairs, in every account. */
export const remediationRole = "iam-warden-remediate";

/** Where iam-warden runs: a delegated administrator (or the management account), with a role and a topic. */
export interface Hub {
  readonly accountId: string;
  /** Of the role that the functions run with; `iam-warden-audit` in every account has to trust it. */
  readonly credentials: AwsCredentialIdentity;
  /** In the hub, in us-east-1. */
  readonly topicArn: string;
}

export interface DeploymentOptions {
  readonly telemetry: Telemetry;
  readonly store?: FindingStore;
  readonly exemptions?: ExemptionStore;
  readonly remediations?: RemediationStore;
  readonly breakers?: BreakerStore;
  readonly watches?: WatchStore;
  readonly reports?: ReportStore;
  readonly marks?: MarkStore;
  readonly organizations?: OrganizationStore;
  readonly settings?: Settings;
  /** Where analyzers are looked for. Default: IAM's own Region. */
  readonly watchedRegions?: readonly string[];
  readonly queue?: Partial<QueueSettings>;
  /** How long an invocation of the sweep may still run, as a function's context tells. Default: fifteen minutes. */
  readonly remainingMs?: () => number;
  /** Accounts of which no event comes through, as if somebody had disabled the rules there; may change at any time. */
  readonly cutOff?: ReadonlySet<string>;
  readonly onRouted?: (event: EventBridgeEvent) => void;
  /** Attempts of one AWS call, the first included; by default the SDK's own retries. */
  readonly maxAttempts?: number;
}

export interface Deployment {
  readonly aws: AwsAccess;
  readonly store: FindingStore;
  readonly exemptions: ExemptionStore;
  readonly remediations: RemediationStore;
  readonly breakers: BreakerStore;
  readonly marks: MarkStore;
  readonly repairs: RepairQueue;
  /** What people's commands ask; here nobody but this process says who asks. */
  readonly operator: HandleRequest;
  /** What `warden doctor` asks. */
  readonly doctor: HandleRequest;
  readonly functions: WiredFunctions;
  readonly wiring: Wiring;
}

/**
 * Puts the handlers on top of a sandbox, with a plain wiring between them: the arrangement of tests of one room of `shared/`, which
 * hand it a store that fails, a limit, or accounts that are cut off. What is end to end takes its wiring from the templates
 * instead (`small-organization.ts`), and fails on the wire.
 */
export const deploy = (sandbox: Sandbox, hub: Hub, options: DeploymentOptions): Deployment => {
  const { telemetry, settings = defaultSettings(), store = createMemoryStore() } = options;
  const {
    exemptions = createMemoryExemptionStore(),
    remediations = createMemoryRemediationStore(),
    breakers = createMemoryBreakerStore(),
    watches = createMemoryWatchStore(),
    marks = createMemoryMarkStore(),
    organizations = createMemoryOrganizationStore(),
  } = options;
  const clock = (): Date => sandbox.clock.now();
  const access = (roleName?: string): AwsAccess =>
    createAwsAccess({
      ...sandbox.clientConfig(hub.credentials),
      ownAccountId: hub.accountId,
      assumeInOwnAccount: true,
      clock,
      maxAttempts: options.maxAttempts,
      trails: sweptTrailReading,
      ...(options.watchedRegions && { watchedRegions: options.watchedRegions }),
      ...(roleName !== undefined && { roleName, sessionName: roleName }),
    });
  const aws = access();
  const notifier = createSnsNotifier({ client: aws.sns(), topicArn: hub.topicArn });
  const repairs: RepairQueue = { send: async (message) => wiring.sendRepair(JSON.stringify(message)) };
  const common = {
    organization: createStoredViews({ store: organizations, clock, telemetry }),
    aws,
    store,
    exemptions,
    watches,
    marks,
    auditRoleName,
    repairs,
    notifier,
    settings,
    telemetry,
    clock,
  };
  const own = { organizations: aws.organizations(), iam: aws.iam(hub.accountId), aws, clock };
  const list = () => listAccounts(aws, { ownerTag: settings.owners.accountTag, telemetry });
  const accounts = createAccountDirectory({ list, clock, telemetry });
  // Waiting is what moves virtual time.
  const sleep = async (ms: number): Promise<void> => sandbox.clock.advance(ms);
  const sweepAccount = createSweepAccount({ ...common, sleep });
  const intake = createIntake({
    ...common,
    hubAccountId: hub.accountId,
    accounts,
    refreshOrganization: (changes) =>
      refreshOrganization(
        { store: organizations, clock, read: (given) => readOrganization({ ...own, ...given }) },
        changes,
      ),
  });
  const context = { getRemainingTimeInMillis: options.remainingMs ?? (() => 15 * 60_000) };
  const escalate = createEscalate({ ...common, listAccounts: list });
  const remediate = createRemediate({
    ...common,
    audit: aws,
    remediate: access(remediationRole),
    remediations,
    breakers,
    listAccounts: list,
    managementAccountId: () => managementAccountId(aws),
    sleep,
  });
  const operator = createHttpOperator({
    ...common,
    audit: aws,
    remediations,
    breakers,
    listAccounts: list,
    managementAccountId: () => managementAccountId(aws),
    sleep,
    doctorUrl: "/doctor",
  });
  const reach = (audit: AwsAccess): Reach => {
    const connection = sandbox.clientConfig(hub.credentials);
    return { aws: audit, clients: createDoctorClients({ audit, region: "us-east-1", connection }) };
  };
  const doctor = overHttp(
    createDoctor({
      ...common,
      ...reach(aws),
      reachAnew: () => reach(access()),
      deployed: deployedAs(sandbox, hub),
      breakers,
      listAccounts: list,
      managementAccountId: () => managementAccountId(aws),
    }),
    telemetry,
  );
  const plan = createListAccounts({
    ...{ aws, audit: aws, hubAccountId: hub.accountId, organizations, clock, sleep, settings, telemetry },
  });
  const digest = createDigest({ ...common, reports: options.reports ?? createMemoryReportStore() });
  const functions: WiredFunctions = {
    intake: (batch) => intake(batch, { getRemainingTimeInMillis: () => 90_000 }),
    listAccounts: (request) => plan(request, { getRemainingTimeInMillis: () => 300_000 }),
    sweepAccount: (request) => sweepAccount(throughJson(request), context),
    digest: (request) => digest(request, context),
    escalate: () => escalate({}, context),
    remediate: (batch) => remediate(batch, context),
  };
  const wiring = createWiring(sandbox, functions, options.queue, options.onRouted, options.cutOff);
  return { aws, store, exemptions, remediations, breakers, marks, repairs, operator, doctor, functions, wiring };
};

/** As the hub's stack says it of itself. */
const deployedAs = ({ state }: Sandbox, { accountId, topicArn }: Hub): Deployed => ({
  ...{ hubAccountId: accountId, region: "us-east-1", stackSet: "iam-warden-member" },
  watchedRegions: ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"],
  eventBusArn: busArn(accountId, "us-east-1", "iam-warden"),
  topics: [{ name: "alerts", at: topicArn }],
  deadLetters: [...state.queues.values()]
    .filter(({ arn, name }) => arn.includes(`:${accountId}:`) && name.includes("DeadLetters"))
    .map(({ name, url }) => ({ name, at: url })),
});

/** What passes between functions passes as JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
