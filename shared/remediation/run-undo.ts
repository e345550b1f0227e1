import { messageOf, WardenError } from "../errors.ts";
import { changeFinding } from "../findings/change.ts";
import { undoRefusal, undoRefused } from "../findings/repair-transition.ts";
import { requireTold, tell } from "../notify/tell.ts";
import type { RepairDependencies } from "./dependencies.ts";
import type { RepairMessage } from "./queue.ts";
import { recordOutcome } from "./record-outcome.ts";
import { undo } from "./undo.ts";

/**
 * Undoes one remediation for whoever asked, and says so on its finding. What cannot be undone, because somebody changed it
 * since for one, is told with the reason; nothing is written then, and the repair stands as it stood.
 * @throws UnderWayError | NotYetVisibleError | ThrottledError | StoreError | DeliveryError and their like: the message has to
 *   come again
 */
export const runUndo = async (
  dependencies: RepairDependencies,
  message: Extract<RepairMessage, { readonly kind: "undo" }>,
): Promise<void> => {
  const { audit, remediate, remediations, store, telemetry, clock, sleep } = dependencies;
  const { accountId, remediationId, by, why, force } = message;
  const before = await remediations.get(accountId, remediationId);
  if (before === undefined) {
    telemetry.warn("There is no such remediation to undo", { account: accountId, remediation: remediationId });
    return;
  }
  const { account, findingId: id } = before;
  try {
    const executor = { audit, remediate, store: remediations, clock, sleep };
    const undone = await undo(executor, { accountId, id: remediationId, by, why, force });
    await recordOutcome(dependencies, { account, id }, undone);
  } catch (error) {
    if (!(error instanceof WardenError) || error.retryable) throw error;
    telemetry.error(`An undo was refused: ${messageOf(error)}`, {
      error,
      account: accountId,
      remediation: remediationId,
    });
    const refusal = `${undoRefusal(by)} ${error.message}`;
    await changeFinding(store, accountId, id, (finding) => finding && undoRefused(finding, refusal, clock()));
  }
  const finding = await store.get(accountId, id);
  if (finding !== undefined) requireTold([await tell(dependencies, finding, clock())]);
};
