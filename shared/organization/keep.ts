import { messageOf, WardenError } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";
import type { OrganizationReading } from "./organization.ts";
import type { OrganizationStore } from "./store.ts";

/**
 * Why what is unknown of an organization is. Of root's features one control alone wants to know, and says so where it cannot: an
 * organization need not let the hub look.
 */
const gapsOf = ({ organization }: OrganizationReading): readonly string[] => {
  if (!organization.known) return [organization.why];
  const { tree, serviceControl } = organization.value;
  return [tree, serviceControl].flatMap((fact) => (fact.known ? [] : [fact.why]));
};

/** So often it is read, where Organizations holds readings back or the table does not take one. */
const mostTries = 3;
const waitMs = 60_000;

/**
 * Stores what is read of the organization. It never fails: accounts are swept whether or not it could be read, by the reading
 * before, until that is too old to judge by.
 * @param leftMs how long it may still take
 */
export const keepOrganization = async (
  {
    store,
    telemetry,
    sleep,
  }: {
    readonly store: Pick<OrganizationStore, "put">;
    readonly telemetry: Telemetry;
    readonly sleep: (ms: number) => Promise<void>;
  },
  read: () => Promise<OrganizationReading>,
  leftMs: () => number,
): Promise<void> => {
  for (let tries = 1; ; tries++)
    try {
      const reading = await read();
      await store.put(reading);
      const unknown = gapsOf(reading);
      if (unknown.length === 0) return;
      telemetry.count("OrganizationNotRead");
      telemetry.error("Of the organization something could not be read: what rests on it is unknown", { unknown });
      return;
    } catch (error) {
      const isLater = error instanceof WardenError && error.retryable;
      if (isLater && tries < mostTries && leftMs() > 2 * waitMs) {
        telemetry.warn(`The organization is read again in a minute: ${messageOf(error)}`, { error });
        await sleep(waitMs);
        continue;
      }
      telemetry.count("OrganizationNotRead");
      telemetry.error(`The organization could not be read, or not be kept: ${messageOf(error)}`, { error });
      return;
    }
};
