import { DriftError, IrreversibleError, UnderWayError } from "../errors.ts";
import type { AccountAccess } from "./account-access.ts";
import { isToBeUntagged } from "./own-tags.ts";
import { type RecordedStep, type Remediation, whyUnderWay } from "./remediation.ts";
import { readSlot } from "./slots.ts";
import { driftOf, standingOf } from "./standing.ts";
import { isIrreversible, isOwnTag } from "./step.ts";
import type { RemediationStore } from "./store.ts";

/**
 * Finds out by live reads whether a remediation can be undone, as `undo` itself does first. Writes nothing.
 * @param force lets pass what has changed since, and is then given back
 * @throws DriftError, IrreversibleError, UnderWayError as `undo` does
 */
export const lookBeforeUndo = async (
  { store, clock }: { readonly store: RemediationStore; readonly clock: () => Date },
  reads: AccountAccess,
  found: Remediation,
  force: boolean,
): Promise<{ readonly steps: readonly RecordedStep[]; readonly drift: readonly string[] }> => {
  const underWay = whyUnderWay(found, clock());
  if (underWay !== undefined && !force) throw new UnderWayError(underWay);
  const touched = await touchedSteps(reads, found, { force, isOver: underWay === undefined });
  const drift = [...touched.drift, ...(await laterRemediations(store, reads, found, clock()))];
  if (drift.length > 0 && !force) throw new DriftError(drift);
  return { steps: touched.steps, drift };
};

/** The steps that have something to restore, and what stands in the way. */
const touchedSteps = async (
  reads: AccountAccess,
  { steps }: Remediation,
  { force, isOver }: { readonly force: boolean; readonly isOver: boolean },
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
    if (isOwnTag(recorded.step)) {
      if (isToBeUntagged(recorded, now, standing, force)) toRestore.push(recorded);
      continue;
    }
    // Never made, or refused: a run that is over wrote it too long ago for a read not to show it. What refused it may refuse this.
    if (isOver && standing === "before" && recorded.doneAt === undefined) continue;
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
  if (now.kind === "analyzer") return now.made === "other";
  if (now.kind === "accessKey") return now.status === null;
  if (now.kind === "userPolicy") return before.kind !== "userPolicy" || before.userId !== now.userId;
  if (now.kind === "trustPolicy") return before.kind !== "trustPolicy" || before.roleId !== now.roleId;
  if (now.kind === "rolePolicy") return before.kind !== "rolePolicy" || before.roleId !== now.roleId;
  return now.kind === "roleBoundary" && (before.kind !== "roleBoundary" || before.roleId !== now.roleId);
};

const laterRemediations = async (
  store: RemediationStore,
  reads: AccountAccess,
  { account, findingId, id }: Remediation,
  now: Date,
): Promise<readonly string[]> => {
  const later: string[] = [];
  for (const one of await store.ofFinding(account.id, findingId)) {
    if (one.id <= id || one.state === "undone" || (await wroteNothing(reads, one, now))) continue;
    later.push(`It was repaired again later: ${one.id}.`);
  }
  return later;
};

/** A run that was killed before its first write, and cannot be at it any more. */
const wroteNothing = async (reads: AccountAccess, one: Remediation, now: Date): Promise<boolean> => {
  if (one.state !== "intended" || whyUnderWay(one, now) !== undefined) return false;
  for (const recorded of one.steps.filter(({ step }) => !isOwnTag(step))) {
    if (recorded.doneAt !== undefined) return false;
    if (standingOf(recorded, await readSlot(reads, recorded.step.before)) !== "before") return false;
  }
  return true;
};
