import type { KnownAction } from "./actions/decode.ts";
import { expandActions, expandNotActions, type UnknownPattern } from "./actions/expand.ts";
import { type Answer, everything } from "./answer.ts";
import { can } from "./effective.ts";
import type { PrincipalLayers } from "./layers.ts";
import type { RequestContext } from "./variables.ts";

export interface EffectiveActions {
  /** The documented actions that the principal can do somewhere, perhaps under conditions, and how. */
  readonly actions: ReadonlyMap<KnownAction, Answer>;
  /** What its policies allow and the table does not know. */
  readonly unknown: readonly UnknownPattern[];
}

/**
 * Every documented action that a principal can do on at least one resource. An administrator's take half a second of CPU: controls
 * that look for a few actions ask `can` for these.
 */
export const effectiveActions = (layers: PrincipalLayers, given?: RequestContext): EffectiveActions => {
  const expansions = layers.identity.flatMap(({ document }) =>
    document.statements.flatMap(({ effect, actions, notActions }) => {
      if (effect === "Deny") return [];
      return [actions ? expandActions(actions) : notActions ? expandNotActions(notActions) : expandActions([])];
    }),
  );
  const candidates = new Set(expansions.flatMap(({ actions }) => actions));
  const answers = [...candidates].map((action) => {
    const on = action.hasResources ? { some: "*" } : everything;
    return [action, can(layers, action.id, on, given)] as const;
  });
  return {
    actions: new Map(answers.filter(([, { decision }]) => decision !== "no")),
    unknown: expansions.flatMap(({ unknown }) => unknown),
  };
};
