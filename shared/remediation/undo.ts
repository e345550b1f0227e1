import { isDeepStrictEqual } from "node:util";
import { DriftError, IrreversibleError, MalformedInputError, NotYetVisibleError, UnderWayError } from "../errors.ts";
import { type AccountAccess, accountAccess } from "./account-access.ts";
import { type ExecutorDependencies, looks } from "./executor.ts";
import { perform } from "./perform.ts";
import type { RecordedStep, Remediation } from "./remediation.ts";
import { readSlot } from "./slots.ts";
import { driftOf, restoringWrite, standingOf } from "./standing.ts";
import { isIrreversible } from "./step.ts";

/** The longest that a function, hence a run of the executor, can last. */
const longestRunMs = 15 * 60_000;

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
 * is left alone. Killed on the way, another call completes it.
 * @throws DriftError if somebody has changed it since, and nobody forces it; also where there is nothing left to restore
 *   it on; IrreversibleError for what was deleted; UnderWayError while a run may still be at it; WriteRefusedError,
 *   AccessDeniedError; NotYetVisibleError | ThrottledError | StoreError | VersionConflictError: call it again
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
  const asked: Remediation = {
    ...found,
    // Who asked first is kept where this call only finishes that undo.
    undo: found.undo && !force ? found.undo : { by, why, askedAt, forced: force, drift },
    version: found.version + 1,
  };
  await store.put(asked);
  const writes = accountAccess(remediate, accountId);
  for (const recorded of touched.steps.toReversed()) {
    const write = restoringWrite(recorded);
    // Even what reads as restored is written: the read may be older than the repair.
    if (write) await perform(writes, write, recorded.before);
  }
  await seeRestored(dependencies, reads, touched.steps);
  const undone: Remediation = {
    ...asked,
    state: "undone",
    undoneAt: clock().toISOString(),
    version: asked.version + 1,
  };
  await store.put(undone);
  return undone;
};

/**
 * Finds out by live reads whether a remediation can be undone, as `undo` itself does first. Writes nothing.
 * @param force lets pass what has changed since, and is then given back
 * @throws DriftError, IrreversibleError, UnderWayError as `undo` does
 */
export const lookBeforeUndo = async (
  { store, clock }: Pick<ExecutorDependencies, "store" | "clock">,
  reads: AccountAccess,
  found: Remediation,
  force: boolean,
): Promise<{ readonly steps: readonly RecordedStep[]; readonly drift: readonly string[] }> => {
  const runningMs = clock().getTime() - Date.parse(found.startedAt);
  if (found.state === "intended" && runningMs < longestRunMs && !force)
    throw new UnderWayError(
      `${found.id} was begun at ${found.startedAt} and may still be running; try again in a while.`,
    );
  const touched = await touchedSteps(reads, found);
  const drift = [...touched.drift, ...(await laterRemediations(store, found))];
  if (drift.length > 0 && !force) throw new DriftError(drift);
  return { steps: touched.steps, drift };
};

/** The steps that have something to restore, and what stands in the way. */
const touchedSteps = async (
  reads: AccountAccess,
  { steps }: Remediation,
): Promise<{ readonly steps: readonly RecordedStep[]; readonly drift: readonly string[] }> => {
  const drift: string[] = [];
  const toRestore: RecordedStep[] = [];
  for (const recorded of steps) {
    const now = await readSlot(reads, recorded.step.before);
    const standing = standingOf(recorded, now);
    if (isIrreversible(recorded.step)) {
      if (standing !== "before") throw new IrreversibleError(recorded.step.irreversible);
      continue;
    }
    const beyond = beyondRestoring(recorded, now);
    if (beyond) throw new DriftError([driftOf(recorded, now)]);
    if (standing === "drifted") drift.push(driftOf(recorded, now));
    toRestore.push(recorded);
  }
  return { steps: toRestore, drift };
};

/** The user, role or key is gone, or another one has its name. */
const beyondRestoring = ({ before }: RecordedStep, now: RecordedStep["before"]): boolean => {
  if (now.kind === "gone") return true;
  if (now.kind === "accessKey") return now.status === null;
  if (now.kind === "userPolicy") return before.kind !== "userPolicy" || before.userId !== now.userId;
  return now.kind === "roleBoundary" && (before.kind !== "roleBoundary" || before.roleId !== now.roleId);
};

const laterRemediations = async (
  store: ExecutorDependencies["store"],
  { account, findingId, id }: Remediation,
): Promise<readonly string[]> =>
  (await store.ofFinding(account.id, findingId))
    .filter((one) => one.id > id && one.state !== "undone")
    .map((one) => `It was repaired again later: ${one.id}.`);

const seeRestored = async (
  { sleep }: ExecutorDependencies,
  reads: AccountAccess,
  steps: readonly RecordedStep[],
): Promise<void> => {
  for (const wait of looks) {
    if (wait > 0) await sleep(wait);
    const states = await Promise.all(steps.map(({ step }) => readSlot(reads, step.before)));
    if (states.every((now, index) => isDeepStrictEqual(now, steps[index]?.before))) return;
  }
  throw new NotYetVisibleError("What was restored cannot be seen yet.");
};
