import type { AwsAccess } from "../aws/access.ts";
import { isRefusal } from "../aws/errors.ts";
import type { AnyStateControl, PlanContext, Verdict } from "../control.ts";
import { messageOf, WardenError } from "../errors.ts";
import type { AnyFacts } from "../facts/facts.ts";
import type { Finding } from "../findings/finding.ts";
import type { SubjectRef } from "../subject.ts";
import { accountAccess } from "./account-access.ts";
import { capture } from "./capture.ts";
import { changedSince } from "./changed-since.ts";
import { digestOf } from "./digest.ts";
import { beneathOwnTags } from "./own-tags.ts";
import { numberOf, type RecordedStep, type Remediation, type Stage, whyUnderWay } from "./remediation.ts";
import { readSlot } from "./slots.ts";
import { standingOf } from "./standing.ts";
import { isOwnTag } from "./step.ts";
import type { RemediationStore } from "./store.ts";
import { bind, readFacts } from "./subject-facts.ts";

/**
 * What a person decided about a finding: irreversible steps, and another try after an undo or failures, wait for it. What
 * it is good for `approvalMatches` says.
 */
export interface Approval {
  readonly by: string;
  readonly at: Date;
  readonly stage: Stage;
  /** The `digest` of what was approved: an approval is void when the facts or the plan change. */
  readonly digest: string;
}

/** A finding to be repaired, with the control that made it and what the settings say for its account. */
export interface RepairRequest {
  readonly finding: Pick<Finding, "id" | "account" | "control" | "subject">;
  readonly control: AnyStateControl;
  readonly context: PlanContext<never>;
  /** Absent: `repair`. */
  readonly stage?: Stage;
  readonly approval?: Approval;
}

/** A plan on live facts, with the before-image of each step: everything that interlocks, a dry run or an approval need. */
export interface Prepared {
  readonly request: RepairRequest;
  readonly stage: Stage;
  /** Absent where the subject is gone, as it may be where an earlier run has deleted it. */
  readonly facts?: AnyFacts;
  readonly verdict?: Verdict;
  readonly steps: readonly RecordedStep[];
  /** An earlier run of the same that was not finished: it is completed, with its steps and before-images. */
  readonly resumes?: Remediation;
  /** The number of the remediation that this becomes. */
  readonly number: number;
  /** See `digestOf`. */
  readonly digest: string;
  readonly preparedAt: Date;
  /** Why it had stopped until a person approved something later: that has to be this very plan. */
  readonly stopped?: string;
}

/** Live facts are good for so long; then they have to be read again before anything is written. */
export const factsGoodForMs = 5 * 60_000;

export type Preparation =
  | { readonly outcome: "ready"; readonly prepared: Prepared }
  /** A repair that contains the violation stands as it was made. */
  | { readonly outcome: "inForce"; readonly remediation: Remediation }
  /** Live facts say that there is nothing to repair. */
  | { readonly outcome: "notViolating"; readonly reason: string }
  /** Another run may be about to write: what it leaves can be taken up when it cannot be at it any more. */
  | { readonly outcome: "underWay"; readonly why: string }
  /** Only a person can go on. */
  | { readonly outcome: "held"; readonly why: string };

export interface PrepareDependencies {
  /** Reads, with the audit role. */
  readonly audit: AwsAccess;
  readonly store: RemediationStore;
  readonly clock: () => Date;
}

/** That there is no such subject any more, as a sentence. */
export const goneText = ({ kind, name }: SubjectRef): string => `The ${kind} ${name} does not exist any more.`;

/** After so many failures a person has to look. */
const maxFailures = 3;

const held = (why: string): Preparation => ({ outcome: "held", why });

/**
 * Finds out by live reads what repairing a finding would do, or why it is not to be done now. Writes nothing: this is the
 * dry run. A read that is denied or refused, or whose answer cannot be understood, holds the repair.
 * @throws ThrottledError | StoreError
 */
export const prepare = async (dependencies: PrepareDependencies, request: RepairRequest): Promise<Preparation> => {
  try {
    return await prepared(dependencies, request);
  } catch (error) {
    const isFinal = error instanceof WardenError ? !error.retryable : isRefusal(error);
    if (!isFinal) throw error;
    return held(
      `What it would change cannot be read: ${error instanceof WardenError ? error.message : messageOf(error)}`,
    );
  }
};

