import type { PasswordPolicyFacts } from "../facts/facts.ts";
import type { AccountRef, Subject } from "../subject.ts";
import type { AnyStep, KeyStatus } from "./step.ts";

/**
 * What stood at a step's slot, as JSON. The unique id of a user or role tells it from a later one of the same name; `null`
 * says that nothing stood there, `gone` that there is nothing it could stand on.
 */
export type SlotState =
  | { readonly kind: "userPolicy"; readonly userId: string; readonly document: string | null }
  | { readonly kind: "accessKey"; readonly status: KeyStatus | null }
  | { readonly kind: "roleBoundary"; readonly roleId: string; readonly boundaryArn: string | null }
  | { readonly kind: "rolePolicy"; readonly roleId: string; readonly document: string | null }
  | { readonly kind: "roleTag"; readonly roleId: string; readonly value: string | null }
  /** A role always has one. */
  | { readonly kind: "trustPolicy"; readonly roleId: string; readonly document: string }
  | { readonly kind: "passwordPolicy"; readonly policy: PasswordPolicyFacts | null }
  /** `other`: one of that name that iam-warden did not make. */
  | { readonly kind: "analyzer"; readonly made: "none" | "own" | "other" }
  | {
      readonly kind: "rootAccessKeys";
      /** Ordered by id. */
      readonly keys: readonly { readonly id: string; readonly status: KeyStatus; readonly createdAt: string }[];
    }
  | { readonly kind: "rootPassword"; readonly present: boolean }
  | { readonly kind: "gone"; readonly what: string };

/** A step with what stood at its slot before anything was written. */
export interface RecordedStep {
  readonly step: AnyStep;
  readonly before: SlotState;
  /** Of a boundary that is attached: which policy it was and its default version, which say what it allows. */
  readonly boundary?: { readonly policyId: string; readonly versionId: string };
  /** When it was seen to be done, or its write was answered. */
  readonly doneAt?: string;
}

/** `repair` is the control's `plan`, `final` its `finalPlan`. */
export const stages = ["repair", "final"] as const;
export type Stage = (typeof stages)[number];

/**
 * - intended: recorded; any of its steps may have been written
 * - applied: every write was answered; not yet seen to stand
 * - verified: read again, and the control says so too (or the violation is contained)
 * - failed: `failure` says why; some steps may be done
 * - undone: the before-images stand again
 */
export const remediationStates = ["intended", "applied", "verified", "failed", "undone"] as const;
export type RemediationState = (typeof remediationStates)[number];

/** One application of a plan to a finding, from its intent on. All times are ISO 8601 in UTC. */
export interface Remediation {
  /** The finding's id and a number that counts up, `3f…-0001`. */
  readonly id: string;
  readonly account: AccountRef;
  readonly findingId: string;
  readonly control: string;
  readonly subject: Subject;
  readonly stage: Stage;
  readonly state: RemediationState;
  readonly steps: readonly RecordedStep[];
  /** Who let it happen and why. */
  readonly by: string;
  readonly why: string;
  /** Who approved it, where it had to be approved. */
  readonly approvedBy?: string;
  readonly intendedAt: string;
  /** When the last run began: until it is over, nobody else undoes what it may still be doing. */
  readonly startedAt: string;
  readonly appliedAt?: string;
  readonly verifiedAt?: string;
  /** What verifying found, as a sentence. */
  readonly verification?: string;
  /** Verified, and the violation is there still: the repair only makes it harmless. */
  readonly contained?: true;
  readonly failedAt?: string;
  readonly failure?: string;
  /** How often it failed. */
  readonly failures: number;
  /** Asked for before it is done, so that nobody repairs again in between. */
  readonly undo?: {
    readonly by: string;
    readonly why: string;
    readonly askedAt: string;
    readonly forced: boolean;
    /** What had changed since, where it was forced. */
    readonly drift: readonly string[];
    /** Why its tag could not be taken off, as a sentence: what was taken away is given back all the same. */
    readonly left?: string;
  };
  readonly undoneAt?: string;
  /** Since when nothing of it can be undone or go on: what the finding is about was finished for good, by this one or a later. */
  readonly overAt?: string;
  /** Grows by one with each write. */
  readonly version: number;
}

/** The longest that a function, hence a run of the executor, can last. */
export const longestRunMs = 15 * 60_000;

/** Why nobody else may be at a remediation yet: the run that began it may still be about to write. As a sentence. */
export const whyUnderWay = ({ id, state, startedAt }: Remediation, now: Date): string | undefined =>
  state === "intended" && now.getTime() - Date.parse(startedAt) < longestRunMs
    ? `${id} was begun at ${startedAt} and may still be running; try again in a while.`
    : undefined;

/** Ordered ids: those of one finding count up. */
export const remediationId = (findingId: string, number: number): string =>
  `${findingId}-${String(number).padStart(4, "0")}`;

export const numberOf = (remediation: Remediation): number =>
  Number(remediation.id.slice(remediation.id.lastIndexOf("-") + 1));

/** The id of the finding that it is for. */
export const findingIdOf = (id: Remediation["id"]): string => id.slice(0, Math.max(0, id.lastIndexOf("-")));
