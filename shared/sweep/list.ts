import { listAccounts } from "../accounts/list-accounts.ts";
import type { AwsAccess } from "../aws/access.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";

/** One run of the schedule and the accounts that it goes through. */
export interface SweepPlan {
  readonly runId: string;
  /** ISO 8601: members that joined later are not among the accounts. */
  readonly listedAt: string;
  /** Active accounts, ordered by id. */
  readonly accounts: readonly AccountRef[];
}

export interface ListDependencies {
  readonly aws: AwsAccess;
  readonly clock: () => Date;
  readonly settings: Settings;
  readonly telemetry: Telemetry;
}

/** Plans a run. Without a given id the run is called by its time, e.g. `sweep-2026-11-23T06:00:00.000Z`. */
export const planSweep = async (
  { aws, clock, settings, telemetry }: ListDependencies,
  { runId }: { readonly runId?: string },
): Promise<SweepPlan> => {
  const listedAt = clock().toISOString();
  return {
    runId: runId ?? `sweep-${listedAt}`,
    listedAt,
    accounts: await listAccounts(aws, { ownerTag: settings.owners.accountTag, telemetry }),
  };
};
