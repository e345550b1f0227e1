import { messageOf } from "../errors.ts";
import type { FindingStore } from "../findings/store.ts";
import { deliverDigest, deliverUndelivered } from "../notify/deliver.ts";
import { type Notifier, toldIn, total } from "../notify/notice.ts";
import type { Telemetry } from "../telemetry.ts";
import { within } from "../within.ts";
import type { SweepPlan } from "./plan.ts";
import { resolveDeparted } from "./resolve-departed.ts";

export interface DigestDependencies {
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
  /** Where the run's report will be. Absent: it has none. */
  readonly reportOf?: (runId: string) => string;
}

/** Time that is kept back to answer: a function that is cut off after its digest was told would tell it again. */
const marginMs = 20_000;

/**
 * Resolves what is open where the run found no member any more, tells the one digest of the run, then whatever else is still to be told. What of that cannot be told stays pending, and
 * is no failure of the digest: telling it again would not mend it, only tell the digest again.
 * @param remainingMs how long it may still take
 * @throws DeliveryError if the digest could not be told: what it should have told stays pending
 */
export const tellDigest = async (
  dependencies: DigestDependencies,
  plan: SweepPlan,
  remainingMs: () => number,
): Promise<void> => {
  const { store, notifier, telemetry, clock } = dependencies;
  const { runId, accounts } = plan;
  const departed = await resolveDeparted(dependencies, plan);
  try {
    const { news, resolved, coverage } = await deliverDigest(store, notifier, runId, {
      now: clock(),
      expected: accounts,
      departed,
      report: dependencies.reportOf?.(runId),
    });
    for (const { account, error } of coverage.unreadable) {
      telemetry.count("FindingsUnreadable");
      telemetry.error(`The findings of an account cannot be read: ${error}`, { account: account.id, runId });
    }
    for (const { account, error } of coverage.failed.filter(({ isUnreadable }) => isUnreadable)) {
      telemetry.count("SweepsUnreadable");
      telemetry.error(`An account counts as not swept: ${error}`, { account: account.id, runId });
    }
    const { swept, unknownVerdicts } = coverage;
    const unswept = coverage.failed.length + coverage.missing.length;
    telemetry.count("AccountsSwept", swept);
    telemetry.count("AccountsUnswept", unswept);
    telemetry.info("Told a digest", { runId, news: total(news), resolved, swept, unswept, unknownVerdicts });
  } catch (error) {
    telemetry.count("NotificationsFailed");
    telemetry.error(`A digest was not published: ${messageOf(error)}`, { error, runId });
    throw error;
  }
  // What fails is logged and counted, and what is not told in time is the hourly run's, as all of that is.
  await within(remainingMs() - marginMs, () => tellLeftOver(dependencies)).catch(() => undefined);
};

/**
 * Tells what could not be told when it was due: single notices, and what a digest should have told more than six hours ago.
 * @throws DeliveryError if something still could not be told: it stays pending
 */
export const tellLeftOver = async ({ store, notifier, telemetry, clock }: DigestDependencies): Promise<void> => {
  try {
    const { told, digest } = await deliverUndelivered(store, notifier, { now: clock() });
    const late = digest === undefined ? 0 : toldIn(digest);
    if (told + late > 0) telemetry.info("Told notices that had been left over", { told, late });
  } catch (error) {
    telemetry.count("NotificationsFailed");
    telemetry.error(`Notices that had been left over were not published: ${messageOf(error)}`, { error });
    throw error;
  }
};
