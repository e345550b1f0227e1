import { DeliveryError, messageOf } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { FindingStore } from "../findings/store.ts";
import type { Telemetry } from "../telemetry.ts";
import { deliverFinding } from "./deliver.ts";
import type { Notifier } from "./notice.ts";

export interface Telling {
  readonly store: FindingStore;
  readonly notifier: Notifier;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/**
 * Counts what became of a finding at `now`, and delivers what is to be told of it singly. A notice that cannot be
 * published is logged and counted, and stays in the finding's outbox: judging goes on, and the next delivery of what is
 * left over tells it. Gives back the finding as it then is.
 */
export const tell = async (telling: Telling, finding: Finding, now: Date): Promise<Finding> => {
  const { store, notifier, telemetry, clock } = telling;
  const latest = finding.history.at(-1);
  if (latest?.at === now.toISOString()) {
    if (latest.what === "opened" || latest.what === "reopened") telemetry.count("FindingsOpened");
    if (latest.what === "resolved") telemetry.count("FindingsResolved");
  }
  if (!isDueNow(finding)) return finding;
  try {
    return await deliverFinding(store, notifier, finding, { now: clock() });
  } catch (error) {
    telemetry.count("NotificationsFailed");
    telemetry.error(`A notice was not published: ${messageOf(error)}`, {
      error,
      account: finding.account.id,
      control: finding.control,
      finding: finding.id,
    });
    return finding;
  }
};

const isDueNow = ({ outbox }: Finding): boolean => outbox.some(({ delivery }) => delivery === "single");

/**
 * @throws DeliveryError if one of the findings, as `tell` gave them back, still has something to be told at once: whoever
 * delivered the work delivers it again, and its second judgement finds the notice in the outbox
 */
export const requireTold = (findings: readonly Finding[]): void => {
  const untold = findings.filter(isDueNow);
  if (untold.length > 0)
    throw new DeliveryError(`Notices that could not be told yet: ${untold.length}, first of finding ${untold[0]?.id}`, {
      isKept: true,
    });
};
