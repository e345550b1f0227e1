import type { WatchStore } from "../after-care/watch-store.ts";
import type { AwsAccess } from "../aws/access.ts";
import type { ExemptionStore } from "../exemptions/store.ts";
import type { Sleep } from "../facts/fetch-report.ts";
import type { FindingStore } from "../findings/store.ts";
import type { Notifier } from "../notify/notice.ts";
import type { OrganizationViews } from "../organization/stored-views.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import type { BreakerStore } from "./breaker-store.ts";
import type { RemediationStore } from "./store.ts";

/** What the repairing of findings works with. */
export interface RepairDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  /** Writes, with the remediation role, which is assumed in the hub's own account too. */
  readonly remediate: AwsAccess;
  readonly store: FindingStore;
  readonly remediations: RemediationStore;
  readonly breakers: BreakerStore;
  readonly exemptions: ExemptionStore;
  readonly watches: WatchStore;
  readonly notifier: Notifier;
  readonly settings: Settings;
  /** Names of iam-warden's roles, where they are not `iam-warden-*`: no repair touches them. */
  readonly ownRoles?: readonly string[];
  /** Lists the organization's active accounts, with the OUs that they are in now; fails rather than tell half of it. */
  readonly listAccounts: () => Promise<readonly AccountRef[]>;
  /** Who owns an account, by its tag. Absent: `listAccounts` says it, or nobody does. */
  readonly ownerOf?: (accountId: string) => Promise<string | undefined>;
  readonly organization: Pick<OrganizationViews, "of">;
  /** `undefined` where it cannot be told. */
  readonly managementAccountId: () => Promise<string | undefined>;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  readonly sleep: Sleep;
}
