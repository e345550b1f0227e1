import type { Statement } from "../policy/language/document.ts";
import { type Request, statementMatches } from "../policy/request/evaluate.ts";
import { judgeConditions, unknownKeys } from "./conditions.ts";
import { decide, type Question } from "./decide.ts";
import { type HeldLayers, mapPolicies, placesOf } from "./layers.ts";
import { partMatches } from "./near-miss.ts";

/** What a statement could do, had the request the right values. */
const openKeysOf = (statement: Statement, request: Request): readonly string[] => {
  const keys = unknownKeys(statement, request.context);
  if (keys.length === 0) return [];
  if (!partMatches("Action", statement, request) || !partMatches("Principal", statement, request)) return [];
  const hasVariable = [...(statement.resources ?? []), ...(statement.notResources ?? [])].some((each) =>
    each.includes("${"),
  );
  if (!hasVariable && !partMatches("Resource", statement, request)) return [];
  const isDecided = judgeConditions(statement.conditions, request.context).some(
    ({ key, holds }) => holds === false && request.context.has(key.toLowerCase()),
  );
  return isDecided ? [] : keys;
};

const holding = ({ resources, notResources, ...statement }: Statement): Statement => ({ ...statement, conditions: {} });

/** The layers as they are if every open statement of an effect is in force, and every one of the other is not. */
const supposing = (layers: HeldLayers, request: Request, inForce: Statement["effect"]): HeldLayers =>
  mapPolicies(layers, (policies) =>
    policies.map((policy) => ({
      ...policy,
      document: {
        ...policy.document,
        statements: policy.document.statements.flatMap((statement) => {
          if (openKeysOf(statement, request).length === 0) return [statement];
          return statement.effect === inForce ? [holding(statement)] : [];
        }),
      },
    })),
  );

/**
 * The condition keys of unknown value on which it depends whether a request is allowed; none if it is, or is not, whatever
 * they are. Where AWS said that a denial decided which no known value meets: those of the denials that may be it.
 */
export const decidingKeys = (layers: HeldLayers, question: Question): readonly string[] => {
  const { request } = question;
  const isAllowed = (inForce: Statement["effect"]): boolean =>
    decide(supposing(layers, request, inForce), question).decision === "allow";
  const isOpen = isAllowed("Allow") !== isAllowed("Deny");
  const statements = isOpen
    ? placesOf(layers).flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements))
    : toldDenials(layers, question);
  const keys = statements.flatMap((statement) => openKeysOf(statement, request));
  return [...new Map(keys.map((key) => [key.toLowerCase(), key])).values()].sort();
};

/** The denials of which AWS said that one decided, unless it is plain which. */
const toldDenials = (layers: HeldLayers, { request, toldDeny }: Question): readonly Statement[] => {
  const denials = placesOf(layers)
    .filter(({ layer }) => layer === toldDeny)
    .flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements))
    .filter(({ effect }) => effect === "Deny");
  return denials.some((statement) => statementMatches(statement, request) === true) ? [] : denials;
};
