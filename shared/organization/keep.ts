import { messageOf } from "../errors.ts";
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

/**
 * Stores what is read of the organization. It never fails: accounts are swept whether or not it could be read, by the reading
 * before, until that is too old to judge by.
 */
export const keepOrganization = async (
  { store, telemetry }: { readonly store: Pick<OrganizationStore, "put">; readonly telemetry: Telemetry },
  read: () => Promise<OrganizationReading>,
): Promise<void> => {
  try {
    const reading = await read();
    await store.put(reading);
    const unknown = gapsOf(reading);
    if (unknown.length === 0) return;
    telemetry.count("OrganizationNotRead");
    telemetry.error("Of the organization something could not be read: what rests on it is unknown", { unknown });
  } catch (error) {
    telemetry.count("OrganizationNotRead");
    telemetry.error(`The organization could not be read, or not be kept: ${messageOf(error)}`, { error });
  }
};
