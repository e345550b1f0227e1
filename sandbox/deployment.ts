import type { AwsCredentialIdentity } from "@smithy/types";
import { createHandler as createDigest } from "../functions/digest.ts";
import { createHandler as createIntake } from "../functions/intake.ts";
import { createHandler as createListAccounts } from "../functions/list-accounts.ts";
import { createHandler as createSweepAccount } from "../functions/sweep-account.ts";
import { listAccounts } from "../shared/accounts/list-accounts.ts";
import type { AwsAccess } from "../shared/aws/access.ts";
import { createAwsAccess } from "../shared/aws/aws-access.ts";
import { createMemoryStore } from "../shared/findings/memory-store.ts";
import type { FindingStore } from "../shared/findings/store.ts";
import { createAccountDirectory } from "../shared/intake/account-directory.ts";
import { createSnsNotifier } from "../shared/notify/sns.ts";
import { defaultSettings, type Settings } from "../shared/settings/settings.ts";
import type { Telemetry } from "../shared/telemetry.ts";
import type { EventBridgeEvent, Sandbox } from "./sandbox.ts";
import { createWiring, type QueueSettings, type WiredFunctions, type Wiring } from "./wiring.ts";

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
  readonly settings?: Settings;
  readonly queue?: Partial<QueueSettings>;
  /** How long an invocation of the sweep may still run, as a function's context tells. Default: fifteen minutes. */
  readonly remainingMs?: () => number;
  readonly onRouted?: (event: EventBridgeEvent) => void;
  /** Attempts of one AWS call, the first included; by default the SDK's own retries. */
  readonly maxAttempts?: number;
}

export interface Deployment {
  readonly aws: AwsAccess;
  readonly store: FindingStore;
  readonly functions: WiredFunctions;
  readonly wiring: Wiring;
}

/** Puts the real functions on top of a sandbox, with the wiring between them: everything in virtual time. */
export const deploy = (sandbox: Sandbox, hub: Hub, options: DeploymentOptions): Deployment => {
  const { telemetry, settings = defaultSettings(), store = createMemoryStore() } = options;
  const clock = (): Date => sandbox.clock.now();
  const aws = createAwsAccess({
    ...sandbox.clientConfig(hub.credentials),
    ownAccountId: hub.accountId,
    assumeInOwnAccount: true,
    clock,
    maxAttempts: options.maxAttempts,
  });
  const notifier = createSnsNotifier({ client: aws.sns(), topicArn: hub.topicArn });
  const common = { aws, store, notifier, settings, telemetry, clock };
  const accounts = createAccountDirectory({ list: () => listAccounts(aws), clock, telemetry });
  // Waiting is what moves virtual time.
  const sleep = async (ms: number): Promise<void> => sandbox.clock.advance(ms);
  const sweepAccount = createSweepAccount({ ...common, sleep });
  const intake = createIntake({ ...common, hubAccountId: hub.accountId, accounts });
  const context = { getRemainingTimeInMillis: options.remainingMs ?? (() => 15 * 60_000) };
  const functions: WiredFunctions = {
    intake: (batch) => intake(batch, { getRemainingTimeInMillis: () => 90_000 }),
    listAccounts: createListAccounts({ aws, clock }),
    sweepAccount: (request) => sweepAccount(throughJson(request), context),
    digest: createDigest(common),
  };
  return { aws, store, functions, wiring: createWiring(sandbox, functions, options.queue, options.onRouted) };
};

/** What passes between functions passes as JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
