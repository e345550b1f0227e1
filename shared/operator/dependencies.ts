import type { AwsAccess } from "../aws/access.ts";
import type { ExemptionStore } from "../exemptions/store.ts";
import type { FindingStore } from "../findings/store.ts";
import type { Notifier } from "../notify/notice.ts";
import type { BreakerStore } from "../remediation/breaker-store.ts";
import type { RepairQueue } from "../remediation/queue.ts";
import type { RemediationStore } from "../remediation/store.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";

/** What the commands of people work with. Nothing in it can write to IAM: repairs and undos go into the queue. */
export interface OperatorDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  readonly store: FindingStore;
  readonly remediations: RemediationStore;
  readonly exemptions: ExemptionStore;
  readonly breakers: BreakerStore;
  readonly queue: RepairQueue;
  readonly notifier: Notifier;
  /** As they are now: settings that could not be read are those that only notify. */
  readonly settings: Settings;
  /** Lists the organization's active accounts, with the OUs that they are in now. */
  readonly listAccounts: () => Promise<readonly AccountRef[]>;
  /** Absent where it is not known: then no account counts as a member whose root can be reached. */
  readonly managementAccountId?: string;
  /** Names of iam-warden's roles, where they are not `iam-warden-*`. */
  readonly ownRoles?: readonly string[];
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Who asks, as AWS authenticated them. */
export interface Caller {
  readonly arn: string;
}
