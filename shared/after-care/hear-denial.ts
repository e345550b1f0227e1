import { controlById } from "../controls/catalogue.ts";
import { UnderWayError } from "../errors.ts";
import { changeFinding } from "../findings/change.ts";
import type { Finding } from "../findings/finding.ts";
import { denied, undoRefusal } from "../findings/repair-transition.ts";
import type { FindingStore } from "../findings/store.ts";
import { requireTold, type Telling, tell } from "../notify/tell.ts";
import type { RepairQueue } from "../remediation/queue.ts";
import type { Settings } from "../settings/settings.ts";
import type { Denial } from "./denial.ts";
import type { WatchStore } from "./watch-store.ts";

const autoUndoer = "iam-warden (autoUndo)";

/** Whether the undo was refused since the repair: another denial would only ask for what a person has to decide now. */
const isRefused = ({ history, repair }: Finding): boolean =>
  history.some(
    ({ what, reason, at }) =>
      what === "failed" && at >= (repair?.at ?? "") && reason?.startsWith(undoRefusal(autoUndoer)) === true,
  );

export interface AfterCareDependencies extends Telling {
  readonly store: FindingStore;
  readonly watches: WatchStore;
  readonly repairs: RepairQueue;
  readonly settings: Settings;
}

/**
 * Hears that AWS denied a principal something because of a boundary or a policy of its own: of one that was repaired in the
 * last 24 hours that is told on the finding, with how to undo the repair, once for each action; where the settings say so,
 * the undo of a boundary is asked for at once. Of any other principal it costs one read.
 * @param accountId the account whose event bus sent the record: what another account's records say of a principal is not
 *   believed, for the principal's own account has a record too
 * @throws DeliveryError if a notice or the undo could not be sent, UnderWayError while the repair is still being made: the
 *   event has to come again
 */
export const hearDenial = async (
  dependencies: AfterCareDependencies,
  { action, principal }: Denial,
  accountId: string,
): Promise<void> => {
  const { store, watches, repairs, settings, telemetry, clock } = dependencies;
  if (principal.accountId !== accountId) return;
  const told: Finding[] = [];
  let isUnderWay = false;
  for (const { findingId, remediationId } of await watches.of(principal, clock())) {
    const now = clock();
    const finding = await changeFinding(store, accountId, findingId, (one) =>
      one === undefined ? one : denied(one, { remediationId, action }, now),
    );
    if (finding?.repair?.remediationId !== remediationId) continue;
    // Its writes may stand before anybody has recorded that they do.
    if (finding.repair.state === "remediating") isUnderWay = true;
    if (finding.repair.state !== "repaired") continue;
    telemetry.count("DenialsAfterRepair");
    told.push(await tell(dependencies, finding, now));
    if (!settings.repairs.autoUndo || isMeantToDeny(finding) || isRefused(finding)) continue;
    const why = `Since the repair AWS denies ${principal.kind} ${principal.name} ${action}, and the settings undo that at once.`;
    // Sent again for each record until the repair is undone: an undo that is made already is left alone.
    await repairs.send({ kind: "undo", accountId, remediationId, by: autoUndoer, why, force: false });
  }
  requireTold(told);
  if (isUnderWay)
    throw new UnderWayError(
      `The repair of ${principal.kind} ${principal.name} is still being made; heard again later.`,
    );
};

/**
 * A repair that contains a violation is there to deny: undone by a denial, it would keep out nobody, and whoever it keeps out
 * could lift it.
 */
const isMeantToDeny = ({ control: id }: Finding): boolean => {
  const control = controlById(id);
  return control?.type !== "state" || control.repair === undefined || control.repair.contains !== undefined;
};
