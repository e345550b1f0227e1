import type { Statement } from "../policy/language/document.ts";
import { type Request, statementMatches } from "../policy/request/evaluate.ts";
import type { Citation } from "./citation.ts";
import { type JudgedCondition, judgeConditions } from "./conditions.ts";
import type { HeldPolicy, Place } from "./layers.ts";

/** An Allow statement about the action that does not allow the request, and all that it lacks. */
export interface NearMiss extends Citation {
  readonly misses: readonly ("resource" | "principal" | "conditions")[];
  /** Those that do not hold. */
  readonly conditions: readonly JudgedCondition[];
}

type Part = "Action" | "Resource" | "Principal";

/** A statement with one of its parts alone. */
const only = (part: Part, { actions, notActions, resources, notResources, principals, notPrincipals }: Statement) => {
  const parts = {
    Action: { ...(actions && { actions }), ...(notActions && { notActions }) },
    Resource: { actions: ["*"], ...(resources && { resources }), ...(notResources && { notResources }) },
    Principal: { actions: ["*"], ...(principals && { principals }), ...(notPrincipals && { notPrincipals }) },
  };
  return { effect: "Allow", conditions: {}, unknownElements: [], ...parts[part] } satisfies Statement;
};

/** Whether a part of a statement is about a request, whatever the others say. */
export const partMatches = (part: Part, statement: Statement, request: Request): boolean =>
  statementMatches(only(part, statement), request) === true;

/** The Allow statement that comes closest to allowing a request, of those that are about its action. */
export const nearMissOf = (policies: readonly HeldPolicy[], place: Place, request: Request): NearMiss | undefined =>
  policies
    .flatMap((policy) =>
      policy.document.statements.flatMap((statement, index): NearMiss[] => {
        if (statement.effect !== "Allow" || !partMatches("Action", statement, request)) return [];
        const conditions = judgeConditions(statement.conditions, request.context).filter(({ holds }) => holds !== true);
        const misses = [
          ...(partMatches("Principal", statement, request) ? [] : (["principal"] as const)),
          ...(partMatches("Resource", statement, request) ? [] : (["resource"] as const)),
          ...(conditions.length === 0 ? [] : (["conditions"] as const)),
        ];
        return [{ ...place, policy, index, statement, misses, conditions }];
      }),
    )
    .sort((a, b) => a.misses.length - b.misses.length || a.conditions.length - b.conditions.length)[0];
