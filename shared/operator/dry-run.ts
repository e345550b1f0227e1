import { controlById } from "../controls/catalogue.ts";
import type { Finding } from "../findings/finding.ts";
import { repairDue } from "../ladder/ladder.ts";
import { everyHold, type Hold } from "../remediation/authorization.ts";
import type { Loss } from "../remediation/blast-radius/boundary-losses.ts";
import { whomItTouches } from "../remediation/blast-radius/touches.ts";
import type { BreakerStore } from "../remediation/breaker-store.ts";
import { interlocksFor, isLeftToPeople, requestFor } from "../remediation/for-finding.ts";
import { type Approval, type Prepared, prepare } from "../remediation/prepare.ts";
import type { RecordedStep, SlotState, Stage } from "../remediation/remediation.ts";
import { afterStep, restoringWrite } from "../remediation/standing.ts";
import { isIrreversible } from "../remediation/step.ts";
import { inWords } from "../remediation/writes.ts";
import { resolve } from "../settings/resolve.ts";
import { changesOf } from "./changes.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { type FindingSummary, summaryOf } from "./summary.ts";

export interface PlannedStep {
  /** `attaches the permissions boundary … to role …` */
  readonly does: string;
  /** What undoing it would do; absent where nothing can. */
  readonly undo?: string;
  /** Why nothing can undo it. */
  readonly irreversible?: string;
  /** What of that it changes, a field each, where there are several: `minimumLength: 8 → 14`. */
  readonly changes?: readonly string[];
  /** Whom it touches, where nobody can tell beforehand: what is known of them, and what is not. */
  readonly touches?: string;
  /** What stands there now. */
  readonly before: SlotState;
}

/** What repairing a finding would do now, without doing it. */
export interface Plan {
  readonly finding: FindingSummary;
  readonly stage: Stage;
  /**
   * - ready: these are the steps; `holds` says what keeps them from being made
   * - inForce: a repair that contains the violation stands
   * - notViolating: live facts say that there is nothing to repair
   * - none: there is no plan, for the reason that `why` gives
   * - unknown: it could not be found out just now
   */
  readonly outcome: "ready" | "inForce" | "notViolating" | "none" | "unknown";
  readonly why?: string;
  readonly steps: readonly PlannedStep[];
  /** What an approval of exactly these steps has to name. */
  readonly digest?: string;
  /** Every interlock that holds it, not only the first; the breaker only as far as it has tripped. */
  readonly holds: readonly Hold[];
  /** What the role used, and a boundary would cut off, or may. */
  readonly losses: readonly Loss[];
  /** When the ladder comes to it; absent as long as nobody was warned, and where it never does. */
  readonly dueAt?: string;
}

/**
 * Plans the repair of a finding on live facts, with the audit role alone, and asks every interlock. It writes nothing, takes no
 * slot of a breaker, and tells nobody.
 * @param approval as if a person had given it; absent: the one that the finding has
 * @throws ThrottledError | StoreError
 */
export const dryRun = async (
  dependencies: OperatorDependencies,
  finding: Finding,
  stage: Stage,
  approval?: Approval,
): Promise<Plan> => {
  const { audit, remediations, clock } = dependencies;
  const now = clock();
  const base = { finding: summaryOf(finding, now), stage, steps: [], holds: [], losses: [] };
  const control = controlById(finding.control);
  if (control?.type !== "state") return { ...base, outcome: "none", why: `${finding.control} has no repair.` };
  const request = await requestFor(dependencies, finding, control, stage);
  if (request === undefined) {
    const why = `The settings turn ${finding.control} off for account ${finding.account.id}.`;
    return { ...base, outcome: "none", why };
  }
  // As if just approved: what waits for a person after an undo has to show what that person would approve.
  const asked: Approval = { by: "nobody", at: new Date(now.getTime() + 1), stage, digest: "" };
  const preparation = await prepare({ audit, store: remediations, clock }, { ...request, approval: asked });
  const due =
    stage === "final" ? finding.finishDueAt : repairDueAt(dependencies.settings, finding, request.finding.account);
  const dated = { ...base, ...(due !== undefined && { dueAt: due }) };
  if (preparation.outcome === "held") return { ...dated, outcome: "none", why: preparation.why };
  if (preparation.outcome === "underWay") return { ...dated, outcome: "unknown", why: preparation.why };
  if (preparation.outcome === "notViolating") return { ...dated, outcome: "notViolating", why: preparation.reason };
  if (preparation.outcome === "inForce") {
    const { id, verification } = preparation.remediation;
    return { ...dated, outcome: "inForce", why: `${id} stands. ${verification ?? ""}`.trim() };
  }
  const real = approval ?? request.approval;
  const { approval: _none, ...unapproved } = preparation.prepared.request;
  const prepared = { ...preparation.prepared, request: { ...unapproved, ...(real && { approval: real }) } };
  const losses: Loss[] = [];
  const interlocks = interlocksFor({ ...dependencies, breakers: untouched(dependencies.breakers) }, finding, {
    tellTrip: async () => {},
    tellLosses: async (_prepared, found) => {
      losses.push(...found);
    },
  });
  const holds = await everyHold(interlocks, prepared);
  const steps = prepared.steps.map((step) => planned(step, prepared.facts));
  return { ...dated, outcome: "ready", steps, digest: prepared.digest, holds, losses };
};

const planned = (recorded: RecordedStep, facts: Prepared["facts"]): PlannedStep => {
  const { step, before } = recorded;
  const restoring = restoringWrite(recorded);
  const touches = whomItTouches(step, facts);
  const changes = changesOf(before, afterStep(recorded));
  return {
    does: inWords(step.write),
    ...(restoring && { undo: inWords(restoring) }),
    ...(isIrreversible(step) && { irreversible: step.irreversible }),
    ...(changes.length > 0 && { changes }),
    ...(touches !== undefined && { touches }),
    before,
  };
};

/**
 * When the ladder repairs a finding; `undefined` as long as nobody was warned, where it never does, and where a repair stands.
 * @param account as the organization has it now
 */
export const repairDueAt = (
  settings: OperatorDependencies["settings"],
  finding: Finding,
  account: Finding["account"],
): string | undefined => {
  const isDone = finding.status !== "open" || finding.repair?.state === "repaired";
  if (isDone || isLeftToPeople(finding, "repair")) return undefined;
  const own = resolve(settings, finding.control, account);
  if (own?.mode !== "remediate") return undefined;
  return repairDue(own.ladder, finding, settings.repairs.remindBeforeHours)?.dueAt.toISOString();
};

/** Breakers that only say what has tripped: to look for room in them would trip those that have none. */
const untouched = (breakers: BreakerStore): BreakerStore => {
  const look: BreakerStore["look"] = async ({ window }) => {
    const trip = await breakers.tripOf(window);
    return trip ? { outcome: "tripped", trip } : { outcome: "room" };
  };
  const never = async (): Promise<never> => {
    throw new Error("A dry run takes no slot of a breaker.");
  };
  return {
    look,
    tripOf: (window) => breakers.tripOf(window),
    claimTelling: async () => false,
    take: never,
    markTold: never,
    resume: never,
  };
};
