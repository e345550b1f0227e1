import {
  AccessDeniedError,
  MalformedInputError,
  NotYetVisibleError,
  UndoUnfinishedError,
  type WardenError,
  WriteRefusedError,
} from "../errors.ts";
import { type AccountAccess, accountAccess } from "./account-access.ts";
import { lookBeforeUndo } from "./before-undo.ts";
import { type ExecutorDependencies, looks } from "./executor.ts";
import { perform } from "./perform.ts";
import type { RecordedStep, Remediation } from "./remediation.ts";
import { readSlot } from "./slots.ts";
import { isSameState, restoringWrite } from "./standing.ts";
import { isOwnTag } from "./step.ts";
import { inWords } from "./writes.ts";

export interface UndoRequest {
  readonly accountId: string;
  /** Of the remediation. */
  readonly id: string;
  readonly by: string;
  readonly why: string;
  /** Brings the before-image back whatever stands there now. */
  readonly force?: boolean;
}

/**
 * Brings back what stood there before a remediation, exactly, and records that and who wanted it. What was undone already
 * is left alone. Killed on the way, another call completes it. A tag that cannot be taken off keeps nothing else from it.
 * @throws DriftError if somebody has changed it since, and nobody forces it; also where there is nothing left to restore
 *   it on; IrreversibleError for what was deleted; UnderWayError while a run may still be at it; WriteRefusedError,
 *   AccessDeniedError, where nothing was given back, else UndoUnfinishedError; NotYetVisibleError | ThrottledError | StoreError | VersionConflictError: call it again
 */
export const undo = async (dependencies: ExecutorDependencies, request: UndoRequest): Promise<Remediation> => {
  const { audit, remediate, store, clock } = dependencies;
  const { accountId, id, by, why, force = false } = request;
  const found = await store.get(accountId, id);
  if (found === undefined) throw new MalformedInputError(`Account ${accountId} has no remediation ${id}.`);
  if (found.state === "undone") return found;
  const reads = accountAccess(audit, accountId);
  const touched = await lookBeforeUndo(dependencies, reads, found, force);
  const { drift } = touched;

  const askedAt = clock().toISOString();
  // Who asked first is kept where this call only finishes that undo.
  const asking = found.undo && !force ? found.undo : { by, why, askedAt, forced: force, drift };
  const asked: Remediation = { ...found, undo: asking, version: found.version + 1 };
  await store.put(asked);
  const writes = accountAccess(remediate, accountId);
  // Whatever becomes of a tag, what was taken away is given back first.
  const [tags = [], others = []] = [true, false].map((own) =>
    touched.steps.filter(({ step }) => isOwnTag(step) === own).toReversed(),
  );
  const { made, refusals } = await restore(writes, others);
  const [refused] = refusals;
  if (refused !== undefined && made.length === 0) throw refused;
  if (refused !== undefined)
    throw new UndoUnfinishedError(
      `It ${made.join(", and ")}. The rest was refused: ${refusals.map(({ message }) => message).join("; ")}`,
      { cause: refused },
    );
  const [left] = (await restore(writes, tags)).refusals;
  await seeRestored(dependencies, reads, left === undefined ? touched.steps : others);
  const undone: Remediation = {
    ...asked,
    undo: { ...asking, ...(left && { left: `${left.message}.` }) },
    state: "undone",
    undoneAt: clock().toISOString(),
    version: asked.version + 1,
  };
  await store.put(undone);
  return undone;
};

/** Makes as many of the restoring writes as nobody refuses: those that are made, in words, and what refused the others. */
const restore = async (
  writes: AccountAccess,
  steps: readonly RecordedStep[],
): Promise<{ readonly made: readonly string[]; readonly refusals: readonly WardenError[] }> => {
  const made: string[] = [];
  const refusals: WardenError[] = [];
  for (const recorded of steps) {
    const write = restoringWrite(recorded);
    if (write === undefined) continue;
    try {
      // Even what reads as restored is written: the read may be older than the repair.
      await perform(writes, write, recorded.before);
      made.push(inWords(write));
    } catch (error) {
      if (!(error instanceof AccessDeniedError || error instanceof WriteRefusedError)) throw error;
      refusals.push(error);
    }
  }
  return { made, refusals };
};

const seeRestored = async (
  { sleep }: ExecutorDependencies,
  reads: AccountAccess,
  steps: readonly RecordedStep[],
): Promise<void> => {
  for (const wait of looks) {
    if (wait > 0) await sleep(wait);
    const states = await Promise.all(steps.map(({ step }) => readSlot(reads, step.before)));
    const isRestored = ({ before }: RecordedStep, index: number) => {
      const now = states[index];
      return now !== undefined && isSameState(now, before);
    };
    if (steps.every(isRestored)) return;
  }
  throw new NotYetVisibleError("What was restored cannot be seen yet.");
};
