import { messageOf, UndoUnfinishedError, WardenError } from "../errors.ts";
import { changeFinding } from "../findings/change.ts";
import { undoRefusal, undoRefused } from "../findings/repair-transition.ts";
import { requireTold, tell } from "../notify/tell.ts";
import type { RepairDependencies } from "./dependencies.ts";
import type { RepairMessage } from "./queue.ts";
import { recordOutcome } from "./record-outcome.ts";
import { findingIdOf } from "./remediation.ts";
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
    const begins = error instanceof UndoUnfinishedError ? undoHalfDone(by) : undoRefusal(by);
    const refusal = `${begins} ${error.message}`;
    await changeFinding(store, accountId, id, (finding) => finding && undoRefused(finding, refusal, clock()));
  }
  const finding = await store.get(accountId, id);
  if (finding !== undefined) requireTold([await tell(dependencies, finding, clock())]);
};

const undoHalfDone = (by: string): string =>
  `The undo that ${by} asked for is half done, and can be asked for again once nothing refuses it.`;

/** Tells that an undo was tried as often as its message came, and is not done: some of it may be. */
export const undoGivenUp = async (
  dependencies: RepairDependencies,
  { accountId, remediationId, by }: Extract<RepairMessage, { readonly kind: "undo" }>,
  error: unknown,
): Promise<void> => {
  const { store, clock } = dependencies;
  const why = `The undo that ${by} asked for is not done, and is not tried again unless somebody asks for it: ${messageOf(error)}`;
  const finding = await changeFinding(
    store,
    accountId,
    findingIdOf(remediationId),
    (one) => one && undoRefused(one, why, clock()),
  );
  if (finding !== undefined) await tell(dependencies, finding, clock());
};
