import type { Layer } from "../policy/request/authorize.ts";
import type { Decision } from "../policy/request/evaluate.ts";
import type { Citation } from "./citation.ts";
import { decide, type Question } from "./decide.ts";
import type { HeldLayers } from "./layers.ts";
import { placesOf } from "./layers.ts";
import { citeAt, type Obstacle, obstaclesOf } from "./obstacles.ts";
import { decidingKeys } from "./open-keys.ts";

/**
 * What can be done about a request. `allowed`: nothing has to be. `depends`: on condition keys whose values nobody knows.
 * `changePolicies`, `changeRequest`: what the obstacles' changes say. `leaveDenied`: something denies it that should.
 * `unknown`: what was not read, or cannot be judged, decides.
 */
export type Verdict = "allowed" | "depends" | "changePolicies" | "changeRequest" | "leaveDenied" | "unknown";

export interface Explanation {
  /** As `authorize` decides with the context that is known. */
  readonly decision: Decision;
  /** The layer that decides. */
  readonly layer: Layer;
  readonly verdict: Verdict;
  /** The statement that allows, where one is needed. */
  readonly allowedBy?: Citation;
  /** What decides first, then what would still be in the way. Empty where it is allowed. */
  readonly obstacles: readonly Obstacle[];
  /** Condition keys that decide, and of which the request's values are not known. */
  readonly dependsOn: readonly string[];
}

/** Says which layer decides about a request, by which statement, and what the smallest change would be that allows it. */
export const explainRequest = (layers: HeldLayers, question: Question): Explanation => {
  const { decision, layer } = decide(layers, question);
  const obstacles = obstaclesOf(layers, question);
  const dependsOn = decidingKeys(layers, question);
  const allowedBy =
    decision === "allow"
      ? placesOf(layers)
          .filter((place) => place.layer === layer)
          .map((place) => citeAt(layers, place, question.request, "Allow", true))
          .find((citation) => citation !== undefined)
      : undefined;
  const verdict = verdictOf(decision, obstacles, dependsOn);
  return { decision, layer, verdict, ...(allowedBy && { allowedBy }), obstacles, dependsOn };
};

const verdictOf = (decision: Decision, obstacles: readonly Obstacle[], dependsOn: readonly string[]): Verdict => {
  const kinds = new Set(obstacles.map(({ change }) => change.kind));
  if (dependsOn.length > 0) return "depends";
  if (decision === "allow") return "allowed";
  if (kinds.has("none")) return "leaveDenied";
  // What is denied for certain stays so, whatever else was not read.
  if (decision === "unknown") return "unknown";
  return [...kinds].every((kind) => kind === "changeRequest" || kind === "read") ? "changeRequest" : "changePolicies";
};
