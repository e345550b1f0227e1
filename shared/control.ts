import * as z from "zod";
import type { CloudTrailRecord } from "./events/record.ts";
import type { CredentialPart, Fact, FactsByKind, Neighbours } from "./facts/facts.ts";
import type { OrganizationView } from "./organization/view.ts";
import type { AnyPlan, Plan, WriteName } from "./remediation/step.ts";
import type { Subject, SubjectKind } from "./subject.ts";

/** Ordered from worst to least. */
export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/**
 * What the verdict rests on: plain JSON, dates as ISO 8601 in UTC, numbers with their unit in the name, keys in a fixed
 * order. It holds no ages: as long as nothing happens to the subject it stays the same, while a reason may count days.
 */
export type Evidence = Readonly<Record<string, Json>>;

/**
 * What a control says of one subject. A failed read is `unknown`, never `compliant`. The `cause` of an unknown verdict
 * names no subject and no report's time: a report on coverage counts the verdicts that have the same.
 */
export type Verdict =
  | { readonly outcome: "compliant" }
  /** `severity` where it is not the control's own. */
  | {
      readonly outcome: "violation";
      readonly reason: string;
      readonly evidence: Evidence;
      readonly severity?: Severity;
    }
  | { readonly outcome: "unknown"; readonly reason: string; readonly cause: string }
  | { readonly outcome: "notApplicable"; readonly reason: string };

export const compliant: Verdict = { outcome: "compliant" };
/** @param severity where this violation is worse, or less bad, than what the control is mostly about */
export const violation = (reason: string, evidence: Evidence, severity?: Severity): Verdict => ({
  outcome: "violation",
  reason,
  evidence,
  ...(severity !== undefined && { severity }),
});
/** `why` names no subject: it ends the verdict's reason and is, without the time of a report, its cause. */
export const unknown = (what: string, why?: string): Verdict => ({
  outcome: "unknown",
  reason: why === undefined ? what : `${what}: ${why}`,
  cause: (why ?? what).replace(reportTime, ""),
});
/** Each account's credential report has its own: with it, nothing that two accounts lack would have the same cause. */
const reportTime = /(?<=\bthe credential report) of \d{4}-\d\d-\d\dT[\d:.]+Z/g;
export const notApplicable = (reason: string): Verdict => ({ outcome: "notApplicable", reason });

export interface Frameworks {
  /** CIS AWS Foundations Benchmark: version to recommendation number. */
  readonly cis?: Readonly<Record<string, string>>;
  /** AWS Security Hub CSPM control, e.g. `IAM.5`. */
  readonly securityHub?: string;
  /** NIST SP 800-53 revision 5, only where the mapping is sure. */
  readonly nist?: readonly string[];
}

export interface Guidance {
  /** The bad state in a sentence or two. */
  readonly what: string;
  /** What an attacker or an accident makes of it. */
  readonly why: string;
  /** Decisions on what counts and what does not, a sentence each. */
  readonly counts: readonly string[];
  /** How to repair it, in each tool. `USER_NAME`, `KEY_ID` and the like stand for the subject's own. */
  readonly fix: { readonly cli: string; readonly cloudFormation: string; readonly terraform: string };
  /**
   * The same for one finding, where its evidence says what to write. The placeholders that are left stand for what a shell has to
   * get in quotes: `cli` alone has any.
   */
  readonly fixOf?: (found: Found) => Guidance["fix"];
}

/** What is kept of a violation. */
export interface Found {
  readonly subject: Subject;
  readonly evidence: Evidence;
}

/** An event source and name, as in CloudTrail without the domain: `iam:CreateUser`, `signin:ConsoleLogin`. */
export type Hint = `${string}:${string}`;

/** Roles that the settings take out of scope. Patterns may hold `*`; tags count only if the settings trust tags. */
export interface RoleExclusions {
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly trustTags: boolean;
}

/** What a control is told besides the facts. `now` is the only clock it has. */
export interface EvaluationContext<Options> {
  readonly now: Date;
  readonly options: Options;
  readonly excludedRoles: RoleExclusions;
  /** The organization as one of its accounts sees it. */
  readonly organization: Fact<OrganizationView>;
  /** Who else is in the subject's account. */
  readonly neighbours: Neighbours;
}

/** What a plan has to know of the account, which no facts say. */
export interface RepairContext {
  /** The ARN of the policy that the settings name as this account's permissions boundary; `null`: they name none. */
  readonly boundaryArn: string | null;
  /** Whether the account is a member whose root credentials can be deleted through central root access. */
  readonly centralRootAccess: boolean;
}

/** What the settings say for one plan. */
export interface PlanContext<Options> extends EvaluationContext<Options> {
  readonly repair: RepairContext;
}

/** A plan is made for one finding, of which iam-warden's own tags tell. */
export interface PlanningContext<Options> extends PlanContext<Options> {
  readonly findingId: string;
}

/** How violations of a control are repaired. Plans are pure, as `evaluate` is. */
export interface Repair<K extends SubjectKind, Options> {
  /** Every write that the plans may make, undo included. A plan that makes another does not compile. */
  readonly writes: readonly WriteName[];
  /** What to do about a violation. */
  readonly plan: (facts: FactsByKind[K], context: PlanningContext<Options>) => AnyPlan;
  /** What finishes for good, when nobody missed what `plan` took away: irreversible, so a person has to approve it. */
  readonly finalPlan?: (facts: FactsByKind[K], context: PlanningContext<Options>) => AnyPlan;
  /**
   * Present where the repair makes the violation harmless without ending it: what holds afterwards, as a sentence. Such a
   * repair is verified once its writes are seen to stand; the finding stays open.
   */
  readonly contains?: string;
  /**
   * Present where nobody should be surprised by it: without a ladder of the settings' own it only notifies, so that a person
   * approves each repair.
   */
  readonly waitsForApproval?: true;
  /** Present where the plan takes the place of a boundary that nobody approved, so that its undo attaches such a one again. */
  readonly replacesBoundary?: true;
  /** What it does and what holds it up, a sentence each, for the docs page. */
  readonly notes: readonly string[];
}

