import type { Change } from "../../shared/explain/change.ts";
import { type Citation, type StatementJson, statementJson } from "../../shared/explain/citation.ts";
import type { JudgedCondition } from "../../shared/explain/conditions.ts";
import type { ToldDenial } from "../../shared/explain/denial-message.ts";
import type { Explanation, Verdict } from "../../shared/explain/explain.ts";
import type { HeldLayers, Place } from "../../shared/explain/layers.ts";
import type { Obstacle } from "../../shared/explain/obstacles.ts";
import type { Refusal } from "../../shared/explain/refusal.ts";
import { statementName } from "../../shared/policy/principal/layers.ts";

/** A statement, quoted. */
export interface Quote {
  readonly policy: string;
  /** Of a managed policy, or an SCP. */
  readonly arn?: string;
  /** The group that the caller has it from. */
  readonly via?: string;
  /** Its Sid, or where it stands. */
  readonly name: string;
  readonly document: StatementJson;
}

export interface ReportedPlace {
  readonly layer: Place["layer"] | "trust";
  /** Of the service control policies: the root, the unit or the account. */
  readonly node?: { readonly id: string; readonly name: string };
}

type Reported<C> = C extends { readonly to: Citation }
  ? Omit<C, "to"> & { readonly to: Quote }
  : C extends { readonly of: Citation }
    ? Omit<C, "of"> & { readonly of: Quote }
    : C;

export interface ReportedObstacle extends ReportedPlace {
  readonly kind: Obstacle["kind"];
  readonly statement?: Quote;
  /** The Allow that comes closest, and what it lacks. */
  readonly near?: Quote & { readonly misses: readonly string[]; readonly conditions: readonly JudgedCondition[] };
  readonly change: Reported<Change>;
}

/** What `warden explain --format json` prints of one request. */
export interface ExplainReport {
  readonly request: {
    /** ARN of the caller, of the session where it is one; the name of a service. */
    readonly principal: string;
    readonly action: string;
    /** Absent: not known. */
    readonly resource?: string;
    /** Condition keys that are known, in lower case; a key without values is one that the request does not have. */
    readonly context: Readonly<Record<string, readonly string[]>>;
  };
  /** What AWS said, where a record was given. */
  readonly told?: ToldDenial & { readonly at: string; readonly errorCode?: string; readonly message?: string };
  /** Why the call is refused whatever the policies say. */
  readonly refusal?: Refusal;
  readonly verdict: Verdict | "refused";
  readonly decision?: Explanation["decision"];
  readonly decidedBy?: ReportedPlace;
  readonly allowedBy?: Quote;
  /** What decides first, then what else is in the way. */
  readonly obstacles: readonly ReportedObstacle[];
  /** Condition keys of unknown value on which it depends. */
  readonly dependsOn: readonly string[];
  /** What has a say and was not read, and what the record leaves out: sentences. */
  readonly notKnown: readonly string[];
}

const quoteOf = (citation: Citation): Quote => {
  const { policy, statement } = citation;
  const { name, arn, via, unread } = policy;
  return {
    policy: name,
    ...(arn !== undefined && { arn }),
    ...(via !== undefined && { via }),
    name: statementName(citation),
    document: unread === undefined ? statementJson(statement, policy.document) : {},
  };
};

const changeOf = (change: Change): Reported<Change> => {
  switch (change.kind) {
    case "addResource":
    case "addConditionValues":
      return { ...change, to: quoteOf(change.to) };
    case "changeRequest":
    case "narrowDeny":
      return { ...change, of: quoteOf(change.of) };
    default:
      return change;
  }
};

/** An explanation as plain JSON. */
export const reportedExplanation = (
  { decision, layer, verdict, allowedBy, obstacles, dependsOn }: Explanation,
  layers: HeldLayers,
  byTrust: boolean,
): Pick<ExplainReport, "verdict" | "decision" | "decidedBy" | "allowedBy" | "obstacles" | "dependsOn"> => {
  const placeOf = (place: Place): ReportedPlace => {
    const node = layers.serviceControl?.find(({ id }) => id === place.node);
    return {
      layer: byTrust && place.layer === "resource" ? "trust" : place.layer,
      ...(node && { node: { id: node.id, name: node.name } }),
    };
  };
  return {
    verdict,
    decision,
    decidedBy: placeOf(obstacles[0] ?? { layer }),
    ...(allowedBy && { allowedBy: quoteOf(allowedBy) }),
    obstacles: obstacles.map((obstacle): ReportedObstacle => {
      const { kind, statement, near, change } = obstacle;
      return {
        ...placeOf(obstacle),
        kind,
        ...(statement && { statement: quoteOf(statement) }),
        ...(near && { near: { ...quoteOf(near), misses: near.misses, conditions: near.conditions } }),
        change: changeOf(change),
      };
    }),
    dependsOn,
  };
};
