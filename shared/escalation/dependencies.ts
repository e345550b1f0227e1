import type { ExemptionStore } from "../exemptions/store.ts";
import type { MarkDependencies } from "../marks/leave-mark.ts";
import type { RepairQueue } from "../remediation/queue.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { DigestDependencies } from "../sweep/tell-digest.ts";

/** What the hourly run works with. */
export interface EscalationDependencies extends DigestDependencies, MarkDependencies {
  readonly exemptions: ExemptionStore;
  readonly repairs: RepairQueue;
  readonly settings: Settings;
  /** Lists the organization's active accounts, with the OUs that they are in now. */
  readonly listAccounts: () => Promise<readonly AccountRef[]>;
}
