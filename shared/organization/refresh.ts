import { MalformedInputError, UnderWayError } from "../errors.ts";
import type { OrganizationChange } from "../events/organization-changes.ts";
import type { OrganizationReading, ServiceControlPolicy } from "./organization.ts";
import type { ReadOrganizationOptions } from "./read-organization.ts";
import { claimMinutes, type OrganizationStore } from "./store.ts";

export interface RefreshDependencies {
  readonly store: OrganizationStore;
  readonly read: (options: Pick<ReadOrganizationOptions, "unchanged">) => Promise<OrganizationReading>;
  readonly clock: () => Date;
}

/** CloudTrail tells whole seconds, and Organizations may show a change a moment after it answered. */
const settledMs = 5_000;

const isAfter = (readAt: string, { at }: OrganizationChange): boolean => Date.parse(readAt) >= at.getTime() + settledMs;

const policiesOf = (reading: OrganizationReading | undefined): readonly ServiceControlPolicy[] => {
  if (!reading?.organization.known) return [];
  const { serviceControl } = reading.organization.value;
  return (serviceControl.known && serviceControl.value) || [];
};

/** Whether a reading began after a change; of a changed document, whether it was read anew since. */
const isIn = (reading: OrganizationReading, change: OrganizationChange): boolean => {
  const policy = policiesOf(reading).find(({ id }) => id === change.policyId);
  return isAfter(reading.readAt, change) && (policy === undefined || isAfter(policy.readAt, change));
};

/** What cannot be read is read anew from Organizations. */
const storedIn = async (store: OrganizationStore): Promise<OrganizationReading | undefined> => {
  try {
    return await store.latest();
  } catch (error) {
    if (error instanceof MalformedInputError) return undefined;
    throw error;
  }
};

/**
 * Reads the organization anew, unless the stored one was read after all of the changes. Documents of policies that no change
 * is about are not read again: of those calls Organizations answers two a second. The next sweep reads them all.
 * @throws UnderWayError if somebody reads it just now, or did within the last minutes
 * @throws ThrottledError | StoreError | OutOfTimeError
 */
export const refreshOrganization = async (
  { store, read, clock }: RefreshDependencies,
  changes: readonly OrganizationChange[],
): Promise<void> => {
  const before = await storedIn(store);
  if (before !== undefined && changes.every((change) => isIn(before, change))) return;
  if (!(await store.claim(clock())))
    throw new UnderWayError(`The organization is read anew at most every ${claimMinutes} minutes; it was a moment ago`);
  const changed = new Set(changes.map(({ policyId }) => policyId));
  const unchanged = policiesOf(before).filter(({ id, text }) => text.known && !changed.has(id));
  await store.put(await read({ unchanged: new Map(unchanged.map((policy) => [policy.id, policy])) }));
};
