import { messageOf } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";
import type { OrganizationReading } from "./organization.ts";
import type { OrganizationStore } from "./store.ts";

/**
 * Stores what is read of the organization. It never fails: accounts are swept whether or not it could be read, by the reading
 * before, until that is too old to judge by.
 */
export const keepOrganization = async (
  { store, telemetry }: { readonly store: Pick<OrganizationStore, "put">; readonly telemetry: Telemetry },
  read: () => Promise<OrganizationReading>,
): Promise<void> => {
  try {
    await store.put(await read());
  } catch (error) {
    telemetry.count("OrganizationNotRead");
    telemetry.error(`The organization could not be read, or not be kept: ${messageOf(error)}`, { error });
  }
};
