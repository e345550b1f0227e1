import type { Statement } from "../policy/language/document.ts";
import type { Ternary } from "../policy/language/ternary.ts";
import type { Authorization } from "../policy/request/authorize.ts";
import { evaluatePolicies, type Request, statementMatches } from "../policy/request/evaluate.ts";
import { addPolicy, applyChange, replaceStatement } from "./apply-change.ts";
import { type Change, changeForDenial, changeForMissing } from "./change.ts";
import type { Citation } from "./citation.ts";
import { decide, type Question } from "./decide.ts";
import { type HeldLayers, type HeldPolicy, type Place, placesOf } from "./layers.ts";
import { type NearMiss, nearMissOf } from "./near-miss.ts";

/** One thing that keeps a request from being allowed, by itself. */
export interface Obstacle extends Place {
  /** `unknown`: a part that nobody read or can judge decides. */
  readonly kind: "explicitDeny" | "notAllowed" | "unknown";
  /** The statement that denies, or that nobody can judge. */
  readonly statement?: Citation;
  /** The Allow statement that comes closest, where nothing allows. */
  readonly near?: NearMiss;
  readonly change: Change;
}

const nothing: Statement = { effect: "Allow", actions: [], conditions: {}, unknownElements: [] };
const everything: HeldPolicy = {
  name: "everything",
  document: { statements: [{ ...nothing, actions: ["*"] }] },
};

/**
 * All that keeps a request from being allowed, what decides first: each obstacle is found as `authorize` finds it once those
 * before it are out of the way, by their own change where that is one of a policy. So the changes together are enough.
 */
export const obstaclesOf = (layers: HeldLayers, question: Question): readonly Obstacle[] => {
  const found: Obstacle[] = [];
  // A role without a trust policy is one whose trust policy names nobody.
  for (let left: HeldLayers = question.byTrust ? { resource: [], ...layers } : layers; ; ) {
    const decided = decide(left, question);
    if (decided.decision === "allow") return found;
    const obstacle = obstacleAt(left, question, decided);
    const changed = applyChange(left, obstacle, obstacle.change);
    const isOut = changed !== undefined && !isSame(obstacle, decide(changed, question), changed, question);
    left = isOut ? changed : withoutIt(left, obstacle);
    found.push(obstacle);
  }
};

/** The place that decides: of the SCPs' nodes the first that says so. */
const placeOf = (layers: HeldLayers, { request }: Question, { layer, decision }: Authorization): Place => {
  const places = placesOf(layers).filter((each) => each.layer === layer);
  const said = places.find(
    ({ policies }) =>
      evaluatePolicies(
        policies.map(({ document }) => document),
        request,
      ).decision === decision,
  );
  const { node } = said ?? places[0] ?? {};
  return { layer, ...(node !== undefined && { node }) };
};

const isSame = (obstacle: Obstacle, decided: Authorization, layers: HeldLayers, question: Question): boolean => {
  if (decided.decision === "allow" || decided.layer !== obstacle.layer) return false;
  const { node } = placeOf(layers, question, decided);
  const kind = decided.decision === "implicitDeny" ? "notAllowed" : decided.decision;
  return node === obstacle.node && kind === obstacle.kind;
};

const policiesAt = (layers: HeldLayers, { layer, node }: Place): readonly HeldPolicy[] =>
  placesOf(layers).find((each) => each.layer === layer && each.node === node)?.policies ?? [];

/** The first statement of a place that is about a request in a way. */
export const citeAt = (
  layers: HeldLayers,
  place: Place,
  request: Request,
  effect: Statement["effect"],
  matches: Ternary,
): Citation | undefined => {
  for (const policy of policiesAt(layers, place))
    for (const [index, statement] of policy.document.statements.entries())
      if (statement.effect === effect && statementMatches(statement, request) === matches)
        return { layer: place.layer, ...(place.node !== undefined && { node: place.node }), policy, index, statement };
  return undefined;
};

const obstacleAt = (layers: HeldLayers, question: Question, decided: Authorization): Obstacle => {
  const { request, byTrust = false } = question;
  const place = placeOf(layers, question, decided);
  const cite = (effect: Statement["effect"], matches: Ternary) => citeAt(layers, place, request, effect, matches);
  if (decided.decision === "explicitDeny") {
    const statement = cite("Deny", true);
    if (statement) return { ...place, kind: "explicitDeny", statement, change: changeForDenial(statement, request) };
  }
  if (decided.decision === "unknown") {
    const statement = cite("Deny", "unknown") ?? cite("Allow", "unknown");
    const why =
      statement?.policy.unread ?? "a statement has an element or an operator that the policy language does not have";
    return { ...place, kind: "unknown", ...(statement && { statement }), change: { kind: "read", why } };
  }
  const near = nearMissOf(policiesAt(layers, place), place, request);
  const change = changeForMissing(request, place, near, byTrust);
  return { ...place, kind: "notAllowed", ...(near && { near }), change };
};

/** As if somebody had taken an obstacle out of the way. What nobody read may allow as well as deny. */
const withoutIt = (layers: HeldLayers, obstacle: Obstacle): HeldLayers => {
  const { kind, statement } = obstacle;
  const isDenial = statement !== undefined && (kind === "explicitDeny" || statement.statement.effect === "Deny");
  if (!isDenial) return addPolicy(layers, obstacle, everything);
  const left = replaceStatement(layers, statement, nothing);
  return statement.policy.unread === undefined ? left : addPolicy(left, obstacle, everything);
};
