import { VersionConflictError } from "../errors.ts";
import { readableExemptions } from "../exemptions/excused.ts";
import { announced, isExpiring } from "../exemptions/exemption.ts";
import type { EscalationDependencies } from "./dependencies.ts";
import { eachOf } from "./each-of.ts";

/**
 * Announces exemptions that end within seven days, once each. It is told first and noted then: a run that dies in between
 * tells it again.
 * @throws DeliveryError if one could not be told, once all were tried
 */
export const announceExemptions = async ({
  exemptions,
  notifier,
  telemetry,
  clock,
}: EscalationDependencies): Promise<void> => {
  const all = await readableExemptions(exemptions, telemetry);
  const expiring = all.filter((exemption) => isExpiring(exemption, clock()));
  await eachOf(expiring, async (exemption) => {
    await notifier.publish({ kind: "exemptionExpiring", exemption });
    try {
      await exemptions.put(announced(exemption, clock()));
    } catch (error) {
      // Somebody ended it meanwhile; that it is over needs no announcement.
      if (!(error instanceof VersionConflictError)) throw error;
    }
  });
};