/** A repair as it is declared: `writes` alone says what W is, and the plans are held to it. */
interface DeclaredRepair<K extends SubjectKind, Options, W extends WriteName> extends Repair<K, Options> {
  readonly writes: readonly W[];
  readonly plan: (facts: FactsByKind[K], context: PlanningContext<Options>) => NoInfer<Plan<W>>;
  readonly finalPlan?: (facts: FactsByKind[K], context: PlanningContext<Options>) => NoInfer<Plan<W>>;
}

interface ControlBase<Id extends string, Options> {
  /** Names the bad state; also the file's, the test's and the docs page's name. */
  readonly id: Id;
  readonly title: string;
  readonly severity: Severity;
  readonly frameworks: Frameworks;
  readonly guidance: Guidance;
  /** Most organizations would not ask for it: it judges nothing until the settings switch it on. */
  readonly isOffByDefault?: true;
  /** Options with their defaults; a number's name ends in its unit, e.g. `maxAgeDays`. */
  readonly options: z.ZodType<Options>;
}

/** Judges the live state of a subject. Pure: no I/O, no clock of its own. */
export interface StateControl<K extends SubjectKind = SubjectKind, Options = unknown, Id extends string = string>
  extends ControlBase<Id, Options> {
  readonly type: "state";
  /** The kinds of subject that it judges alike. */
  readonly subjects: readonly K[];
  /** The events after which the subject may have changed for this control. */
  readonly hints: readonly Hint[];
  /** Present where a finding of IAM Access Analyzer about the subject tells as much, which is no call. */
  readonly analyzerFindings?: true;
  /** The parts of a user's credentials that the verdict rests on: what is re-read live when the report is stale. */
  readonly credentials: readonly CredentialPart[];
  /** Present where the verdict rests on the policies in force for a user or role: they are then read with it. */
  readonly policies?: true;
  /** Present where the verdict rests on whether anybody has a console password: a repair waits for a credential report. */
  readonly consoleUsers?: true;
  readonly evaluate: (facts: FactsByKind[K], context: EvaluationContext<Options>) => Verdict;
  /** Absent where nothing safe can be done from here. */
  readonly repair?: Repair<K, Options>;
}

/** What an activity control says of one CloudTrail record: nothing, or that it is a finding. */
export interface Activity {
  readonly severity: Severity;
  readonly reason: string;
  readonly evidence: Evidence;
  readonly subject: Subject;
  /** Records of one episode (a sign-in and the calls that follow it) share this; a new one is told anew. */
  readonly episode: string;
  /** When the session began, or the call was made that has none: after its finding was resolved, this is told anew. */
  readonly startedAt: Date;
  /** Nobody got in: what is only tried is no use of the subject. */
  readonly isAttempt?: true;
}

/** Judges a CloudTrail record, where the record itself is the fact. */
export interface ActivityControl<Options = unknown, Id extends string = string> extends ControlBase<Id, Options> {
  readonly type: "activity";
  readonly subjects: readonly SubjectKind[];
  /** EventBridge patterns over the whole envelope that deliver the records this control judges; `source` is pinned. */
  readonly patterns: readonly EventPattern[];
  /** Reads count too: EventBridge hands them only to rules in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`. */
  readonly needsReadEvents: boolean;
  /** The title of what was only tried, where the control judges attempts and more than attempts. */
  readonly attemptTitle?: string;
  readonly judge: (record: CloudTrailRecord, context: EvaluationContext<Options>) => Activity | undefined;
}

/** An EventBridge event pattern: nested objects of lists of values or matchers. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Json[];
}

/**
 * A control whose options' type is forgotten. The only context it takes comes from `contextFor`, where the control's own
 * schema parsed the options: no other code has to vouch for them.
 */
type Forget<C extends { readonly options: unknown }> = Omit<C, "options"> & { readonly options: z.ZodType<unknown> };
/** A control that judges subjects of kind K, and maybe of others too. */
export type StateControlOf<K extends SubjectKind> = Omit<Forget<StateControl<K, never>>, "subjects"> & {
  readonly subjects: readonly SubjectKind[];
};
export type AnyStateControl = { readonly [K in SubjectKind]: StateControlOf<K> }[SubjectKind];
export type AnyActivityControl = Forget<ActivityControl<never>>;
export type AnyControl = AnyStateControl | AnyActivityControl;

/** The options of a control that has none. */
export const noOptions = z.strictObject({});

/** Declares a control over the state of one kind of subject. */
export const defineControl = <
  const Id extends string,
  K extends SubjectKind,
  Options,
  const W extends WriteName = never,
>(
  control: Omit<StateControl<K, Options, Id>, "type" | "credentials" | "repair"> & {
    readonly credentials?: readonly CredentialPart[];
    readonly repair?: DeclaredRepair<K, Options, W>;
  },
): StateControl<K, Options, Id> => ({ credentials: [], ...control, type: "state" });

/** Declares a control over CloudTrail records. */
export const defineActivityControl = <const Id extends string, Options>(
  control: Omit<ActivityControl<Options, Id>, "type">,
): ActivityControl<Options, Id> => ({ ...control, type: "activity" });
