import { parsePolicy, type Statement } from "../policy/language/document.ts";
import type { Change } from "./change.ts";
import type { Citation } from "./citation.ts";
import { type HeldLayers, type HeldPolicy, mapPolicies, type Place } from "./layers.ts";

const isAt = (a: Place, b: Place): boolean => a.layer === b.layer && a.node === b.node;

/** The layers with one statement made another. It keeps its place, so that those after it keep theirs. */
export const replaceStatement = (layers: HeldLayers, at: Citation, by: Statement): HeldLayers =>
  mapPolicies(layers, (policies, place) =>
    isAt(place, at)
      ? policies.map((policy) => ({
          ...policy,
          document: {
            ...policy.document,
            statements: policy.document.statements.map((each) => (each === at.statement ? by : each)),
          },
        }))
      : policies,
  );

/** The layers with one more policy in a place. */
export const addPolicy = (layers: HeldLayers, at: Place, policy: HeldPolicy): HeldLayers =>
  mapPolicies(layers, (policies, place) => (isAt(place, at) ? [...policies, policy] : policies));

const withValues = (
  { conditions, ...statement }: Statement,
  more: Extract<Change, { kind: "addConditionValues" }>["conditions"],
): Statement => ({
  ...statement,
  conditions: Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, values]) => [
          key,
          [...values, ...(more.find((each) => each.operator === operator && each.key === key)?.values ?? [])],
        ]),
      ),
    ]),
  ),
});

/** The layers as a change of a policy would leave them; `undefined` for one that changes no policy. */
export const applyChange = (layers: HeldLayers, place: Place, change: Change): HeldLayers | undefined => {
  switch (change.kind) {
    case "addStatement":
      return addPolicy(layers, place, {
        name: "added",
        document: parsePolicy({ Version: "2012-10-17", Statement: change.statement }),
      });
    case "addResource": {
      const { to, resource } = change;
      return replaceStatement(layers, to, {
        ...to.statement,
        resources: [...(to.statement.resources ?? []), resource],
      });
    }
    case "addConditionValues":
      return replaceStatement(layers, change.to, withValues(change.to.statement, change.conditions));
    case "changeRequest":
    case "narrowDeny":
    case "none":
    case "read":
      return undefined;
  }
};
