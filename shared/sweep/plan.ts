import type { AwsAccess } from "../aws/access.ts";
import { keepOrganization } from "../organization/keep.ts";
import { listAccounts } from "../organization/list-accounts.ts";
import { listMembers } from "../organization/members.ts";
import { createPlaces } from "../organization/places.ts";
import { readOrganization } from "../organization/read-organization.ts";
import type { OrganizationStore } from "../organization/store.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import { within } from "../within.ts";

/** One run of the schedule and the accounts that it goes through. */
export interface SweepPlan {
  readonly runId: string;
  /** ISO 8601: members that joined later are not among the accounts. */
  readonly listedAt: string;
  /** Active accounts, ordered by id. */
  readonly accounts: readonly AccountRef[];
}

export interface PlanDependencies {
  /** With the function's own credentials. */
  readonly aws: AwsAccess;
  /** Reads accounts, with the audit role. */
  readonly audit: AwsAccess;
  /** The account that iam-warden itself runs in. */
  readonly hubAccountId: string;
  /** Where what is read of the organization is kept for whoever judges. */
  readonly organizations: OrganizationStore;
  readonly settings: Settings;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Time that is kept back to store what was read of the organization, to keep the plan and to answer. */
const marginMs = 60_000;

/**
 * Plans a run, and keeps the organization as it is then for whoever judges. Without a given id the run is called by its time,
 * e.g. `sweep-2026-11-23T06:00:00.000Z`.
 * @param remainingMs how long the invocation may still run
 */
export const planSweep = async (
  { aws, audit, hubAccountId, organizations: store, clock, sleep, settings, telemetry }: PlanDependencies,
  { runId }: { readonly runId?: string },
  remainingMs: () => number,
): Promise<SweepPlan> => {
  const begunAt = clock();
  const organizations = aws.organizations();
  const places = createPlaces(organizations);
  const members = await listMembers(organizations);
  const accounts = await listAccounts(aws, { ownerTag: settings.owners.accountTag, members, places, telemetry });
  const leftMs = (): number => remainingMs() - marginMs;
  const own = { organizations, iam: aws.iam(hubAccountId), aws: audit, members, places, begunAt, clock };
  // Accounts are swept whatever does not answer meanwhile.
  const read = () => within(leftMs(), () => readOrganization({ ...own, remainingMs: leftMs }));
  await keepOrganization({ store, telemetry, sleep }, read, leftMs);
  const listedAt = begunAt.toISOString();
  return { runId: runId ?? `sweep-${listedAt}`, listedAt, accounts };
};
