import type { WatchStore } from "../after-care/watch-store.ts";
import type { AwsAccess } from "../aws/access.ts";
import type { OrganizationChange } from "../events/organization-changes.ts";
import type { ExemptionStore } from "../exemptions/store.ts";
import type { Excused } from "../findings/reconcile.ts";
import type { FindingStore } from "../findings/store.ts";
import type { MarkStore } from "../marks/mark-store.ts";
import type { Notifier } from "../notify/notice.ts";
import type { OrganizationViews } from "../organization/stored-views.ts";
import type { RepairQueue } from "../remediation/queue.ts";
import type { Settings } from "../settings/settings.ts";
import type { Telemetry } from "../telemetry.ts";
import type { AccountDirectory } from "./account-directory.ts";

/** What the judging of events works with. */
export interface IntakeDependencies {
  readonly aws: AwsAccess;
  /** The account that iam-warden itself runs in. */
  readonly hubAccountId: string;
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly settings: Settings;
  readonly accounts: AccountDirectory;
  readonly exemptions: ExemptionStore;
  readonly watches: WatchStore;
  readonly marks: MarkStore;
  /** By which iam-warden's own marks are known. */
  readonly auditRoleName: string;
  /**
   * The queue whose records are judged as activity. Others bring some of the same records, but not those that tell whose a
   * session of root is. Absent: whatever queue.
   */
  readonly activityQueueArn?: string;
  readonly repairs: RepairQueue;
  readonly organization: OrganizationViews;
  /** Has the stored organization read anew, if it was read before one of the changes. */
  readonly refreshOrganization: (changes: readonly OrganizationChange[]) => Promise<void>;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/** What the judging of one subject takes of that. */
export interface SubjectDependencies
  extends Omit<
    IntakeDependencies,
    | "hubAccountId"
    | "accounts"
    | "exemptions"
    | "watches"
    | "marks"
    | "auditRoleName"
    | "activityQueueArn"
    | "repairs"
    | "organization"
    | "refreshOrganization"
  > {
  readonly organization: Pick<OrganizationViews, "of">;
  readonly accounts: Pick<AccountDirectory, "find">;
  /** Absent where the repairs themselves judge: they look at what they made anyway. */
  readonly repairs?: RepairQueue;
  /** Who is excused now. */
  readonly excused: Excused;
}
