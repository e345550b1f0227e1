import { messageOf } from "../errors.ts";
import { organizationChangeOf } from "../events/organization-changes.ts";
import type { IntakeDependencies } from "./dependencies.ts";
import type { ReceivedEvent } from "./receive.ts";

/** What does not come through by then is left to the next sweep, which has more time to read an organization. */
const mostTries = 3;

/**
 * Has the organization read anew if some of the events changed it.
 * @throws UnderWayError | ThrottledError | StoreError | OutOfTimeError, and whatever else another try may mend
 */
export const hearOrganization = async (
  {
    refreshOrganization,
    organization,
    telemetry,
  }: Pick<IntakeDependencies, "refreshOrganization" | "organization" | "telemetry">,
  events: readonly ReceivedEvent[],
): Promise<void> => {
  try {
    await refreshOrganization(events.flatMap(({ record }) => organizationChangeOf(record) ?? []));
    organization.outdate();
  } catch (error) {
    const isLast = events.every(({ message }) => Number(message.attributes.ApproximateReceiveCount) >= mostTries);
    if (!isLast) throw error;
    telemetry.count("OrganizationOutdated");
    telemetry.error(`A change of the organization is left to the next sweep: ${messageOf(error)}`, { error });
  }
};
