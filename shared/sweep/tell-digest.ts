import { messageOf } from "../errors.ts";
import type { FindingStore } from "../findings/store.ts";
import { deliverDigest, deliverUndelivered } from "../notify/deliver.ts";
import { type Notifier, total } from "../notify/notice.ts";
import type { Telemetry } from "../telemetry.ts";
import type { SweepPlan } from "./list.ts";

export interface DigestDependencies {
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/**
 * Tells the one digest of a sweep run, then whatever else is still to be told.
 * @throws DeliveryError if something could not be told: it stays pending
 */
export const tellDigest = async (dependencies: DigestDependencies, { runId, accounts }: SweepPlan): Promise<void> => {
  const { store, notifier, telemetry, clock } = dependencies;
  try {
    const { news, resolved, coverage } = await deliverDigest(store, notifier, runId, {
      now: clock(),
      expected: accounts,
    });
    const { swept, unknownVerdicts } = coverage;
    const unswept = coverage.failed.length + coverage.missing.length;
    telemetry.info("Told a digest", { runId, news: total(news), resolved, swept, unswept, unknownVerdicts });
    const { told } = await deliverUndelivered(store, notifier, { now: clock() });
    if (told > 0) telemetry.info("Told notices that had been left over", { told });
  } catch (error) {
    telemetry.count("NotificationsFailed");
    telemetry.error(`A digest or a notice was not published: ${messageOf(error)}`, { error, runId });
    throw error;
  }
};
