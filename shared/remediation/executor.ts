import type { AwsAccess } from "../aws/access.ts";
import { AccessDeniedError, NotAuthorizedError, StaleFactsError, WriteRefusedError } from "../errors.ts";
import { type AccountAccess, accountAccess } from "./account-access.ts";
import { approvalMatches } from "./approval.ts";
import { type Authorization, isAuthorization } from "./authorization.ts";
import { isToBeTagged } from "./own-tags.ts";
import { perform } from "./perform.ts";
import { factsGoodForMs, type Prepared } from "./prepare.ts";
import { type RecordedStep, type Remediation, remediationId } from "./remediation.ts";
import { readSlot } from "./slots.ts";
import { driftOf, standingOf } from "./standing.ts";
import { isOwnTag } from "./step.ts";
import type { RemediationStore } from "./store.ts";
import { bind, readFacts } from "./subject-facts.ts";
import { inWords } from "./writes.ts";

export interface ExecutorDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  /** Writes, with the remediation role, which is assumed in the hub's own account too. */
  readonly remediate: AwsAccess;
  readonly store: RemediationStore;
  readonly clock: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Before each look at what was written: IAM shows a change within seconds. */
export const looks: readonly number[] = [0, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Makes an authorized repair: records the intent with its before-images, makes each step, sees by live reads that it
 * stands, and records what came of it. Whatever kills it on the way, another run over the same finding completes it:
 * no step is made twice to another effect, and nothing is written over what somebody else changed in between.
 * @returns the remediation, `verified` or `failed`
 * @throws NotAuthorizedError; StaleFactsError; VersionConflictError if another run is at it; ThrottledError | StoreError, after
 *   which the steps may have been made: run it again
 */
export const execute = async (
  dependencies: ExecutorDependencies,
  authorization: Authorization,
): Promise<Remediation> => {
  const { remediate, audit, store, clock } = dependencies;
  if (!isAuthorization(authorization)) throw new NotAuthorizedError("The interlocks gave no such authorization.");
  const { prepared } = authorization;
  const age = clock().getTime() - prepared.preparedAt.getTime();
  if (Math.abs(age) > factsGoodForMs)
    throw new StaleFactsError(`What was authorized was read ${Math.round(age / 1000)} s ago; read it again.`);

  const accountId = prepared.request.finding.account.id;
  const reads = accountAccess(audit, accountId);
  const writes = accountAccess(remediate, accountId);
  let current = begun(authorization, clock());
  await store.put(current);
  const save = async (changes: Partial<Remediation>): Promise<void> => {
    const next = { ...current, ...changes, version: current.version + 1 };
    await store.put(next);
    current = next;
  };
  const fail = async (failure: string): Promise<Remediation> => {
    await save({ state: "failed", failure, failedAt: clock().toISOString(), failures: current.failures + 1 });
    return current;
  };

  let untagged: string | undefined;
  for (const [index, recorded] of current.steps.entries()) {
    const refused = await applyStep(reads, writes, recorded);
    if (refused !== undefined && !isOwnTag(recorded.step)) return fail(`${refused}${standing(current.steps)}`);
    untagged = refused ?? untagged;
    const at = clock().toISOString();
    const steps =
      refused === undefined ? current.steps.with(index, { ...recorded, doneAt: recorded.doneAt ?? at }) : current.steps;
    const last = index === current.steps.length - 1;
    await save(last ? { steps, state: "applied", appliedAt: at } : { steps });
  }

  const done = current.steps.filter(({ doneAt }) => doneAt !== undefined);
  const seen = await verify(dependencies, reads, prepared, done);
  if (!seen.stands) return fail(seen.why);
  const { contained } = seen;
  const verification = untagged === undefined ? seen.why : `${seen.why} Its tag could not be set: ${untagged}`;
  await save({ state: "verified", verifiedAt: clock().toISOString(), verification, ...(contained && { contained }) });
  return current;
};

/** What of a repair that is not finished stands, as a sentence after another; nothing, if nothing does. */
const standing = (steps: readonly RecordedStep[]): string => {
  const made = steps.filter(({ doneAt }) => doneAt !== undefined).map(({ step }) => inWords(step.write));
  return made.length === 0 ? "" : ` Before that it ${made.join(", and ")}, which stands.`;
};

/** The record of the intent: of a first run, or of another one over what was not finished. */
const begun = ({ prepared, by, why }: Authorization, now: Date): Remediation => {
  const { request, resumes, stage, steps, number } = prepared;
  const { finding, approval } = request;
  const at = now.toISOString();
  if (resumes) {
    const { failure: _failure, failedAt: _failedAt, ...kept } = resumes;
    return { ...kept, state: "intended", startedAt: at, version: resumes.version + 1 };
  }
  return {
    id: remediationId(finding.id, number),
    account: finding.account,
    findingId: finding.id,
    control: finding.control,
    subject: finding.subject,
    stage,
    state: "intended",
    steps,
    by,
    why,
    ...(approval && approvalMatches(prepared) && { approvedBy: approval.by }),
    intendedAt: at,
    startedAt: at,
    failures: 0,
    version: 1,
  };
};

/** Makes one step, unless it stands already. Gives why it cannot be made, if IAM refuses it or somebody was there first. */
const applyStep = async (
  reads: AccountAccess,
  writes: AccountAccess,
  recorded: RecordedStep,
): Promise<string | undefined> => {
  try {
    const now = await readSlot(reads, recorded.step.before);
    const standing = standingOf(recorded, now);
    if (standing === "done") return undefined;
    if (standing === "drifted" && !isToBeTagged(recorded, now))
      return `Somebody else was at it: ${driftOf(recorded, now)}`;
    await perform(writes, recorded.step.write, recorded.before);
    return undefined;
  } catch (error) {
    if (error instanceof AccessDeniedError || error instanceof WriteRefusedError) return `${error.message}.`;
    throw error;
  }
};

interface Seen {
  readonly stands: boolean;
  readonly why: string;
  readonly contained?: true;
}

/** Looks until what was written stands and the control is content with it, or there is no use in looking any longer. */
const verify = async (
  { audit, clock, sleep }: ExecutorDependencies,
  reads: AccountAccess,
  { request, stage }: Prepared,
  steps: readonly RecordedStep[],
): Promise<Seen> => {
  const { finding, control, context } = request;
  const contains = stage === "repair" ? control.repair?.contains : undefined;
  const look = async (): Promise<Seen> => {
    for (const recorded of steps) {
      const now = await readSlot(reads, recorded.step.before);
      if (standingOf(recorded, now) !== "done")
        return { stands: false, why: `It was written but does not stand: ${driftOf(recorded, now)}` };
    }
    const facts = await readFacts(audit, finding.account, finding.subject, clock, control);
    if (facts === undefined) return { stands: true, why: `The ${finding.subject.kind} does not exist any more.` };
    const verdict = bind(control, facts, { ...context, now: clock() })?.evaluate();
    if (verdict === undefined) return { stands: false, why: "What it changed is not what its control judges." };
    if (verdict.outcome === "compliant") return { stands: true, why: "It complies." };
    if (verdict.outcome === "notApplicable") return { stands: true, why: verdict.reason };
    if (contains !== undefined) return { stands: true, why: contains, contained: true };
    return { stands: false, why: `After the repair, still: ${verdict.reason}` };
  };
  let seen: Seen = { stands: false, why: "" };
  for (const wait of looks) {
    if (wait > 0) await sleep(wait);
    try {
      seen = await look();
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      return { stands: false, why: `Whether it stands cannot be read: ${error.message}.` };
    }
    if (seen.stands) break;
  }
  return seen;
};