const prepared = async (dependencies: PrepareDependencies, request: RepairRequest): Promise<Preparation> => {
  const { audit, store, clock } = dependencies;
  const { finding, control, stage = "repair", approval } = request;
  if (control.id !== finding.control) return held(`The finding is one of ${finding.control}, not of ${control.id}.`);
  if (!control.repair) return held(`${control.id} has no repair.`);
  if (finding.subject.kind === "accessKey" && finding.subject.accessKeyId === undefined)
    return held("The finding does not say which access key it is about.");

  const all = await store.ofFinding(finding.account.id, finding.id);
  const preparedAt = clock();
  const underWay = all.map((one) => whyUnderWay(one, preparedAt)).find((why) => why !== undefined);
  if (underWay !== undefined) return { outcome: "underWay", why: underWay };
  const access = accountAccess(audit, finding.account.id);
  const facts = await readFacts(audit, finding.account, finding.subject, clock, control);
  const latest = all.findLast((one) => one.stage === stage && !isOfAnother(one, facts));
  const stop = latest && stopOf(latest);
  if (stop && !lifts(approval, stage, stop)) return held(stop.why);
  const judged = facts && bind(control, facts, { ...request.context, now: preparedAt });
  const verdict = judged?.evaluate();

  const ready = (steps: readonly RecordedStep[], resumes?: Remediation): Preparation => {
    const last = all.at(-1);
    // Not as many as there are: earlier ones may be forgotten already.
    const number = resumes ? numberOf(resumes) : (last ? numberOf(last) : 0) + 1;
    const one = { request, stage, steps, number, digest: digestOf(steps), preparedAt };
    return {
      outcome: "ready",
      prepared: {
        ...one,
        ...(facts && { facts }),
        ...(verdict && { verdict }),
        ...(resumes && { resumes }),
        ...(stop && { stopped: stop.why }),
      },
    };
  };

  /** A run that was not finished and of which nothing stands: it goes on only as what would be planned now. */
  let unwritten: Remediation | undefined;
  if (latest && latest.state !== "undone") {
    const standings = await Promise.all(
      latest.steps
        .filter(({ step }) => !isOwnTag(step))
        .map(async (step) => standingOf(step, await readSlot(access, step.step.before))),
    );
    const asLeft = standings.every((one) => one === "done");
    if (latest.state === "verified") {
      if (asLeft && control.repair.contains !== undefined && verdict?.outcome === "violation")
        return { outcome: "inForce", remediation: latest };
    } else if (!standings.includes("drifted")) {
      if (standings.some((one) => one !== "before")) return ready(latest.steps, latest);
      unwritten = latest;
    }
  }

  if (facts === undefined || judged === undefined || verdict === undefined)
    return { outcome: "notViolating", reason: goneText(finding.subject) };
  if (verdict.outcome === "unknown") return held(verdict.reason);
  if (stage === "repair" && verdict.outcome !== "violation") {
    return { outcome: "notViolating", reason: verdict.outcome === "compliant" ? "It complies." : verdict.reason };
  }
  const plan = judged.plan(stage, finding.id);
  if (plan === undefined) return held(`${control.id} has no final plan.`);
  if ("held" in plan) return held(plan.held);
  const steps: RecordedStep[] = [];
  for (const step of plan.steps) {
    const captured = await capture(access, step);
    if (typeof captured === "string") return held(captured);
    const changed = changedSince(facts, captured.before);
    if (changed !== undefined) return held(changed);
    steps.push(beneathOwnTags(captured, all));
  }
  return unwritten !== undefined && digestOf(unwritten.steps) === digestOf(steps)
    ? ready(unwritten.steps, unwritten)
    : ready(steps);
};

interface Stop {
  readonly why: string;
  /** A person's later approval lifts it; absent: nothing does. */
  readonly since?: string;
}

/** Whether a remediation was of an earlier user or role of the same name. */
const isOfAnother = ({ steps }: Remediation, facts: AnyFacts | undefined): boolean =>
  steps.some(({ before }) => {
    if (before.kind === "userPolicy") return facts?.kind === "user" && before.userId !== facts.id;
    return "roleId" in before && facts?.kind === "role" && before.roleId !== facts.id;
  });

/** Why a finding is not repaired again by itself. */
const stopOf = (latest: Remediation): Stop | undefined => {
  if (latest.undo !== undefined && latest.state !== "undone") {
    return { why: `${latest.undo.by} is undoing ${latest.id}; the undo has to be finished first.` };
  }
  if (latest.undoneAt !== undefined) {
    const why = `${latest.undo?.by ?? "Somebody"} undid ${latest.id} at ${latest.undoneAt}; it waits for a person.`;
    return { why, since: latest.undoneAt };
  }
  if (latest.state === "failed" && latest.failures >= maxFailures) {
    const why = `${latest.id} failed ${latest.failures} times, at last: ${latest.failure} It waits for a person.`;
    return { why, ...(latest.failedAt !== undefined && { since: latest.failedAt }) };
  }
  return undefined;
};

/** Whether there is an approval that may lift a stop: which plan it is of only shows once that has been read. */
const lifts = (approval: Approval | undefined, stage: Stage, { since }: Stop): boolean =>
  approval !== undefined &&
  since !== undefined &&
  approval.stage === stage &&
  approval.at.getTime() > Date.parse(since);
